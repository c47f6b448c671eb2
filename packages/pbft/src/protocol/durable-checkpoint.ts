/**
 * What a replica keeps on disk besides its records: the newest stable checkpoint with its proof and manifest, and,
 * because all records up to then are dropped, what of them still binds it, as records again.
 *
 * Chunks: a header; the records; the session chunks; the state machine's chunks.
 */
import { ByteWriter, decodeAll, equalBytes } from "@void-system/bytes";
import type { Lsn } from "@void-system/effects";
import { readStable, writeStable } from "../codec/certificate-codec.ts";
import { captureState, checkpointChunk, machineChunkHash, serveStable } from "./checkpoint.ts";
import type { TakenCheckpoint } from "./checkpoint-types.ts";
import type { StableCertificate } from "../codec/certificate.ts";
import { RecoveryError } from "../errors.ts";
import { MESSAGE_BYTES_MAX } from "../limits.ts";
import { chunkHash, decodeManifest, type Manifest } from "../codec/manifest.ts";
import { recordCodec, type ReplicaRecord } from "../codec/record.ts";
import { applyRecord } from "./recovery.ts";
import type { ReplicaState } from "./replica-state.ts";

const VERSION = 2;
const RECORDS_MAX = 1_000_000;

/** Begins to write the checkpoint that waits, unless one is being written. */
export function persistCheckpoint(replica: ReplicaState): void {
  const taken = replica.toPersist;
  if (taken === undefined || replica.writing !== undefined || taken.sequence !== replica.stable.sequence) return;
  replica.toPersist = undefined;
  replica.writing = taken;
  const codec = recordCodec(replica.cluster, replica.ports.digest);
  const records = bindingRecords(replica).map((record) => codec.encode(record));
  const header = new ByteWriter(1_024).u8(VERSION);
  writeStable(header, replica.stable);
  header.block(taken.manifest).u32(records.length);
  const head = header.finish();
  replica.emit({
    type: "checkpoint",
    upTo: replica.lsn,
    chunks: { [Symbol.iterator]: () => readChunks(head, records, taken) },
  });
}

function* readChunks(
  header: Uint8Array,
  records: readonly Uint8Array[],
  taken: TakenCheckpoint,
): Generator<Uint8Array> {
  yield header;
  yield* records;
  for (let index = 0; index < taken.chunks; index += 1) yield checkpointChunk(taken, index);
}

/** What of this replica's past still binds it or is needed to go on: its view, and the slots above the checkpoint. */
function bindingRecords(replica: ReplicaState): ReplicaRecord[] {
  const records: ReplicaRecord[] = [];
  if (replica.changing && replica.ownViewChange) records.push({ type: "view-change", message: replica.ownViewChange });
  else if (replica.newView) records.push({ type: "new-view", message: replica.newView });
  const slots = [...replica.slots.values()].filter((slot) => slot.sequence > replica.stable.sequence);
  for (const slot of slots.sort((a, b) => a.sequence - b.sequence)) {
    const { sequence, proposal, prepared, committed } = slot;
    for (const { batch } of slot.durableBatches()) records.push({ type: "batch", sequence, batch });
    const batch = proposal && slot.batch(proposal.digest);
    if (slot.voted && proposal && batch && sequence > replica.viewBase) {
      records.push({ type: "accepted", view: replica.view, proposal: { sequence, ...proposal }, batch });
    }
    if (prepared) records.push({ type: "prepared", certificate: prepared });
    if (committed) records.push({ type: "committed", certificate: committed });
  }
  return records;
}

/**
 * Rebuilds a replica from what {@link persistCheckpoint} wrote.
 *
 * @throws {@link RecoveryError} when the chunks are of another version or do not match their manifest.
 */
export function restoreCheckpoint(replica: ReplicaState, upTo: Lsn, chunks: Iterable<Uint8Array>): void {
  const source = chunks[Symbol.iterator]();
  const next = (): Uint8Array => {
    const item = source.next();
    if (item.done === true)
      throw new RecoveryError(
        "expected more chunks in the checkpoint on disk; restore the disk or let the replica start empty under a new name",
      );
    return item.value;
  };
  const { stable, manifest, records } = readHeader(next());
  const codec = recordCodec(replica.cluster, replica.ports.digest);
  const binding = [];
  for (let index = 0; index < records; index += 1) {
    const decoded = codec.decode(next());
    if (!decoded.ok) throw new RecoveryError(`expected a record in the checkpoint on disk, got ${decoded.reason}`);
    binding.push(decoded.value);
  }
  restoreState(replica, manifest, next);
  replica.lsn = upTo;
  replica.stable = stable;
  const taken = captureState(replica);
  if (!equalBytes(taken.digest, stable.digest)) {
    throw new RecoveryError(
      `expected the certified state of checkpoint ${stable.sequence} after restoring it, got another; the state machine has changed or its snapshot is not deterministic`,
    );
  }
  serveStable(replica, taken);
  replica.toPersist = undefined;
  for (const record of binding) applyRecord(replica, record);
}

/** Sessions and state machine from the chunks of a manifest, each checked against its hash. */
export function restoreState(replica: ReplicaState, manifest: Manifest, next: (index: number) => Uint8Array): void {
  const checked = (index: number): Uint8Array => {
    const chunk = next(index);
    if (!isChunk(replica, manifest, index, chunk)) {
      throw new RecoveryError(
        `expected chunk ${index} of checkpoint ${manifest.sequence} to have its certified hash, it has not`,
      );
    }
    return chunk;
  };
  const sessionChunks = [];
  for (let index = 0; index < manifest.sessionChunks; index += 1) sessionChunks.push(checked(index));
  replica.sessions.restore(sessionChunks);
  replica.machine.restore(machineChunks(manifest, checked));
  replica.lastExecuted = manifest.sequence;
  replica.lastTime = manifest.time;
}

/** Whether bytes are chunk `index` of a manifest. */
export function isChunk(replica: ReplicaState, manifest: Manifest, index: number, bytes: Uint8Array): boolean {
  const expected = manifest.hashes[index];
  const found =
    index < manifest.sessionChunks
      ? chunkHash(replica.ports.digest, bytes)
      : machineChunkHash(replica, bytes, index - manifest.sessionChunks);
  return expected !== undefined && found !== undefined && equalBytes(found, expected);
}

function* machineChunks(manifest: Manifest, read: (index: number) => Uint8Array): Iterable<Uint8Array> {
  for (let index = manifest.sessionChunks; index < manifest.hashes.length; index += 1) yield read(index);
}

function readHeader(bytes: Uint8Array): { stable: StableCertificate; manifest: Manifest; records: number } {
  const decoded = decodeAll(bytes, (reader) => {
    const version = reader.u8();
    if (version !== VERSION) reader.fail(`version ${VERSION}`, `${version}`);
    const stable = readStable(reader);
    const manifest = decodeManifest(reader.block(MESSAGE_BYTES_MAX));
    if (!manifest.ok) return reader.fail("a manifest", manifest.reason);
    return { stable, manifest: manifest.value, records: reader.count(RECORDS_MAX) };
  });
  if (!decoded.ok)
    throw new RecoveryError(
      `expected the header of a checkpoint, got ${decoded.reason}; it was written by another version, or damaged`,
    );
  return decoded.value;
}
