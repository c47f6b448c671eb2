/**
 * Evidence of lies: two statements of one kind that a replica has signed about one place. Of each replica the first is kept, over
 * restarts too: more would prove no more. Every message is verified before a replica takes it in, so what is kept convinces
 * anybody.
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

/** Two statements that contradict each other, as a record keeps them. */
export interface Contradiction extends SignedPlace {
  /** Index of the replica that has signed both. */
  readonly sender: number;
  /** The two. */
  readonly statements: readonly [SignedDigest, SignedDigest];
}

/** The evidence that a replica has found, one piece against each other one. */
export class Convictions {
  readonly #cluster: Configuration;
  readonly #kept = new Map<number, { readonly contradiction: Contradiction; readonly evidence: Evidence }>();

  constructor(cluster: Configuration) {
    this.#cluster = cluster;
  }

  /** Kept entries as proofs, oldest first. */
  get all(): readonly Evidence[] {
    return [...this.#kept.values()].map(({ evidence }) => evidence);
  }

  /** Kept entries as records keep them, oldest first. */
  get contradictions(): readonly Contradiction[] {
    return [...this.#kept.values()].map(({ contradiction }) => contradiction);
  }

  /** Keeps a contradiction, if it is the first of its signer; returns whether it is. */
  add(contradiction: Contradiction): boolean {
    const { sender, kind, view, sequence, statements } = contradiction;
    if (this.#kept.has(sender)) return false;
    const bytes = encodeEvidence(this.#cluster, { kind, view, sequence, by: signerOf(sender), statements });
    const evidence = { culprit: replicaAt(this.#cluster, sender), kind, view, sequence, bytes };
    this.#kept.set(sender, { contradiction, evidence });
    return true;
  }
}
