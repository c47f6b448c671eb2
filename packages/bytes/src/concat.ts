/**
 * Joins all parts, in order, into a new array. The result is a copy even of a single part.
 *
 * @example
 * ```ts
 * import { concatBytes } from "@void-system/bytes";
 * concatBytes([Uint8Array.of(1), Uint8Array.of(2, 3)]); // => Uint8Array.of(1, 2, 3)
 * ```
 */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const joined = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    joined.set(part, at);
    at += part.length;
  }
  return joined;
}
