/**
 * Returns the CRC-32 of bytes (polynomial 0x04c11db7 of IEEE 802.3, as in zlib, gzip and PNG). It detects damage, not
 * forgery. Uses zlib on Node.js, and a table elsewhere.
 *
 * @param initial - CRC of the preceding bytes, to continue from.
 * @example
 * ```ts
 * import { crc32 } from "@void-system/bytes";
 * crc32(new TextEncoder().encode("123456789")); // => 0xcbf43926
 * ```
 */
export function crc32(bytes: Uint8Array, initial = 0): number {
  // Given an empty array without a buffer, zlib ignores `initial`.
  if (bytes.length === 0) return initial;
  builtin ??= typeof process === "object" ? (process.getBuiltinModule?.("node:zlib")?.crc32 ?? byTable) : byTable;
  return builtin(bytes, initial >>> 0);
}

type Crc32 = (bytes: Uint8Array, initial: number) => number;

let builtin: Crc32 | undefined;
let table: Uint32Array | undefined;

/** Computes the same checksum in JavaScript, for platforms without zlib. */
export function byTable(bytes: Uint8Array, initial: number): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => {
    let rest = byte;
    for (let bit = 0; bit < 8; bit += 1) rest = rest & 1 ? (rest >>> 1) ^ 0xed_b8_83_20 : rest >>> 1;
    return rest;
  });
  let crc = ~initial;
  for (const byte of bytes) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] ?? 0);
  return ~crc >>> 0;
}
