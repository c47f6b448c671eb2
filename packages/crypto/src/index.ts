/**
 * Keys, signatures, MACs and digests, on the fastest implementation that the platform has.
 *
 * @packageDocumentation
 */
export type { KeyId } from "./brand.ts";
export { constantTimeEqual } from "./bytes.ts";
export * from "./errors.ts";
export { Mac } from "./mac.ts";
export { digest, ed25519, hmacSha256 } from "./platform.ts";
export type { Primitives } from "./primitives.ts";
export { loadPublicKey, PUBLIC_KEY_BYTES, type PublicKey } from "./public-key.ts";
export { generateKey, importKey, type KeyAlgorithm, SECRET_KEY_BYTES, type SecretKey, type ShownKey } from "./secret-key.ts";
export { SIGNATURE_BYTES, type SignatureScheme, type Signer, type Verifier } from "./signature.ts";
