import { getPublicKey, hashes, Point, sign } from "@noble/ed25519";
import { sha512 } from "@noble/hashes/sha2.js";
import { requireKey } from "../arguments.ts";
import { isBytes, requireBytes } from "../bytes.ts";
import { satisfiesEquation, SIGNATURE_BYTES } from "../ed25519/equation.ts";
import { loadPublicKey, pointOf } from "../ed25519/load-public-key.ts";
import { PUBLIC_KEY_BYTES } from "../ed25519/point.ts";
import { keyIdOf, loadOrRefuse } from "../keys/public-key.ts";
import type { SecretKey } from "../keys/secret-key.ts";
import type { SignatureScheme, Signer } from "../keys/signature.ts";
import type { VerifyUnder } from "../ed25519/internal/single-use.ts";

/** Ed25519 (RFC 8032) in portable code, by noble: browsers, workers, any engine with BigInt. */
export const ed25519: SignatureScheme = {
  algorithm: "ed25519",
  publicKeyBytes: PUBLIC_KEY_BYTES,
  signatureBytes: SIGNATURE_BYTES,
  signer,
  loadPublicKey,
  verify(bytes, signature, key) {
    if (!isBytes(signature) || signature.length !== SIGNATURE_BYTES) return false; // before the cost of loading a key
    const loaded = key instanceof Uint8Array ? loadOrRefuse(loadPublicKey, key) : key;
    const point = loaded ? pointOf(loaded) : undefined;
    return loaded !== undefined && point !== undefined && satisfiesEquation(bytes, signature, loaded.toBytes(), point);
  },
};

function signer(key: SecretKey<"ed25519">): Signer {
  requireKey(key, "ed25519");
  hashes.sha512 = sha512;
  const publicKey = key.use((seed) => getPublicKey(seed));
  return {
    algorithm: "ed25519",
    keyId: keyIdOf(publicKey),
    publicKey,
    sign(bytes) {
      requireBytes("the message", bytes);
      hashes.sha512 = sha512; // shared by all users of noble in the process, so set it before each use
      return key.use((seed) => sign(bytes, seed));
    },
  };
}

/**
 * Checks the equation under 32 bytes that were not loaded but have passed `isStrictPoint`. Such a key may have a
 * torsion part. Because the equation has no factor 8, both paths give one verdict even then.
 */
export function verifierUnder(publicKey: Uint8Array): VerifyUnder {
  let point: Point;
  try {
    point = Point.fromBytes(publicKey, false);
  } catch {
    return () => false; // not a point
  }
  return (bytes, signature) => satisfiesEquation(bytes, signature, publicKey, point);
}
