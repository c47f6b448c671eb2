/**
 * The keys of one signer over time, and rotating them with overlap.
 *
 * @packageDocumentation
 */
export type { KeyId } from "../brand.ts";
export {
  CryptoError,
  InvalidOptionError,
  InvalidPublicKeyError,
  NoSigningKeyError,
  SecretDestroyedError,
} from "../errors.ts";
export {
  createKeyRing,
  KeyRing,
  type RingKey,
  type RingSignature,
  type RotateOptions,
  type ShownRing,
  type StoredKey,
} from "../keys/key-ring.ts";
export type { PublicKey } from "../keys/public-key.ts";
export type { KeyAlgorithm, SecretKey, ShownKey } from "../keys/secret-key.ts";
export type { SignatureAlgorithm, SignatureScheme, Signer, Verifier } from "../keys/signature.ts";
export { type AcceptedKey, KEY_RING_KEYS_MAX, verifierRing, type VerifierRing } from "../keys/verifier-ring.ts";
