/**
 * ML-DSA-65 for `batchVerifier`. A worker imports this module.
 *
 * @packageDocumentation
 */
import { isLoadedMlDsa, mlDsa65 } from "../post-quantum/ml-dsa.ts";
import { type BatchScheme, batchSchemeOf, verifyBatchBy } from "./batch-scheme.ts";

/** Verifies an encoded batch: one byte per signature, 1 if it is valid. The caller has loaded the keys. */
export function verifyMlDsa65Batch(input: Uint8Array): Uint8Array {
  return verifyBatchBy(mlDsa65, input);
}

/**
 * ML-DSA-65 for batch verifiers.
 *
 * @example
 * ```ts
 * import { batchVerifier, type Compute } from "@void-system/crypto";
 * import { mlDsa65Batch } from "@void-system/crypto/batch/ml-dsa";
 *
 * const inPlace: Compute = { run: (job, input, done) => (done(job.run(input)), () => undefined) };
 * batchVerifier(inPlace, mlDsa65Batch).pending; // => 0
 * ```
 */
export const mlDsa65Batch: BatchScheme<"ml-dsa-65"> = /* @__PURE__ */ batchSchemeOf(
  mlDsa65,
  { name: "verifyMlDsa65Batch", module: import.meta.url, run: verifyMlDsa65Batch },
  isLoadedMlDsa
);

export type { PublicKey } from "../keys/public-key.ts";
export type { BatchScheme } from "./batch-scheme.ts";
export type { Job } from "./compute.ts";
export type { BatchWidths } from "./format.ts";
