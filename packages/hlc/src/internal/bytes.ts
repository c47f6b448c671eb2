/** Order, concatenation and whole numbers of bytes. */

/** Returns a negative number, 0 or a positive one if `a` sorts before, equal to or after `b`. A prefix sorts first. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** Joins all parts into one array. The result is always a copy. */
export function concat(parts: readonly ArrayLike<number>[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const bytes = new Uint8Array(length);
  length = 0;
  for (const part of parts) {
    bytes.set(part, length);
    length += part.length;
  }
  return bytes;
}

/**
 * Writes a whole number in `length` bytes, big-endian, into `bytes` from `offset` on. Allocates if `bytes` is missing.
 */
export function uint(
  value: number,
  length: number,
  bytes: Uint8Array = new Uint8Array(length),
  offset: number = 0,
): Uint8Array {
  for (let index = offset + length; index-- > offset; value = Math.floor(value / 256)) bytes[index] = value % 256;
  return bytes;
}

/** Reads a big-endian whole number, exact for up to 6 bytes. */
export function readUint(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}
