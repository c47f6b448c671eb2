/** Order, equality and joining of bytes. */

/** Negative, 0 or positive as `a` is before, equal to or after `b`, byte by byte; a prefix is before what it begins. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length);
  for (let index = 0; index < length; index++) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** All parts in one; a copy, always. */
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

/** A whole number in so many bytes, big-endian; written into `bytes` from `offset` on, if they are given. */
export function uint(
  value: number,
  length: number,
  bytes: Uint8Array = new Uint8Array(length),
  offset: number = 0,
): Uint8Array {
  for (let index = offset + length; index-- > offset; value = Math.floor(value / 256)) bytes[index] = value % 256;
  return bytes;
}

/** The whole number that bytes are, big-endian; exact for up to 6 of them. */
export function readUint(bytes: Uint8Array): number {
  let value = 0;
  for (const byte of bytes) value = value * 256 + byte;
  return value;
}
