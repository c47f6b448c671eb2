/**
 * Checkpoints (Castro & Liskov 1999, §4.3): taken every K batches, voted on, stable with a quorum of matching votes.
 * A stable one moves the watermarks, lets the log be dropped, and is what a replica that is too far behind receives.
 */
import { equalBytes } from "@void-system/bytes";
import type { StableCertificate } from "../codec/certificate.ts";
import type { TakenCheckpoint } from "./checkpoint-types.ts";
import { InvariantError } from "../errors.ts";
import { CHUNKS_MAX, CHUNK_BYTES_MAX, DIGEST_BYTES, ROOT_BYTES_MAX } from "../limits.ts";
import { chunkHash, encodeManifest, manifestDigest } from "../codec/manifest.ts";
import type { CheckpointVote } from "../codec/message.ts";
import type { ReplicaState } from "./replica-state.ts";
import { signCheckpoint } from "../codec/signed.ts";
import { quorumOf } from "./slot.ts";

/** Chunk `index` of a checkpoint: sessions first, then the state machine's. */
export function checkpointChunk(taken: TakenCheckpoint, index: number): Uint8Array {
  const chunk = taken.sessionChunks[index] ?? taken.snapshot.chunk(index - taken.sessionChunks.length);
  if (chunk.length > CHUNK_BYTES_MAX)
    throw new InvariantError(`expected chunks of at most ${CHUNK_BYTES_MAX} bytes, got ${chunk.length}`);
  return chunk;
}

/**
 * The hash of the state machine's chunk `index`, as manifests list it; nothing if the state machine takes the bytes for
 * no chunk.
 */
export function machineChunkHash(replica: ReplicaState, chunk: Uint8Array, index: number): Uint8Array | undefined {
  const { machine, ports } = replica;
  if (machine.chunkHash === undefined) return chunkHash(ports.digest, chunk);
  try {
    return machine.chunkHash(chunk, index);
  } catch {
    return undefined;
  }
}

/**
 * Captures the state as it is now. It reads the whole snapshot once, to hash it, unless the state machine knows the
 * hashes of its chunks.
 */
export function captureState(replica: ReplicaState): TakenCheckpoint {
  const { digest } = replica.ports;
  const snapshot = replica.machine.snapshot();
  const sessionChunks = replica.sessions.encode();
  const root = replica.machine.root();
  const chunks = sessionChunks.length + snapshot.chunks;
  if (chunks > CHUNKS_MAX || root.length > ROOT_BYTES_MAX) {
    throw new InvariantError(
      `expected at most ${CHUNKS_MAX} chunks and a root of ${ROOT_BYTES_MAX} bytes, got ${chunks} and ${root.length}`,
    );
  }
  const hashes = sessionChunks.map((chunk) => chunkHash(digest, chunk));
  for (let index = 0; index < snapshot.chunks; index += 1) {
    const hash = snapshot.chunkHash?.(index) ?? machineChunkHash(replica, snapshot.chunk(index), index);
    if (hash?.length !== DIGEST_BYTES)
      throw new InvariantError(`expected a hash of ${DIGEST_BYTES} bytes for each chunk, got ${hash?.length}`);
    hashes.push(hash);
  }
  const sequence = replica.lastExecuted;
  const time = replica.lastTime;
  const manifest = encodeManifest({ sequence, time, root, sessionChunks: sessionChunks.length, hashes });
  return {
    sequence,
    digest: manifestDigest(digest, sequence, manifest),
    manifest,
    time,
    sessionChunks,
    snapshot,
    chunks,
  };
}

/** After batch `lastExecuted`, a multiple of K: take it and vote. The records that it was made of are appended. */
export function takeCheckpoint(replica: ReplicaState): void {
  if (replica.lastExecuted < replica.stable.sequence) return;
  const taken = captureState(replica);
  replica.taken.set(taken.sequence, taken);
  replica.vote(signCheckpoint(replica, taken.sequence, taken.digest));
  if (taken.sequence === replica.stable.sequence) adoptOwn(replica);
}

/** Counts a vote; a quorum of matching ones makes the checkpoint stable. */
export function onCheckpointVote(replica: ReplicaState, vote: CheckpointVote): void {
  const { sequence, sender } = vote;
  const { checkpointInterval, window, quorum } = replica.cluster;
  if (sequence % checkpointInterval !== 0 || sequence <= replica.stable.sequence || sequence > replica.high + window)
    return;
  const votes = replica.checkpointVotes.get(sequence) ?? new Map<number, CheckpointVote>();
  replica.checkpointVotes.set(sequence, votes);
  const other = votes.get(sender);
  if (other !== undefined) {
    if (!equalBytes(other.digest, vote.digest)) {
      replica.note("equivocations", "pbft.equivocation", { kind: "checkpoint", sender, sequence });
    }
    return;
  }
  votes.set(sender, vote);
  const certified = quorumOf(votes, vote.digest, quorum);
  if (certified !== undefined) noteStable(replica, { sequence, digest: vote.digest, votes: certified });
}

/** A stable checkpoint is proven, by votes counted here or by a certificate that somebody sent. */
export function noteStable(replica: ReplicaState, certificate: StableCertificate): void {
  if (certificate.sequence <= replica.stable.sequence) return;
  replica.stable = certificate;
  for (const sequence of replica.checkpointVotes.keys())
    if (sequence <= certificate.sequence) replica.checkpointVotes.delete(sequence);
  for (const [sequence, taken] of replica.taken) {
    if (sequence >= certificate.sequence) continue;
    replica.taken.delete(sequence);
    taken.snapshot.release();
  }
  if (replica.taken.has(certificate.sequence)) adoptOwn(replica);
  collectGarbage(replica);
}

/**
 * Slots of the last interval stay a while for those who lag by less than a checkpoint: a slot costs less than a state.
 */
export function collectGarbage(replica: ReplicaState): void {
  // What the log holds is executed again first.
  if (replica.replaying) return;
  const keepAbove = replica.stable.sequence - replica.cluster.checkpointInterval;
  for (const sequence of replica.slots.keys()) if (sequence <= keepAbove) replica.slots.delete(sequence);
}

/** This replica holds the state that `stable` certifies, or should: compare, then keep it to serve and to write. */
function adoptOwn(replica: ReplicaState): void {
  const { sequence, digest } = replica.stable;
  const taken = replica.taken.get(sequence);
  if (taken === undefined) return;
  replica.taken.delete(sequence);
  if (equalBytes(taken.digest, digest)) {
    serveStable(replica, taken);
    return;
  }
  taken.snapshot.release();
  replica.diverged = true;
  replica.counters.divergences += 1;
  replica.report("pbft.diverged", { sequence });
}

/** Makes a certified state the one that is served to others and written to disk. */
export function serveStable(replica: ReplicaState, taken: TakenCheckpoint): void {
  const [newest, ...older] = replica.served;
  replica.retired.push(...older);
  replica.served = newest === undefined ? [taken] : [taken, newest];
  replica.toPersist = taken;
  releaseRetired(replica);
}

/** Lets go of snapshots that are neither served nor being written. */
export function releaseRetired(replica: ReplicaState): void {
  const kept = [];
  for (const taken of replica.retired) {
    if (taken === replica.writing) kept.push(taken);
    else taken.snapshot.release();
  }
  replica.retired = kept;
}
