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
import type { Codec } from "@void-system/effects";
import { readBatch, type Batch } from "./batch.ts";
import type { CommitCertificate, ComplaintCertificate, PreparedCertificate, Proposal } from "./certificate.ts";
import {
  readCommitted,
  readComplaints,
  readPrepared,
  readProposal,
  writeCommitted,
  writeComplaints,
  writePrepared,
  writeProposal,
} from "./certificate-codec.ts";
import type { Configuration } from "../configuration.ts";
import { CONFIGURATION_BYTES_MAX, MESSAGE_BYTES_MAX } from "../limits.ts";
import { encodeMessage, messageCodec } from "./message-codec.ts";
import type { Message, NewView, ViewChange } from "./message.ts";
import type { Digest } from "../ports.ts";
import { INCARNATION, readIncarnation } from "./sender.ts";
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
      readonly type: "departure";
      /** The complaints of the view that is left. */
      readonly certificate: ComplaintCertificate;
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

const KIND = {
  accepted: 1,
  batch: 2,
  prepared: 3,
  committed: 4,
  "view-change": 5,
  "new-view": 6,
  departure: 7,
  birth: 8,
} as const;

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
    .u8(KIND[record.type]);
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
    case "departure":
      writeComplaints(writer, record.certificate);
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
  const batch = (): Batch => readBatch(reader, digest, cluster.batchRequestsMax);
  switch (kind) {
    case KIND.birth:
      readIncarnation(reader);
      return { type: "birth", configuration: reader.block(CONFIGURATION_BYTES_MAX) };
    case KIND.accepted:
      return { type: "accepted", view: reader.u53(), proposal: readProposal(reader), batch: batch() };
    case KIND.batch:
      return { type: "batch", sequence: reader.u53(), batch: batch() };
    case KIND.prepared:
      return { type: "prepared", certificate: readPrepared(reader, cluster) };
    case KIND.committed:
      return { type: "committed", certificate: readCommitted(reader, cluster) };
    case KIND.departure:
      return { type: "departure", certificate: readComplaints(reader, cluster) };
    case KIND["view-change"]:
    case KIND["new-view"]: {
      const message = readNested(reader, cluster, digest);
      if (kind === KIND["view-change"] && message.type === "view-change") return { type: "view-change", message };
      if (kind === KIND["new-view"] && message.type === "new-view") return { type: "new-view", message };
      return reader.fail(`the message of a record of kind ${kind}`, message.type);
    }
    default:
      return reader.fail("a known kind of record", `${kind}`);
  }
}

function readNested(reader: ByteReader, cluster: Configuration, digest: Digest): Message {
  const decoded = messageCodec(cluster, digest).decode(reader.block(MESSAGE_BYTES_MAX));
  if (!decoded.ok) return reader.fail("a message", decoded.reason);
  return decoded.value;
}
