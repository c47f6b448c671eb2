import { getPublicKey, hashes, Point, sign } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { concatBytes } from "@noble/hashes/utils.js";
import { keyIdOf, LoadedKey, tryLoadPublicKey } from "../public-key.ts";
import type { SecretKey } from "../secret-key.ts";
import { hasNeutralR, SIGNATURE_BYTES, type SignatureScheme, type Signer } from "../signature.ts";

/** Order of the prime-order group (RFC 8032 §5.1, L). */
const ORDER = Point.CURVE().n;

/** Ed25519 (RFC 8032) in portable code, by noble: browsers, workers, any engine with BigInt. */
export const ed25519: SignatureScheme = {
  algorithm: "ed25519",
  signer,
  verify(bytes, signature, key) {
    if (signature.length !== SIGNATURE_BYTES || hasNeutralR(signature)) return false;
    const loaded = key instanceof Uint8Array ? tryLoadPublicKey(key) : key;
    const point = loaded && LoadedKey.pointOf(loaded);
    return loaded !== undefined && point !== undefined && holds(bytes, signature, loaded.toBytes(), point);
  },
};

function signer(key: SecretKey<"ed25519">): Signer {
  hashes.sha512 = sha512;
  const publicKey = key.use((seed) => getPublicKey(seed));
  return {
    algorithm: "ed25519",
    keyId: keyIdOf(publicKey),
    publicKey,
    sign(bytes) {
      hashes.sha512 = sha512; // a slot shared by all users of noble in the process: never trust what stands in it
      return key.use((seed) => sign(bytes, seed));
    },
  };
}

/**
 * RFC 8032 §5.1.7 without the factor 8: encode([S]B - [k]A) = R, byte for byte, which is what OpenSSL computes. noble's
 * own `verify` multiplies by 8 and so takes an R with a torsion part that node:crypto refuses. As A is in the
 * prime-order group, the left side is too: no other R, and no second encoding of the same R, can pass.
 */
function holds(bytes: Uint8Array, signature: Uint8Array, a: Uint8Array, point: Point): boolean {
  const r = signature.subarray(0, 32);
  const s = littleEndian(signature.subarray(32));
  if (s >= ORDER) return false; // a second form of the same signature
  const k = littleEndian(sha512(concatBytes(r, a, bytes))) % ORDER;
  const expected = Point.BASE.multiply(s, false).subtract(point.multiply(k, false)).toBytes();
  return expected.every((byte, index) => byte === r[index]);
}

function littleEndian(bytes: Uint8Array): bigint {
  let hex = "0x";
  for (let i = bytes.length - 1; i >= 0; i -= 1) hex += (bytes[i] ?? 0).toString(16).padStart(2, "0");
  return BigInt(hex);
}
