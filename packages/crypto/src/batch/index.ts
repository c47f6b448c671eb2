export type { BatchScheme } from "./batch-scheme.ts";
export { batchVerifier, type BatchOptions, type BatchVerdict, type BatchVerifier } from "./batch-verifier.ts";
export type { Compute, Job } from "./compute.ts";
export type { BatchWidths } from "./format.ts";
