/**
 * Evidence of lies: two statements of one kind that a replica has signed about one place. Of each replica the first is kept:
 * more would prove no more. Every message is verified before a replica takes it in, so what is kept convinces anybody.
 */
import { encodeEvidence, type SignedDigest, type SignedPlace } from "@void-system/crypto";
import type { PeerId } from "@void-system/effects";
import { signerOf } from "../codec/signing.ts";
import { replicaAt } from "../configuration.ts";
import type { Replica } from "./replica.ts";

/** Evidence that a replica has lied. */
export interface Evidence extends SignedPlace {
  /** The replica that has signed both statements. */
  readonly culprit: PeerId;
  /** The proof, for `verifyEvidence` of `@void-system/crypto`. */
  readonly bytes: Uint8Array;
}

/** Keeps two statements of one replica that contradict each other. */
export function convict(
  replica: Replica,
  sender: number,
  place: SignedPlace,
  statements: readonly [SignedDigest, SignedDigest],
): void {
  const { cluster, evidence } = replica;
  const culprit = replicaAt(cluster, sender);
  replica.note("equivocations", "pbft.equivocation", { culprit, ...place });
  if (evidence.has(sender)) return;
  const { kind, view, sequence } = place;
  const bytes = encodeEvidence(cluster, { kind, view, sequence, by: signerOf(sender), statements });
  evidence.set(sender, { culprit, kind, view, sequence, bytes });
}
