/**
 * ML-DSA-65 and Ed25519 in one signature, which holds while either does.
 *
 * @packageDocumentation
 */
export type { KeyId } from "../brand.ts";
export {
  CryptoError,
  InvalidOptionError,
  InvalidPublicKeyError,
  InvalidRandomnessError,
  InvalidSecretKeyError,
  SecretDestroyedError,
} from "../errors.ts";
export { HYBRID_PUBLIC_KEY_BYTES, HYBRID_SIGNATURE_BYTES, hybridSignature } from "../post-quantum/hybrid-signature.ts";
export type { PublicKey } from "../keys/public-key.ts";
export type { Random, RandomOptions } from "../keys/random.ts";
export { generateKey, importKey, type KeyAlgorithm, type SecretKey, type ShownKey } from "../keys/secret-key.ts";
export type { SignatureAlgorithm, SignatureScheme, Signer, Verifier } from "../keys/signature.ts";
