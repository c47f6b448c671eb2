/**
 * Keys, signatures, chains of signatures, MACs and digests, on the fastest implementation that the platform has.
 *
 * @packageDocumentation
 */
export type { KeyId } from "./brand.ts";
export { constantTimeEqual } from "./bytes.ts";
export * from "./errors.ts";
export type { Primitives } from "./primitives.ts";

export {
  createKeyRing,
  KeyRing,
  type RingKey,
  type RingSignature,
  type RotateOptions,
  type ShownRing,
  type StoredKey,
} from "./keys/key-ring.ts";
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
export { type AcceptedKey, KEY_RING_KEYS_MAX, verifierRing, type VerifierRing } from "./keys/verifier-ring.ts";

export { ed25519 } from "./ed25519/ed25519.ts";
export { SIGNATURE_BYTES } from "./ed25519/equation.ts";
export { loadPublicKey } from "./ed25519/load-public-key.ts";
export { PUBLIC_KEY_BYTES } from "./ed25519/point.ts";
export { ed25519Verifier } from "./ed25519/verifier.ts";

export { digest } from "./hash/digest.ts";
export { hmacSha256 } from "./hash/hmac.ts";
export { Mac } from "./hash/mac.ts";

export { CHAIN_BLOCKS_MAX, CHAIN_BYTES_MAX, CHAIN_PAYLOAD_BYTES_MAX } from "./chain/chain-format.ts";
export { mintChain, type OpenChain, openChain, type ShownChain } from "./chain/open-chain.ts";
export { type ChainRefusal, type ChainVerdict, verifyChain, type VerifyChainOptions } from "./chain/verify-chain.ts";

export type { BatchScheme } from "./batch/batch-scheme.ts";
export { batchVerifier, type BatchOptions, type BatchVerdict, type BatchVerifier } from "./batch/batch-verifier.ts";
export type { Compute, Job } from "./batch/compute.ts";
export type { BatchWidths } from "./batch/format.ts";
