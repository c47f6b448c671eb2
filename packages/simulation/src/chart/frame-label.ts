const TEXT_MAX = 60;
const BYTES_SHOWN = 8;

/** Returns a label of a frame: its text if printable, otherwise its length and first bytes. */
export function frameLabel(frame: Uint8Array): string {
  if (frame.length > 0 && frame.every((byte) => byte >= 0x20 && byte < 0x7f)) {
    const text = String.fromCharCode(...frame.subarray(0, TEXT_MAX));
    return frame.length > TEXT_MAX ? `"${text}…"` : `"${text}"`;
  }
  const hex = Array.from(frame.subarray(0, BYTES_SHOWN), (byte) => byte.toString(16).padStart(2, "0")).join(" ");
  const unit = frame.length === 1 ? "byte" : "bytes";
  return `${frame.length} ${unit}${hex === "" ? "" : ` (${hex}${frame.length > BYTES_SHOWN ? " …" : ""})`}`;
}
