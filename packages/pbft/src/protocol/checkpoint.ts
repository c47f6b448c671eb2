/**
 * Checkpoints (Castro & Liskov 1999, §4.3): taken every K batches, voted on, stable with a quorum of matching votes.
 * A stable one moves the watermarks, lets the log be dropped, and is what a replica that is too far behind receives.
 */
import { equalBytes } from "@void-system/bytes";
import type { StableCertificate } from "../codec/certificate.ts";
import type { CheckpointVote } from "../codec/message.ts";
import { signCheckpoint } from "../codec/signed.ts";
import type { TakenCheckpoint } from "./checkpoints.ts";
import type { Replica } from "./replica.ts";

/** Takes a checkpoint after a batch, a multiple of K, and votes. The records that it was made of are appended. */
export function takeCheckpoint(replica: Replica): void {
  const { execution, log, outbox } = replica;
  if (execution.lastExecuted < log.stable.sequence) return;
  const taken = execution.capture();
  execution.checkpoints.add(taken);
  outbox.bind(signCheckpoint(replica, taken.sequence, taken.digest));
  if (taken.sequence === log.stable.sequence) adoptOwn(replica);
}

/** Counts a vote. Returns whether a quorum of matching ones has made the checkpoint stable. */
export function onCheckpointVote(replica: Replica, vote: CheckpointVote): boolean {
  const { sequence, sender } = vote;
  const { log } = replica;
  if (!log.countsCheckpoint(sequence)) return false;
  const other = log.checkpointVote(sequence, sender);
  if (other !== undefined) {
    if (!equalBytes(other.digest, vote.digest))
      replica.convict(sender, { kind: "checkpoint", view: 0, sequence }, [other, vote]);
    return false;
  }
  const certificate = log.countCheckpoint(vote);
  return certificate !== undefined && noteStable(replica, certificate);
}

/**
 * Notes a stable checkpoint that is proven, by votes counted here or by a certificate that somebody sent. Returns whether
 * it is a newer one; then the watermarks have moved.
 */
export function noteStable(replica: Replica, certificate: StableCertificate): boolean {
  if (!replica.log.stabilize(certificate)) return false;
  adoptOwn(replica);
  collectGarbage(replica);
  return true;
}

/** Drops old slots, once what the log on disk holds is executed again. */
export function collectGarbage(replica: Replica): void {
  if (!replica.replaying) replica.log.collectGarbage();
}

/** If this replica has taken the checkpoint that is stable: compare, then keep it to serve and to write. */
function adoptOwn(replica: Replica): void {
  const { execution, log } = replica;
  const { sequence, digest } = log.stable;
  const taken = execution.checkpoints.claim(sequence);
  if (taken === undefined) return;
  if (equalBytes(taken.digest, digest)) {
    serveStable(replica, taken);
    return;
  }
  taken.snapshot.release();
  execution.diverge();
  replica.count("divergences");
  replica.outbox.report("pbft.diverged", { sequence });
}

/** Makes a certified state the one that is served to others and written to disk. */
export function serveStable(replica: Replica, taken: TakenCheckpoint): void {
  const { checkpoints } = replica.execution;
  checkpoints.serve(taken);
  checkpoints.toWrite(taken);
}
