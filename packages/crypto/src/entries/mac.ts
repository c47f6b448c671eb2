/**
 * HMAC-SHA256 (RFC 2104): tags between those who share a key.
 *
 * @packageDocumentation
 */
export { constantTimeEqual } from "../bytes.ts";
export {
  CryptoError,
  InvalidOptionError,
  InvalidRandomnessError,
  InvalidSecretKeyError,
  SecretDestroyedError,
} from "../errors.ts";
export { hmacSha256 } from "../hash/hmac.ts";
export { Mac } from "../hash/mac.ts";
export type { Random, RandomOptions } from "../keys/random.ts";
export { generateKey, importKey, type KeyAlgorithm, type SecretKey, type ShownKey } from "../keys/secret-key.ts";
export type { SignatureAlgorithm } from "../keys/signature.ts";
