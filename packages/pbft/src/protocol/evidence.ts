/**
 * Evidence of lies: two statements of one kind that a replica has signed about one place. Of each replica the first is kept:
 * more would prove no more. Every message is verified before a replica takes it in, so what is kept convinces anybody.
 */
import { encodeEvidence, type SignedDigest, type SignedPlace } from "@void-system/crypto";
import type { PeerId } from "@void-system/effects";
import { signerOf } from "../codec/signing.ts";
import { replicaAt, type Configuration } from "../configuration.ts";

/** Evidence that a replica has lied. */
export interface Evidence extends SignedPlace {
  /** The replica that has signed both statements. */
  readonly culprit: PeerId;
  /** The proof, for `verifyEvidence` of `@void-system/crypto`. */
  readonly bytes: Uint8Array;
}

/** The evidence that a replica has found, one piece against each other one. */
export class Convictions {
  readonly #cluster: Configuration;
  readonly #kept = new Map<number, Evidence>();

  constructor(cluster: Configuration) {
    this.#cluster = cluster;
  }

  /** Kept entries, oldest first. */
  get all(): readonly Evidence[] {
    return [...this.#kept.values()];
  }

  /** Keeps two statements that contradict each other, if they are the first of their signer. */
  add(sender: number, { kind, view, sequence }: SignedPlace, statements: readonly [SignedDigest, SignedDigest]): void {
    if (this.#kept.has(sender)) return;
    const bytes = encodeEvidence(this.#cluster, { kind, view, sequence, by: signerOf(sender), statements });
    this.#kept.set(sender, { culprit: replicaAt(this.#cluster, sender), kind, view, sequence, bytes });
  }
}
