/**
 * The hybrid signature (ML-DSA-65 and Ed25519) for `batchVerifier`. A worker imports this module.
 *
 * @packageDocumentation
 */
import { isLoadedHybrid, hybridSignature } from "../post-quantum/hybrid-signature.ts";
import { type BatchScheme, batchSchemeOf, verifyBatchBy } from "./batch-scheme.ts";

/** Verifies an encoded batch: one byte per signature, 1 if it is valid. The caller has loaded the keys. */
export function verifyHybridBatch(input: Uint8Array): Uint8Array {
  return verifyBatchBy(hybridSignature, input);
}

/**
 * The hybrid signature (ML-DSA-65 and Ed25519) for batch verifiers.
 *
 * @example
 * ```ts
 * import { batchVerifier, type Compute } from "@void-system/crypto";
 * import { hybridBatch } from "@void-system/crypto/batch/hybrid";
 *
 * const inPlace: Compute = { run: (job, input, done) => (done(job.run(input)), () => undefined) };
 * batchVerifier(inPlace, hybridBatch).pending; // => 0
 * ```
 */
export const hybridBatch: BatchScheme<"ml-dsa-65+ed25519"> = /* @__PURE__ */ batchSchemeOf(
  hybridSignature,
  { name: "verifyHybridBatch", module: import.meta.url, run: verifyHybridBatch },
  isLoadedHybrid
);

export type { PublicKey } from "../keys/public-key.ts";
export type { BatchScheme } from "./batch-scheme.ts";
export type { Job } from "./compute.ts";
export type { BatchWidths } from "./format.ts";
