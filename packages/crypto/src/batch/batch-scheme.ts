import type { PublicKey } from "../keys/public-key.ts";
import type { SignatureAlgorithm } from "../keys/algorithm.ts";
import type { Job } from "./compute.ts";
import type { BatchWidths } from "./format.ts";

/** A signature scheme as a batch verifier needs it: from `/batch/ed25519`, `/batch/ml-dsa` or `/batch/hybrid`. */
export interface BatchScheme<A extends SignatureAlgorithm> extends BatchWidths {
  /** Name of the scheme. */
  readonly algorithm: A;
  /** Verifies an encoded batch. */
  readonly job: Job;
  /** Whether the scheme has loaded and checked `key`, as opposed to an object that only looks like it. */
  isLoaded(key: PublicKey<A>): boolean;
}
