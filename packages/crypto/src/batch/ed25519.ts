/**
 * Ed25519 for `batchVerifier`. A worker imports this module.
 *
 * @packageDocumentation
 */
import { SIGNATURE_BYTES } from "../ed25519/equation.ts";
import { pointOf } from "../ed25519/load-public-key.ts";
import { PUBLIC_KEY_BYTES } from "../ed25519/point.ts";
import { verifierUnder } from "../ed25519/internal/verifier-under.ts";
import type { BatchScheme } from "./batch-scheme.ts";
import { type BatchWidths, verifyEncoded } from "./format.ts";

const WIDTHS: BatchWidths = { publicKeyBytes: PUBLIC_KEY_BYTES, signatureBytes: SIGNATURE_BYTES };

/** Verifies an encoded batch: one byte per signature, 1 if it is valid. The caller has loaded the keys. */
export function verifyEd25519Batch(input: Uint8Array): Uint8Array {
  return verifyEncoded(input, WIDTHS, verifierUnder);
}

/**
 * Ed25519 for batch verifiers.
 *
 * @example
 * ```ts
 * import { batchVerifier, type Compute } from "@void-system/crypto";
 * import { ed25519Batch } from "@void-system/crypto/batch/ed25519";
 *
 * const inPlace: Compute = { run: (job, input, done) => (done(job.run(input)), () => undefined) };
 * batchVerifier(inPlace, ed25519Batch).pending; // => 0
 * ```
 */
export const ed25519Batch: BatchScheme<"ed25519"> = {
  ...WIDTHS,
  algorithm: "ed25519",
  job: { name: "verifyEd25519Batch", module: import.meta.url, run: verifyEd25519Batch },
  isLoaded: (key) => pointOf(key) !== undefined,
};

export type { PublicKey } from "../keys/public-key.ts";
export type { BatchScheme } from "./batch-scheme.ts";
export type { BatchWidths } from "./format.ts";
export type { Job } from "./compute.ts";
