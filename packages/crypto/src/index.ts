/**
 * Keys, signatures, MACs and digests, on the fastest implementation that the platform has. One entry point per need
 * (`/ed25519`, `/mac`, `/digest`, …) has the same, for those who count bytes.
 *
 * @packageDocumentation
 */
export type { KeyId } from "./brand.ts";
export { constantTimeEqual } from "./bytes.ts";
export { digest } from "./hash/digest.ts";
export { ed25519 } from "./ed25519/ed25519.ts";
export { SIGNATURE_BYTES } from "./ed25519/equation.ts";
export { loadPublicKey } from "./ed25519/load-public-key.ts";
export { PUBLIC_KEY_BYTES } from "./ed25519/point.ts";
export * from "./errors.ts";
export { hmacSha256 } from "./hash/hmac.ts";
export { Mac } from "./hash/mac.ts";
export type { Primitives } from "./primitives.ts";
export type { PublicKey } from "./keys/public-key.ts";
export type { Random, RandomOptions } from "./keys/random.ts";
export {
  generateKey,
  HYBRID_SECRET_KEY_BYTES,
  importKey,
  type KeyAlgorithm,
  SECRET_KEY_BYTES,
  type SecretKey,
  type ShownKey,
} from "./keys/secret-key.ts";
export type { SignatureAlgorithm, SignatureScheme, Signer, Verifier } from "./keys/signature.ts";
