/**
 * Key agreement by X-Wing: ML-KEM-768 and X25519, the secret safe while either is.
 *
 * @packageDocumentation
 */
export {
  CryptoError,
  InvalidCiphertextError,
  InvalidPublicKeyError,
  InvalidSecretKeyError,
  SecretDestroyedError,
} from "../errors.ts";
export { generateKey, importKey, type KeyAlgorithm, type SecretKey, type ShownKey } from "../secret-key.ts";
export type { SignatureAlgorithm } from "../signature.ts";
export {
  deriveKey,
  type Encapsulation,
  type Kem,
  X_WING_CIPHERTEXT_BYTES,
  X_WING_PUBLIC_KEY_BYTES,
  X_WING_RANDOMNESS_BYTES,
  xWing,
} from "../x-wing.ts";
