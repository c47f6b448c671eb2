import { Point } from "@noble/ed25519";
import { _SHA512 as SHA512 } from "@noble/hashes/sha2.js"; // the bare class, because `sha512` would add its wrapper to bundles
import { constantTimeEqual, isBytes } from "../bytes.ts";

/** Length of an Ed25519 signature in bytes. */
export const SIGNATURE_BYTES = 64;

/** Bytes of R, the first part of a signature. */
const R_BYTES = 32;
/** Order of the prime-order group (RFC 8032 §5.1, L). */
const ORDER = /* @__PURE__ */ (() => Point.CURVE().n)();

/**
 * Checks a signature by RFC 8032 §5.1.7 without the factor 8: encode([S]B - [k]A) = R, byte for byte, as OpenSSL does.
 * noble's own `verify` multiplies by 8 and so accepts an R with a torsion part that node:crypto refuses. For an A in the
 * prime-order group, the left side is in it too, so no other R, and no second encoding of the same R, can pass.
 *
 * @param key the 32 bytes that encode `point`
 */
export function satisfiesEquation(bytes: Uint8Array, signature: Uint8Array, key: Uint8Array, point: Point): boolean {
  if (!isBytes(bytes) || !isBytes(signature) || signature.length !== SIGNATURE_BYTES) return false;
  if (hasNeutralR(signature)) return false;
  const s = littleEndian(signature.subarray(R_BYTES));
  if (s >= ORDER) return false; // a second form of the same signature
  const r = signature.subarray(0, R_BYTES);
  const k = littleEndian(new SHA512().update(r).update(key).update(bytes).digest()) % ORDER;
  return constantTimeEqual(Point.BASE.multiply(s, false).subtract(point.multiply(k, false)).toBytes(), r);
}

/**
 * Returns true if R is the neutral element, which no honest signer makes. OpenSSL accepts it up to 3.4 and refuses it
 * from 3.5 on, so Node 20 and Node 24 would disagree. Here it is always refused. All other points of small order fail
 * the equation, because a loaded key has no such part.
 */
export function hasNeutralR(signature: Uint8Array): boolean {
  if (signature[0] !== 1) return false;
  for (let at = 1; at < R_BYTES; at += 1) if (signature[at] !== 0) return false;
  return true;
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let at = bytes.length - 1; at >= 0; at -= 1) value = (value << 8n) | BigInt(bytes[at] ?? 0);
  return value;
}
