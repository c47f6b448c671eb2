/**
 * State transfer: a replica below the stable checkpoint fetches the certified state chunk by chunk. The manifest is
 * proven by the checkpoint's certificate and lists every chunk's hash, so a lie is noticed at once, and who told it.
 */
import { equalBytes, toHex } from "@void-system/bytes";
import type { PeerId } from "@void-system/effects";
import type { StableCertificate } from "../codec/certificate.ts";
import { captureState, checkpointChunk, collectGarbage, noteStable, serveStable } from "./checkpoint.ts";
import type { Transfer } from "./checkpoint-types.ts";
import { isChunk, restoreState } from "./durable-checkpoint.ts";
import { InvariantError } from "../errors.ts";
import { CHUNKS_OUTSTANDING_MAX } from "../limits.ts";
import { decodeManifest } from "../codec/manifest.ts";
import type { ChunkAnswer, FetchChunk } from "../codec/message.ts";
import type { ReplicaState } from "./replica-state.ts";

/** Begins a transfer, or turns to a newer checkpoint: chunks that both have are not fetched twice. */
export function beginTransfer(replica: ReplicaState, certificate: StableCertificate, manifestBytes: Uint8Array): void {
  const { sequence } = certificate;
  const needed = replica.diverged ? sequence >= replica.stable.sequence : sequence > replica.lastExecuted;
  if (!needed || (replica.transfer !== undefined && replica.transfer.manifest.sequence >= sequence)) return;
  const decoded = decodeManifest(manifestBytes);
  if (!decoded.ok || decoded.value.sequence !== sequence)
    throw new InvariantError(`expected a certified manifest of ${sequence} that can be read`);
  const manifest = decoded.value;
  const old = new Map<string, Uint8Array>();
  for (const [index, chunk] of replica.transfer?.chunks ?? []) {
    const hash = replica.transfer?.manifest.hashes[index];
    if (hash !== undefined) old.set(toHex(hash), chunk);
  }
  const chunks = new Map<number, Uint8Array>();
  for (const [index, hash] of manifest.hashes.entries()) {
    const chunk = old.get(toHex(hash));
    if (chunk !== undefined) chunks.set(index, chunk);
  }
  replica.transfer = { certificate, manifest, chunks, asked: new Map(), owed: new Map(), nextPeer: replica.index };
  replica.report("pbft.transfer", { sequence, chunks: manifest.hashes.length });
  proceed(replica, replica.transfer);
}

/**
 * Once a tick: what was asked and did not come is asked of the next replica; a transfer that is no longer needed ends.
 */
export function retryTransfer(replica: ReplicaState): void {
  const { transfer } = replica;
  if (transfer === undefined) return;
  if (!replica.diverged && replica.lastExecuted >= transfer.manifest.sequence) {
    replica.transfer = undefined;
    return;
  }
  transfer.asked.clear();
  askForChunks(replica, transfer);
}

/** Hands over a chunk of one of the last two stable checkpoints, or says which one it could hand over. */
export function onFetchChunk(
  replica: ReplicaState,
  from: PeerId,
  message: FetchChunk,
  mayServe: (bytes: number) => boolean,
): void {
  const taken = replica.served.find(({ sequence }) => sequence === message.sequence);
  if (taken === undefined) {
    const newest = replica.served[0];
    if (newest === undefined || newest.sequence !== replica.stable.sequence || newest.sequence < message.sequence)
      return;
    if (mayServe(newest.manifest.length))
      replica.tell(from, { type: "stable", certificate: replica.stable, manifest: newest.manifest });
    return;
  }
  // Asked before the chunk is made, which costs far more than to ask for it.
  if (message.index >= taken.chunks || !mayServe(0)) return;
  const bytes = checkpointChunk(taken, message.index);
  if (mayServe(bytes.length))
    replica.tell(from, { type: "chunk", sequence: message.sequence, index: message.index, bytes });
}

/** A chunk: taken if it is the certified one. */
export function onChunk(replica: ReplicaState, from: PeerId, message: ChunkAnswer): void {
  const { transfer } = replica;
  if (transfer === undefined || transfer.manifest.sequence !== message.sequence || transfer.chunks.has(message.index))
    return;
  const sender = replica.cluster.replicas.indexOf(from);
  if (!transfer.owed.get(message.index)?.delete(sender)) return;
  if (!isChunk(replica, transfer.manifest, message.index, message.bytes)) {
    // Of one who was asked long ago nothing follows: else a few bytes of his would cost a chunk of somebody else's.
    if (transfer.asked.get(message.index) !== sender) return;
    replica.note("poisonedChunks", "pbft.poisoned-chunk", { from, sequence: message.sequence, index: message.index });
    transfer.asked.delete(message.index);
  } else {
    transfer.asked.delete(message.index);
    transfer.owed.delete(message.index);
    transfer.chunks.set(message.index, message.bytes);
  }
  proceed(replica, transfer);
}

function proceed(replica: ReplicaState, transfer: Transfer): void {
  if (transfer.chunks.size < transfer.manifest.hashes.length) askForChunks(replica, transfer);
  else install(replica, transfer);
}

function askForChunks(replica: ReplicaState, transfer: Transfer): void {
  const n = replica.cluster.replicas.length;
  for (let index = 0; index < transfer.manifest.hashes.length; index += 1) {
    if (transfer.asked.size >= CHUNKS_OUTSTANDING_MAX) return;
    if (transfer.chunks.has(index) || transfer.asked.has(index)) continue;
    transfer.nextPeer = (transfer.nextPeer + 1) % n;
    if (transfer.nextPeer === replica.index) transfer.nextPeer = (transfer.nextPeer + 1) % n;
    transfer.asked.set(index, transfer.nextPeer);
    const owed = transfer.owed.get(index) ?? new Set();
    transfer.owed.set(index, owed.add(transfer.nextPeer));
    replica.tell(transfer.nextPeer, { type: "fetch-chunk", sequence: transfer.manifest.sequence, index });
  }
}

/** All chunks are here: they become the state, are compared with the certificate as a whole, and are written. */
function install(replica: ReplicaState, transfer: Transfer): void {
  const { manifest, chunks, certificate } = transfer;
  replica.transfer = undefined;
  restoreState(replica, manifest, (index) => chunks.get(index) ?? new Uint8Array(0));
  replica.diverged = false;
  for (const taken of replica.taken.values()) taken.snapshot.release();
  replica.taken.clear();
  noteStable(replica, certificate);
  const taken = captureState(replica);
  if (!equalBytes(taken.digest, certificate.digest)) {
    throw new InvariantError(
      `expected the certified state of checkpoint ${manifest.sequence} after restoring it, got another: the state machine's restore or snapshot is not deterministic`,
    );
  }
  serveStable(replica, taken);
  collectGarbage(replica);
  replica.pool.prune(({ client, number }) => replica.sessions.answer(client, number) !== undefined);
  replica.lastExecutedMs = replica.now.monotonicMs;
  replica.counters.transfers += 1;
  replica.pullFrom = undefined;
  replica.emit({ type: "deliver", value: { type: "restored", sequence: manifest.sequence, root: manifest.root } });
}
