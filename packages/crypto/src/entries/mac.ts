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
export { hmacSha256 } from "../hmac.ts";
export { Mac } from "../mac.ts";
export type { Random, RandomOptions } from "../random.ts";
export { generateKey, importKey, type KeyAlgorithm, type SecretKey, type ShownKey } from "../secret-key.ts";
export type { SignatureAlgorithm } from "../signature.ts";
