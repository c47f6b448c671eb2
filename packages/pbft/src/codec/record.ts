/**
 * The records that a replica writes before it speaks. Each vote leaves after the record that binds it is durable, so a replica
 * that restarts knows every vote that it may have sent and never contradicts one.
 *
 * | vote | bound by |
 * |---|---|
 * | PRE-PREPARE, PREPARE | `accepted`, with the batch; for what a NEW-VIEW proposed, `new-view` and `batch` |
 * | COMMIT | `prepared` |
 * | VIEW-CHANGE | `view-change`, the message itself; `departure` before it is the proof with which the view is left |
 * | NEW-VIEW, and all votes of its view | `new-view`, the message itself |
 * | CHECKPOINT | the `committed` records up to it |
 *
 * Every log begins with `birth`, so that a log is never taken for that of another cluster or configuration.
 */
import { type ByteReader, ByteWriter, decodeAll } from "@void-system/bytes";
import type { SignedDigest } from "@void-system/crypto";
import type { Codec } from "@void-system/effects";
import { readBatch, type Batch } from "./batch.ts";
import type { CommitCertificate, DepartureCertificate, PreparedCertificate, Proposal } from "./certificate.ts";
import {
  readCommitted,
  readDeparture,
  readPrepared,
  readProposal,
  writeCommitted,
  writeDeparture,
  writePrepared,
  writeProposal,
} from "./certificate-codec.ts";
import type { Configuration } from "../configuration.ts";
import { CONFIGURATION_BYTES_MAX, DIGEST_BYTES, MESSAGE_BYTES_MAX, SIGNATURE_BYTES } from "../limits.ts";
import type { Contradiction } from "../protocol/evidence.ts";
import { encodeMessage, messageCodec } from "./message-codec.ts";
import type { Message, NewView, ViewChange } from "./message.ts";
import type { Digest } from "../ports.ts";
import { INCARNATION, readIncarnation, readSender, writeSender } from "./sender.ts";
import { FORMAT_VERSION, readVersion } from "./version.ts";

/** One durable step of a replica. */
export type ReplicaRecord =
  | {
      readonly type: "birth";
      /** The record of the configuration that the replica was born with. */
      readonly configuration: Uint8Array;
    }
  | {
      readonly type: "accepted";
      /** The view of the vote. */
      readonly view: number;
      /** The primary's signed proposal. */
      readonly proposal: Proposal;
      /** The batch. */
      readonly batch: Batch;
    }
  | {
      readonly type: "batch";
      /** The sequence number. */
      readonly sequence: number;
      /** The batch. */
      readonly batch: Batch;
    }
  | {
      readonly type: "prepared";
      /** The certificate. */
      readonly certificate: PreparedCertificate;
    }
  | {
      readonly type: "committed";
      /** The certificate. */
      readonly certificate: CommitCertificate;
    }
  | {
      readonly type: "evidence";
      /** The statements with which a replica contradicts itself. */
      readonly contradiction: Contradiction;
    }
  | {
      readonly type: "departure";
      /** The proof that the view may be left. */
      readonly certificate: DepartureCertificate;
    }
  | {
      readonly type: "view-change";
      /** The message, as it was sent. */
      readonly message: ViewChange;
    }
  | {
      readonly type: "new-view";
      /** The message, as it was sent. */
      readonly message: NewView;
    };

/** Reads the body of a record. */
type ReadBody = (reader: ByteReader, cluster: Configuration, digest: Digest) => ReplicaRecord;

/** Second byte of each record, and the reader of its body. */
const RECORDS: Readonly<Record<ReplicaRecord["type"], { readonly kind: number; readonly read: ReadBody }>> = {
  accepted: {
    kind: 1,
    read: (reader, cluster, digest) => ({ type: "accepted", view: reader.u53(), proposal: readProposal(reader), batch: readAnyBatch(reader, cluster, digest) }),
  },
  batch: { kind: 2, read: (reader, cluster, digest) => ({ type: "batch", sequence: reader.u53(), batch: readAnyBatch(reader, cluster, digest) }) },
  prepared: { kind: 3, read: (reader, cluster) => ({ type: "prepared", certificate: readPrepared(reader, cluster) }) },
  committed: { kind: 4, read: (reader, cluster) => ({ type: "committed", certificate: readCommitted(reader, cluster) }) },
  "view-change": { kind: 5, read: readViewChangeRecord },
  "new-view": { kind: 6, read: readNewViewRecord },
  departure: { kind: 7, read: (reader, cluster) => ({ type: "departure", certificate: readDeparture(reader, cluster) }) },
  birth: { kind: 8, read: readBirth },
  evidence: { kind: 9, read: readEvidence },
};

