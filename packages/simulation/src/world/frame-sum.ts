/** Most bytes of a frame that go into its checksum one and all. Of a longer frame, it takes a sample. */
const WHOLE_BYTES_MAX = 256;
/** Bytes at either end of a longer frame, where headers and counters are. */
const END_BYTES = 32;
/** Bytes between two that are sampled in the middle: about this many are read. */
const SAMPLES = 64;

/**
 * Returns a checksum of a frame, 30 bits in the manner of MurmurHash3, which shows a frame that changes on its way. It
 * takes longer frames by their ends and a sample between them: a buffer that was used again differs in more than one
 * byte.
 */
export function frameSum(frame: Uint8Array): number {
  const { length } = frame;
  if (length <= WHOLE_BYTES_MAX) return summed(frame, 0, length, length) >>> 2;
  let sum = summed(frame, 0, END_BYTES, length);
  const step = Math.ceil(length / SAMPLES);
  for (let at = END_BYTES; at < length - END_BYTES; at += step) sum = mixed(sum, frame[at] ?? 0);
  return summed(frame, length - END_BYTES, length, sum) >>> 2;
}

function summed(frame: Uint8Array, from: number, to: number, start: number): number {
  let sum = start;
  let at = from;
  for (; at + 3 < to; at += 4) {
    // In range: `at + 3 < to <= length`.
    sum = mixed(
      sum,
      (frame[at] ?? 0) | ((frame[at + 1] ?? 0) << 8) | ((frame[at + 2] ?? 0) << 16) | ((frame[at + 3] ?? 0) << 24)
    );
  }
  for (; at < to; at += 1) sum = mixed(sum, frame[at] ?? 0);
  return sum;
}

function mixed(sum: number, word: number): number {
  const hash = sum ^ Math.imul(word, 0xcc9e2d51);
  return (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0;
}
