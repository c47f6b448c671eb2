/**
 * Key agreement by X-Wing: ML-KEM-768 and X25519, the secret safe while either is.
 *
 * @packageDocumentation
 */
export {
  CryptoError,
  InvalidCiphertextError,
  InvalidOptionError,
  InvalidPublicKeyError,
  InvalidRandomnessError,
  InvalidSecretKeyError,
  SecretDestroyedError,
} from "../errors.ts";
export type { Random, RandomOptions } from "../keys/random.ts";
export { generateKey, importKey, type KeyAlgorithm, type SecretKey, type ShownKey } from "../keys/secret-key.ts";
export type { SignatureAlgorithm } from "../keys/signature.ts";
export {
  deriveKey,
  type Encapsulation,
  type Kem,
  X_WING_CIPHERTEXT_BYTES,
  X_WING_PUBLIC_KEY_BYTES,
  xWing,
} from "../post-quantum/x-wing.ts";
