/**
 * A replica's checkpoint on disk: the newest stable one with its proof and manifest, and, because all records up to then
 * are dropped, what of them still binds the replica, as records again.
 *
 * Chunks: a header; the records; the session chunks; the state machine's chunks.
 */
import { ByteWriter, decodeAll, equalBytes } from "@void-system/bytes";
import type { Lsn } from "@void-system/effects";
import { readStable, writeStable } from "../codec/certificate-codec.ts";
import type { StableCertificate } from "../codec/certificate.ts";
import { decodeManifest, type Manifest } from "../codec/manifest.ts";
import { recordCodec, type ReplicaRecord } from "../codec/record.ts";
import { readVersion } from "../codec/version.ts";
import type { Configuration } from "../configuration.ts";
import { RecoveryError } from "../errors.ts";
import { MESSAGE_BYTES_MAX } from "../limits.ts";
import type { TakenCheckpoint } from "./checkpoints.ts";
import { checkpointChunk } from "./execution.ts";
import { applyRecord } from "./recovery.ts";
import type { Replica } from "./replica.ts";

const VERSION = 3;
const RECORDS_MAX = 1_000_000;

/** Begins to write the checkpoint that waits, unless one is being written. */
export function persistCheckpoint(replica: Replica): void {
  const { log, execution, outbox } = replica;
  const taken = execution.checkpoints.beginWrite(log.stable.sequence);
  if (taken === undefined) return;
  const codec = recordCodec(replica.cluster, replica.ports.digest);
  const records = bindingRecords(replica).map((record) => codec.encode(record));
  const header = new ByteWriter(1_024).u8(VERSION);
  writeStable(header, log.stable);
  header.block(taken.manifest).u32(records.length);
  const head = header.finish();
  outbox.checkpoint({ [Symbol.iterator]: () => readChunks(head, records, taken) });
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

/** Records of this replica's past that still bind it or are needed to go on: its view, the slots above the checkpoint, evidence. */
function bindingRecords(replica: Replica): ReplicaRecord[] {
  const { view, log } = replica;
  const records: ReplicaRecord[] = [{ type: "birth", configuration: replica.cluster.record }];
  for (const contradiction of replica.convictions.contradictions) records.push({ type: "evidence", contradiction });
  if (view.newView) records.push({ type: "new-view", message: view.newView });
  if (view.proof) records.push({ type: "departure", certificate: view.proof });
  if (view.changing && view.ownViewChange) records.push({ type: "view-change", message: view.ownViewChange });
  const slots = [...log.slots()].filter((slot) => slot.sequence > log.stable.sequence);
  for (const slot of slots.sort((a, b) => a.sequence - b.sequence)) {
    const { sequence, proposal, prepared, committed } = slot;
    for (const { batch } of slot.durableBatches()) records.push({ type: "batch", sequence, batch });
    const batch = proposal && slot.batch(proposal.digest);
    if (slot.voted && proposal && batch && sequence > view.base)
      records.push({ type: "accepted", view: view.number, proposal: { sequence, ...proposal }, batch });
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
export function restoreCheckpoint(replica: Replica, upTo: Lsn, chunks: Iterable<Uint8Array>): void {
  const { log, execution, outbox } = replica;
  const source = chunks[Symbol.iterator]();
  const next = (): Uint8Array => {
    const item = source.next();
    if (item.done === true)
      throw new RecoveryError(
        "expected more chunks in the checkpoint on disk; restore the disk or let the replica start empty under a new name",
      );
    return item.value;
  };
  const { stable, manifest, records } = readHeader(replica.cluster, next());
  const codec = recordCodec(replica.cluster, replica.ports.digest);
  const binding = [];
  for (let index = 0; index < records; index += 1) {
    const decoded = codec.decode(next());
    if (!decoded.ok) throw new RecoveryError(`expected a record in the checkpoint on disk, got ${decoded.reason}`);
    binding.push(decoded.value);
  }
  execution.restore(manifest, next);
  outbox.recovered(upTo);
  log.recoverStable(stable);
  const taken = execution.capture();
  if (!equalBytes(taken.digest, stable.digest)) {
    throw new RecoveryError(
      `expected the certified state of checkpoint ${stable.sequence} after restoring it, got another; the state machine has changed or its snapshot is not deterministic`,
    );
  }
  execution.checkpoints.serve(taken);
  for (const record of binding) applyRecord(replica, record);
}

function readHeader(cluster: Configuration, bytes: Uint8Array): { stable: StableCertificate; manifest: Manifest; records: number } {
  const decoded = decodeAll(bytes, (reader) => {
    readVersion(reader, "a checkpoint", VERSION);
    const stable = readStable(reader, cluster);
    const manifest = decodeManifest(reader.block(MESSAGE_BYTES_MAX));
    if (!manifest.ok) return reader.fail("a manifest", manifest.reason);
    return { stable, manifest: manifest.value, records: reader.count(RECORDS_MAX) };
  });
  if (!decoded.ok)
    throw new RecoveryError(
      `expected the header of a checkpoint: ${decoded.reason}`,
    );
  return decoded.value;
}
