/**
 * Keys, signatures, chains of signatures, MACs and digests, on the fastest implementation that the platform has.
 *
 * @packageDocumentation
 */
export type { KeyId } from "./brand.ts";
export { constantTimeEqual } from "./bytes.ts";
export * from "./errors.ts";
export type { Primitives } from "./primitives.ts";
export * from "./keys/index.ts";
export * from "./ed25519/index.ts";
export * from "./hash/index.ts";
export * from "./chain/index.ts";
export * from "./batch/index.ts";
export * from "./quorum/index.ts";
export * from "./record/index.ts";
