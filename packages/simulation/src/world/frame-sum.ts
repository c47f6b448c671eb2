/** Most bytes of a frame that go into its checksum one and all. Of a longer frame, it takes about as many. */
const WHOLE_BYTES_MAX = 64;
/** Bytes at either end of a longer frame, where headers and counters are. */
const END_BYTES = 16;

/**
 * Returns a checksum of a frame, 30 bits and never 0, which shows a frame that changes on its way. It takes longer frames by their
 * ends and a sample between them: a buffer that was used again differs in more than one byte. Two lanes, since each
 * step of one waits for the step before.
 */
export function frameSum(frame: Uint8Array): number {
  const { length } = frame;
  if (length > WHOLE_BYTES_MAX) return sampleSum(frame);
  let left = length;
  let right = 0;
  let at = 0;
  for (; at + 1 < length; at += 2) {
    left = (Math.imul(left, 31) + (frame[at] ?? 0)) | 0;
    right = (Math.imul(right, 33) + (frame[at + 1] ?? 0)) | 0;
  }
  if (at < length) left = (Math.imul(left, 31) + (frame[at] ?? 0)) | 0;
  return finished(left ^ Math.imul(right, 0x85ebca6b));
}

function sampleSum(frame: Uint8Array): number {
  const { length } = frame;
  let left = length;
  let right = 0;
  for (let at = 0; at < END_BYTES; at += 1) {
    left = (Math.imul(left, 31) + (frame[at] ?? 0)) | 0;
    right = (Math.imul(right, 33) + (frame[length - END_BYTES + at] ?? 0)) | 0;
  }
  const step = length >>> 5;
  for (let at = END_BYTES; at < length - END_BYTES; at += step) left = (Math.imul(left, 31) + (frame[at] ?? 0)) | 0;
  return finished(left ^ Math.imul(right, 0x85ebca6b));
}

/** Spreads the low bits, where the last byte is, and keeps 30. */
function finished(sum: number): number {
  return Math.imul(sum, 0x9e3779b1) >>> 2 || 1;
}
