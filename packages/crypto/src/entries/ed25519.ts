/**
 * Ed25519 (RFC 8032): its keys, signers and verifier.
 *
 * @packageDocumentation
 */
export type { KeyId } from "../brand.ts";
export { ed25519 } from "../ed25519/ed25519.ts";
export { SIGNATURE_BYTES } from "../ed25519/equation.ts";
export { loadPublicKey } from "../ed25519/load-public-key.ts";
export { PUBLIC_KEY_BYTES } from "../ed25519/point.ts";
export {
  CryptoError,
  InvalidOptionError,
  InvalidPublicKeyError,
  InvalidRandomnessError,
  InvalidSecretKeyError,
  SecretDestroyedError,
} from "../errors.ts";
export type { PublicKey } from "../keys/public-key.ts";
export type { Random, RandomOptions } from "../keys/random.ts";
export { generateKey, importKey, type KeyAlgorithm, type SecretKey, type ShownKey } from "../keys/secret-key.ts";
export type { SignatureAlgorithm, SignatureScheme, Signer, Verifier } from "../keys/signature.ts";
