/**
 * State transfer: a replica below the stable checkpoint fetches the certified state chunk by chunk. The manifest is
 * proven by the checkpoint's certificate and lists every chunk's hash, so a lie is noticed at once, and its author.
 */
import { equalBytes } from "@void-system/bytes";
import type { PeerId } from "@void-system/effects";
import type { StableCertificate } from "../codec/certificate.ts";
import { decodeManifest } from "../codec/manifest.ts";
import type { ChunkAnswer, FetchChunk } from "../codec/message.ts";
import { replicaAt } from "../configuration.ts";
import { InvariantError } from "../errors.ts";
import { collectGarbage, noteStable, serveStable } from "./checkpoint.ts";
import { checkpointChunk } from "./execution.ts";
import { executeReady } from "./execute.ts";
import { proceed } from "./normal-case.ts";
import type { Replica } from "./replica.ts";
import { Transfer } from "./transfer.ts";

/** A replica that was asked for chunks and sends none for so many status ticks is silent. */
const SILENT_TICKS = 2;

/** Begins a transfer, or turns to a newer checkpoint: chunks that both have are not fetched twice. */
export function beginTransfer(replica: Replica, certificate: StableCertificate, manifestBytes: Uint8Array): void {
  const { log, execution, catchUp } = replica;
  const { sequence } = certificate;
  const needed = execution.diverged ? sequence >= log.stable.sequence : sequence > execution.lastExecuted;
  if (!needed || (catchUp.transfer !== undefined && catchUp.transfer.sequence >= sequence)) return;
  const decoded = decodeManifest(manifestBytes);
  if (!decoded.ok || decoded.value.sequence !== sequence)
    throw new InvariantError(`expected a certified manifest of ${sequence} that can be read`);
  const n = replica.cluster.replicas.length;
  const peers = Array.from({ length: n - 1 }, (_, step) => (replica.index + 1 + step) % n);
  const transfer = new Transfer(certificate, decoded.value, peers, catchUp.transfer);
  catchUp.setTransfer(transfer);
  replica.outbox.report("pbft.transfer", { sequence, chunks: decoded.value.hashes.length });
  advance(replica, transfer);
}

/**
 * Once a tick: what a silent replica was asked for is asked of others; a transfer that is no longer needed ends. Returns
 * whether a transfer is under way that makes progress.
 */
export function retryTransfer(replica: Replica): boolean {
  const { cluster, catchUp, now, tuning } = replica;
  const { transfer } = catchUp;
  if (transfer === undefined || endsPassed(replica, transfer)) return false;
  for (const peer of transfer.expire(now.monotonicMs - SILENT_TICKS * tuning.statusMs))
    replica.note("silences", "pbft.transfer-silent", { peer: replicaAt(cluster, peer), sequence: transfer.sequence });
  ask(replica, transfer);
  return transfer.takeProgress();
}

/** Ends a transfer that this replica has executed past meanwhile: its state would put the replica back. */
function endsPassed({ execution, catchUp }: Replica, { sequence }: Transfer): boolean {
  if (execution.diverged || execution.lastExecuted < sequence) return false;
  catchUp.setTransfer(undefined);
  return true;
}

/** Hands over a chunk of one of the last two stable checkpoints, or says which one it could hand over. */
export function onFetchChunk(replica: Replica, from: PeerId, message: FetchChunk): void {
  const { log, execution, outbox } = replica;
  const { sequence, index } = message;
  const taken = execution.checkpoints.at(sequence, replica.cluster.replicas.indexOf(from));
  if (taken === undefined) {
    const { newest } = execution.checkpoints;
    if (newest === undefined || newest.sequence !== log.stable.sequence || newest.sequence < sequence) return;
    if (mayServe(replica, from, newest.manifest.length))
      outbox.say({ type: "stable", certificate: log.stable, manifest: newest.manifest }, from);
    return;
  }
  // Asked before the chunk is made, which costs far more than to ask for it.
  if (index >= taken.chunks || !mayServe(replica, from, 0)) return;
  const bytes = checkpointChunk(taken, index);
  execution.checkpoints.lease(replica.cluster.replicas.indexOf(from), taken, bytes.length, replica.now.monotonicMs);
  if (mayServe(replica, from, bytes.length)) outbox.say({ type: "chunk", sequence, index, bytes }, from);
}

/** Returns whether a peer, a replica, has a share of this replica's upload left. */
export function mayServe(replica: Replica, to: PeerId, bytes: number): boolean {
  const peer = replica.cluster.replicas.indexOf(to);
  return peer >= 0 && replica.catchUp.mayServe(peer, bytes);
}

/** A chunk: taken if it is the certified one. */
export function onChunk(replica: Replica, from: PeerId, message: ChunkAnswer): void {
  const { transfer } = replica.catchUp;
  const { sequence, index, bytes } = message;
  const sender = replica.cluster.replicas.indexOf(from);
  if (transfer?.sequence !== sequence || endsPassed(replica, transfer) || !transfer.takeAnswer(index, sender)) return;
  if (replica.execution.isChunk(transfer.manifest, index, bytes)) 
    transfer.keep(index, bytes, sender, replica.now.monotonicMs);
  else if (transfer.refuse(index, sender))
    replica.note("poisonedChunks", "pbft.poisoned-chunk", { from, sequence, index });
  else return;
  advance(replica, transfer);
}

function advance(replica: Replica, transfer: Transfer): void {
  if (transfer.isComplete) install(replica, transfer);
  else ask(replica, transfer);
}

function ask(replica: Replica, transfer: Transfer): void {
  for (const { peer, index } of transfer.questions(replica.now.monotonicMs))
    replica.outbox.say({ type: "fetch-chunk", sequence: transfer.sequence, index }, peer);
}

/** All chunks are here: they become the state, are compared with the certificate as a whole, and are written. */
function install(replica: Replica, transfer: Transfer): void {
  const { execution, catchUp } = replica;
  const { manifest, certificate, sequence } = transfer;
  catchUp.setTransfer(undefined);
  execution.restore(manifest, (index) => transfer.chunk(index));
  execution.checkpoints.dropUnstable();
  noteStable(replica, certificate);
  const taken = execution.capture();
  if (!equalBytes(taken.digest, certificate.digest)) {
    throw new InvariantError(
      `expected the certified state of checkpoint ${sequence} after restoring it, got another: the state machine's restore or snapshot is not deterministic`,
    );
  }
  serveStable(replica, taken);
  collectGarbage(replica);
  execution.prunePool();
  execution.waitFrom(replica.now.monotonicMs);
  replica.count("transfers");
  catchUp.pullFrom(undefined);
  replica.outbox.deliver({ type: "restored", sequence, root: manifest.root });
  executeReady(replica);
  proceed(replica);
}
