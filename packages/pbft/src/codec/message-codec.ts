/**
 * Messages and bytes (`docs/format.md`). Decoding is strict and bounded and checks form only; `authentication.ts`
 * checks what was signed. A batch's digest is computed here, never taken from a message.
 */
import { ByteReader, ByteWriter, decodeAll } from "@void-system/bytes";
import type { Codec } from "@void-system/effects";
import { readBatch, readRequest, writeRequest, type Batch } from "./batch.ts";
import {
  readCommitted,
  readDeparture,
  readPrepared,
  readProposal,
  readStable,
  writeCommitted,
  writeDeparture,
  writePrepared,
  writeProposal,
  writeStable,
} from "./certificate-codec.ts";
import type { Configuration } from "../configuration.ts";
import {
  CHUNK_BYTES_MAX,
  CONFIGURATION_BYTES_MAX,
  DIGEST_BYTES,
  MESSAGE_BYTES_MAX,
  REPLICAS_MAX,
  SIGNATURE_BYTES,
  STATUS_SLOTS_MAX,
} from "../limits.ts";
import { SlotState } from "./message.ts";
import type { CommittedSlot, Message, NewView, Status, ViewChange, Vote } from "./message.ts";
import { readHint, readReply, writeHint, writeReply } from "./reply-codec.ts";
import type { Digest } from "../ports.ts";
import { INCARNATION, readIncarnation, readSender, writeSender } from "./sender.ts";
import { FORMAT_VERSION, readVersion } from "./version.ts";

/** Reads the body of a message. */
type ReadBody = (reader: ByteReader, cluster: Configuration, digest: Digest) => Message;

/** Second byte of the frame of each message, and the reader of its body. */
export const FRAMES: Readonly<Record<Message["type"], { readonly kind: number; readonly read: ReadBody }>> = {
  request: { kind: 1, read: readRequest },
  "pre-prepare": { kind: 2, read: readPrePrepare },
  prepare: { kind: 3, read: (reader, cluster) => readVote(reader, "prepare", cluster) },
  commit: { kind: 4, read: (reader, cluster) => readVote(reader, "commit", cluster) },
  checkpoint: { kind: 5, read: readCheckpoint },
  "view-change": { kind: 6, read: readViewChange },
  "new-view": { kind: 7, read: readNewView },
  reply: { kind: 8, read: readReply },
  status: { kind: 9, read: readStatus },
  "fetch-batch": { kind: 10, read: (reader) => ({ type: "fetch-batch", sequence: reader.u53(), digest: reader.raw(DIGEST_BYTES) }) },
  batch: {
    kind: 11,
    read: (reader, cluster, digest) => ({ type: "batch", sequence: reader.u53(), batch: readRealBatch(reader, cluster, digest) }),
  },
  "fetch-slots": { kind: 12, read: (reader) => ({ type: "fetch-slots", from: reader.u53() }) },
  slots: { kind: 13, read: readSlots },
  stable: { kind: 14, read: readStableMessage },
  "fetch-chunk": { kind: 15, read: (reader) => ({ type: "fetch-chunk", sequence: reader.u53(), index: reader.u32() }) },
  chunk: { kind: 16, read: (reader) => ({ type: "chunk", sequence: reader.u53(), index: reader.u32(), bytes: reader.block(CHUNK_BYTES_MAX) }) },
  complaint: { kind: 17, read: readComplaint },
  departure: { kind: 18, read: (reader, cluster) => ({ type: "departure", certificate: readDeparture(reader, cluster) }) },
  hello: { kind: 19, read: readHello },
  hint: { kind: 20, read: readHint },
};

const READERS: ReadonlyMap<number, ReadBody> = new Map(Object.values(FRAMES).map(({ kind, read }) => [kind, read]));

/**
 * The codec of a cluster's messages.
 *
 * @example
 * ```ts
 * import { configuration, messageCodec } from "@void-system/pbft";
 * const cluster = configuration({ replicas: ["a", "b", "c", "d"] });
 * const codec = messageCodec(cluster, (bytes) => new Uint8Array(32).fill(bytes.length));
 * const bytes = codec.encode({ type: "fetch-slots", from: 7 });
 * codec.decode(bytes); // => { ok: true, value: { type: "fetch-slots", from: 7 } }
 * codec.decode(new Uint8Array([2, 12])).ok; // => false
 * ```
 */
export function messageCodec(cluster: Configuration, digest: Digest): Codec<Message> {
  return {
    encode: (message) => encodeMessage(cluster, message),
    decode(bytes) {
      if (bytes.length > MESSAGE_BYTES_MAX) return { ok: false, reason: `a message of ${bytes.length} bytes` };
      return decodeAll(bytes, (reader) => readMessage(reader, cluster, digest));
    },
  };
}

