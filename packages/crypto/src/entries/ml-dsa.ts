/**
 * ML-DSA-65 (FIPS 204): signatures against quantum computers.
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
export { ML_DSA_65_PUBLIC_KEY_BYTES, ML_DSA_65_SIGNATURE_BYTES, mlDsa65 } from "../post-quantum/ml-dsa.ts";
export type { PublicKey } from "../keys/public-key.ts";
export type { Random, RandomOptions } from "../keys/random.ts";
export { generateKey, importKey, type KeyAlgorithm, type SecretKey, type ShownKey } from "../keys/secret-key.ts";
export type { SignatureAlgorithm, SignatureScheme, Signer, Verifier } from "../keys/signature.ts";
