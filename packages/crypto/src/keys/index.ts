export type { KeyAlgorithm, SignatureAlgorithm } from "./algorithm.ts";
export {
  createKeyRing,
  KeyRing,
  type RingKey,
  type RingSignature,
  type RotateOptions,
  type ShownRing,
  type StoredKey,
} from "./key-ring.ts";
export type { PublicKey } from "./public-key.ts";
export type { Random, RandomOptions } from "./random.ts";
export {
  generateKey,
  HYBRID_SECRET_KEY_BYTES,
  importKey,
  SECRET_KEY_BYTES,
  type SecretKey,
  type ShownKey,
} from "./secret-key.ts";
export type { SignatureScheme, Signer, Verifier } from "./signature.ts";
export { type AcceptedKey, KEY_RING_KEYS_MAX, verifierRing, type VerifierRing } from "./verifier-ring.ts";