/** The bytes of a message. */
export function encodeMessage(cluster: Pick<Configuration, "number">, message: Message): Uint8Array {
  const { kind } = FRAMES[message.type];
  const writer = new ByteWriter(sizeHint(message)).u8(FORMAT_VERSION).u8(kind).u32(numberOf(cluster, kind));
  writeBody(writer, message);
  return writer.finish();
}

/** The configuration that a frame is under. A HELLO is under none: it says which its sender has. */
function numberOf(cluster: Pick<Configuration, "number">, kind: number): number {
  return kind === FRAMES.hello.kind ? 0 : cluster.number;
}

function sizeHint(message: Message): number {
  if (message.type === "pre-prepare" || message.type === "batch") return message.batch.bytes.length + 256;
  return message.type === "chunk" ? message.bytes.length + 64 : 256;
}

function writeBody(writer: ByteWriter, message: Message): void {
  switch (message.type) {
    case "request":
      writeRequest(writer, message);
      return;
    case "pre-prepare":
      writer.u53(message.view).u53(message.sequence).block(message.batch.bytes).u32(INCARNATION).raw(message.signature);
      return;
    case "prepare":
    case "commit":
      writeSender(writer.u53(message.view).u53(message.sequence).raw(message.digest), message.sender).raw(message.signature);
      return;
    case "checkpoint":
      writeSender(writer.u53(message.sequence).raw(message.digest), message.sender).raw(message.signature);
      return;
    case "view-change":
    case "new-view":
    case "status":
      writer.raw(signedBody(message)).raw(message.signature);
      return;
    case "reply":
      writeReply(writer, message);
      return;
    case "hint":
      writeHint(writer, message);
      return;
    case "complaint":
      writeSender(writer.u53(message.view), message.sender).raw(message.signature);
      return;
    case "departure":
      writeDeparture(writer, message.certificate);
      return;
    case "fetch-batch":
      writer.u53(message.sequence).raw(message.digest);
      return;
    case "batch":
      writer.u53(message.sequence).block(message.batch.bytes);
      return;
    case "fetch-slots":
      writer.u53(message.from);
      return;
    case "slots":
      writer.u32(message.slots.length);
      for (const slot of message.slots) writeSlot(writer, slot);
      return;
    case "stable":
      writeStable(writer, message.certificate);
      writer.block(message.manifest ?? new Uint8Array(0));
      return;
    case "fetch-chunk":
      writer.u53(message.sequence).u32(message.index);
      return;
    case "chunk":
      writer.u53(message.sequence).u32(message.index).block(message.bytes);
      return;
    case "hello":
      writer.u32(INCARNATION).block(message.configuration);
  }
}

/** Encodes the signed part of a message that is signed as a whole. */
export function signedBody(
  message:
    | Omit<ViewChange, "signature">
    | Omit<NewView, "signature">
    | Omit<Status, "signature">,
): Uint8Array {
  const writer = new ByteWriter(512);
  switch (message.type) {
    case "view-change":
      writer.u53(message.view);
      writeStable(writer, message.stable);
      writer.u32(message.prepared.length);
      for (const certificate of message.prepared) writePrepared(writer, certificate);
      return writeSender(writer, message.sender).finish();
    case "new-view":
      writer.u53(message.view).u8(message.viewChanges.length);
      for (const viewChange of message.viewChanges) writer.raw(signedBody(viewChange)).raw(viewChange.signature);
      writer.u32(message.proposals.length);
      for (const proposal of message.proposals) writeProposal(writer, proposal);
      return writer.u32(INCARNATION).finish();
    case "status":
      writer
        .u53(message.view)
        .u8((message.changing ? 1 : 0) + (message.complaining ? 2 : 0))
        .u53(message.stable)
        .u53(message.lastExecuted)
        .u8(message.slots.length);
      for (const slot of message.slots) writer.u8(slot);
      return writeSender(writer, message.sender).finish();
  }
}

function readMessage(reader: ByteReader, cluster: Configuration, digest: Digest): Message {
  readVersion(reader, "a message", FORMAT_VERSION);
  const kind = reader.u8();
  const [expected, number] = [numberOf(cluster, kind), reader.u32()];
  if (number !== expected) reader.fail(`a message under configuration ${expected}`, `one under ${number}`);
  const read = READERS.get(kind) ?? reader.fail("a known kind of message", `${kind}`);
  return read(reader, cluster, digest);
}

function readPrePrepare(reader: ByteReader, cluster: Configuration, digest: Digest): Message {
  const [view, sequence] = [reader.u53(), reader.u53()];
  const batch = readRealBatch(reader, cluster, digest);
  readIncarnation(reader);
  return { type: "pre-prepare", view, sequence, batch, signature: reader.raw(SIGNATURE_BYTES) };
}