const READERS: ReadonlyMap<number, ReadBody> = new Map(Object.values(RECORDS).map(({ kind, read }) => [kind, read]));

/**
 * The codec of a replica's records.
 *
 * @example
 * ```ts
 * import { configuration, recordCodec } from "@void-system/pbft";
 * const cluster = configuration({ replicas: ["a", "b", "c", "d"] });
 * const codec = recordCodec(cluster, (bytes) => new Uint8Array(32).fill(bytes.length));
 * codec.decode(new Uint8Array([9])).ok; // => false
 * ```
 */
export function recordCodec(cluster: Configuration, digest: Digest): Codec<ReplicaRecord> {
  return { encode: (record) => encodeRecord(cluster, record), decode: (bytes) => decodeAll(bytes, (reader) => readRecord(reader, cluster, digest)) };
}

function encodeRecord(cluster: Configuration, record: ReplicaRecord): Uint8Array {
  const writer = new ByteWriter("batch" in record ? record.batch.bytes.length + 256 : 512)
    .u8(FORMAT_VERSION)
    .u8(RECORDS[record.type].kind);
  switch (record.type) {
    case "birth":
      writer.u32(INCARNATION).block(record.configuration);
      break;
    case "accepted":
      writeProposal(writer.u53(record.view), record.proposal);
      writer.block(record.batch.bytes);
      break;
    case "batch":
      writer.u53(record.sequence).block(record.batch.bytes);
      break;
    case "prepared":
      writePrepared(writer, record.certificate);
      break;
    case "committed":
      writeCommitted(writer, record.certificate);
      break;
    case "evidence":
      writeEvidence(writer, record.contradiction);
      break;
    case "departure":
      writeDeparture(writer, record.certificate);
      break;
    case "view-change":
    case "new-view":
      writer.block(encodeMessage(cluster, record.message));
  }
  return writer.finish();
}

function readRecord(reader: ByteReader, cluster: Configuration, digest: Digest): ReplicaRecord {
  readVersion(reader, "a record", FORMAT_VERSION);
  const kind = reader.u8();
  const read = READERS.get(kind) ?? reader.fail("a known kind of record", `${kind}`);
  return read(reader, cluster, digest);
}

function readBirth(reader: ByteReader): ReplicaRecord {
  readIncarnation(reader);
  return { type: "birth", configuration: reader.block(CONFIGURATION_BYTES_MAX) };
}

/** Kinds of statements of an `evidence` record, in the order of their numbers. */
const PLACES = ["pre-prepare", "prepare", "commit", "checkpoint"] as const;

function writeEvidence(writer: ByteWriter, { sender, kind, view, sequence, statements }: Contradiction): void {
  writeSender(writer, sender).u8(PLACES.indexOf(kind)).u53(view).u53(sequence);
  for (const { digest, signature } of statements) writer.raw(digest).raw(signature);
}

function readEvidence(reader: ByteReader, cluster: Configuration): ReplicaRecord {
  const sender = readSender(reader, cluster);
  const code = reader.u8();
  const kind = PLACES[code] ?? reader.fail("a known kind of statement", `${code}`);
  const [view, sequence] = [reader.u53(), reader.u53()];
  const signed = (): SignedDigest => ({ digest: reader.raw(DIGEST_BYTES), signature: reader.raw(SIGNATURE_BYTES) });
  return { type: "evidence", contradiction: { sender, kind, view, sequence, statements: [signed(), signed()] } };
}

function readViewChangeRecord(reader: ByteReader, cluster: Configuration, digest: Digest): ReplicaRecord {
  const message = readNested(reader, cluster, digest);
  return message.type === "view-change" ? { type: "view-change", message } : reader.fail("a VIEW-CHANGE", message.type);
}

function readNewViewRecord(reader: ByteReader, cluster: Configuration, digest: Digest): ReplicaRecord {
  const message = readNested(reader, cluster, digest);
  return message.type === "new-view" ? { type: "new-view", message } : reader.fail("a NEW-VIEW", message.type);
}

/** A batch of a record, which may be the null batch. */
function readAnyBatch(reader: ByteReader, cluster: Configuration, digest: Digest): Batch {
  return readBatch(reader, digest, cluster.batchRequestsMax);
}

function readNested(reader: ByteReader, cluster: Configuration, digest: Digest): Message {
  const decoded = messageCodec(cluster, digest).decode(reader.block(MESSAGE_BYTES_MAX));
  if (!decoded.ok) return reader.fail("a message", decoded.reason);
  return decoded.value;
}
