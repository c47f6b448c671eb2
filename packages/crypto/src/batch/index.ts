/**
 * Verifying many signatures on a compute port, such as a pool of worker threads.
 *
 * @packageDocumentation
 */
export { BatchClosedError, BatchFailedError, BatchFullError, CryptoError, InvalidOptionError } from "../errors.ts";
export type { KeyId } from "../brand.ts";
export type { PublicKey } from "../keys/public-key.ts";
export type { SignatureAlgorithm } from "../keys/signature.ts";
export type { BatchScheme } from "./batch-scheme.ts";
export { batchVerifier, type BatchOptions, type BatchVerdict, type BatchVerifier } from "./batch-verifier.ts";
export type { Compute, Job } from "./compute.ts";
export type { BatchWidths } from "./format.ts";