function readCheckpoint(reader: ByteReader, cluster: Configuration): Message {
  return {
    type: "checkpoint",
    sequence: reader.u53(),
    digest: reader.raw(DIGEST_BYTES),
    sender: readSender(reader, cluster),
    signature: reader.raw(SIGNATURE_BYTES),
  };
}

function readComplaint(reader: ByteReader, cluster: Configuration): Message {
  return { type: "complaint", view: reader.u53(), sender: readSender(reader, cluster), signature: reader.raw(SIGNATURE_BYTES) };
}

function readSlots(reader: ByteReader, cluster: Configuration, digest: Digest): Message {
  const slots: CommittedSlot[] = [];
  const count = reader.count(cluster.window + cluster.checkpointInterval);
  for (let index = 0; index < count; index += 1) slots.push(readSlot(reader, cluster, digest));
  return { type: "slots", slots };
}

function readStableMessage(reader: ByteReader, cluster: Configuration): Message {
  const certificate = readStable(reader, cluster);
  const manifest = reader.block(MESSAGE_BYTES_MAX);
  return manifest.length === 0 ? { type: "stable", certificate } : { type: "stable", certificate, manifest };
}

function readHello(reader: ByteReader): Message {
  readIncarnation(reader);
  return { type: "hello", configuration: reader.block(CONFIGURATION_BYTES_MAX) };
}

function readVote(reader: ByteReader, type: Vote["type"], cluster: Configuration): Vote {
  return {
    type,
    view: reader.u53(),
    sequence: reader.u53(),
    digest: reader.raw(DIGEST_BYTES),
    sender: readSender(reader, cluster),
    signature: reader.raw(SIGNATURE_BYTES),
  };
}

/** A batch of a message that never carries the null batch. */
function readRealBatch(reader: ByteReader, cluster: Configuration, digest: Digest): Batch {
  const batch = readBatch(reader, digest, cluster.batchRequestsMax);
  if (batch.requests.length === 0) reader.fail("a batch with requests", "the null batch");
  return batch;
}

function writeSlot(writer: ByteWriter, slot: CommittedSlot): void {
  writeCommitted(writer, slot.certificate);
  writer.block(slot.batch.bytes);
}

function readSlot(reader: ByteReader, cluster: Configuration, digest: Digest): CommittedSlot {
  return { certificate: readCommitted(reader, cluster), batch: readBatch(reader, digest, cluster.batchRequestsMax) };
}

function readViewChange(reader: ByteReader, cluster: Configuration): ViewChange {
  const view = reader.u53();
  const stable = readStable(reader, cluster);
  const count = reader.count(cluster.window);
  const prepared = [];
  for (let index = 0; index < count; index += 1) prepared.push(readPrepared(reader, cluster));
  return {
    type: "view-change",
    view,
    stable,
    prepared,
    sender: readSender(reader, cluster),
    signature: reader.raw(SIGNATURE_BYTES),
  };
}

function readNewView(reader: ByteReader, cluster: Configuration): NewView {
  const view = reader.u53();
  const votes = reader.u8();
  if (votes > REPLICAS_MAX) reader.fail(`at most ${REPLICAS_MAX} view changes`, `${votes}`);
  const viewChanges = [];
  for (let index = 0; index < votes; index += 1) viewChanges.push(readViewChange(reader, cluster));
  const count = reader.count(cluster.window);
  const proposals = [];
  for (let index = 0; index < count; index += 1) proposals.push(readProposal(reader));
  readIncarnation(reader);
  return { type: "new-view", view, viewChanges, proposals, signature: reader.raw(SIGNATURE_BYTES) };
}

function readStatus(reader: ByteReader, cluster: Configuration): Status {
  const view = reader.u53();
  const flags = reader.u8();
  if (flags > 3) reader.fail("flags of at most 3", `${flags}`);
  const stable = reader.u53();
  const lastExecuted = reader.u53();
  const count = reader.u8();
  if (count > STATUS_SLOTS_MAX) reader.fail(`at most ${STATUS_SLOTS_MAX} slots`, `${count}`);
  const slots: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const state = reader.u8();
    if (state > SlotState.committed) reader.fail("a known state of a slot", `${state}`);
    slots.push(state);
  }
  const sender = readSender(reader, cluster);
  const signature = reader.raw(SIGNATURE_BYTES);
  const changing = (flags & 1) !== 0;
  return {
    type: "status",
    view,
    changing,
    complaining: (flags & 2) !== 0,
    stable,
    lastExecuted,
    slots,
    sender,
    signature,
  };
}
