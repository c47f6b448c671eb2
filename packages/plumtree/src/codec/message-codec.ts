/**
 * Messages as frames: a fixed binary layout, read strictly. `docs/format.md` describes it.
 */
import { type ByteReader, ByteWriter, type Codec, decodeAll, type Decoded } from "@void-system/bytes";
import { readPeerId } from "@void-system/effects";
import { type CounterRange, RUNS_MAX } from "../protocol/counter-set.ts";
import { FRAME_IDS_MAX, FRAME_RUNS_MAX, PAYLOAD_BYTES_MAX, SYNC_STREAMS_MAX } from "../limits.ts";
import { readMembership, writeMembership } from "./membership-codec.ts";
import type { IdRun, PlumtreeMessage, StreamDigest } from "./message.ts";

const VERSION = 2;
/** The second byte of a frame is an index of this list. */
const TYPES = [
  "gossip", "sync", "ihave", "graft", "prune", "gone",
  "join", "forward-join", "neighbor", "neighbor-reply", "disconnect", "shuffle", "shuffle-reply",
] as const;
/** Greatest number of links that a frame can state. Further links are not counted. */
export const ROUND_MAX = 0xff_ff;
/** Greatest age that a frame can state, in milliseconds. */
export const AGE_MS_MAX = 0xff_ff_ff_ff;
/** Greatest counter, which a node would reach after 8,900 years of a thousand broadcasts a second. */
const COUNTER_MAX = 2 ** 48 - 2;
/** Initial capacity for fixed fields and one name of up to 19 characters. */
const HEAD_BYTES = 48;
const FLAG_ANSWER = 1;
const FLAG_LAST = 2;

/** Encodes messages as frames, and decodes frames. */
export const messageCodec: Codec<PlumtreeMessage> = { encode, decode };

function encode(message: PlumtreeMessage): Uint8Array {
  const capacity = HEAD_BYTES + (message.type === "gossip" ? message.payload.length : 0);
  const writer = new ByteWriter(capacity).u8(VERSION).u8(TYPES.indexOf(message.type));
  switch (message.type) {
    case "gossip":
      writer.ascii(message.origin).u53(message.epoch).u48(message.counter).u16(message.round).u32(message.ageMs);
      return writer.raw(message.payload).finish();
    case "sync":
      writer.u8((message.answer ? FLAG_ANSWER : 0) + (message.last ? FLAG_LAST : 0)).u16(message.streams.length);
      for (const stream of message.streams) writeDigest(writer, stream);
      return writer.finish();
    case "graft":
      writer.u8(message.link ? 1 : 0);
      return writeRuns(writer, message.runs).finish();
    case "prune":
      return writer.finish();
    case "ihave":
      writer.u32(message.sentMs).u32(message.echoMs).u32(message.heldMs);
      return writeRuns(writer, message.runs).finish();
    case "gone":
      return writeRuns(writer, message.runs).finish();
    default:
      return writeMembership(writer, message).finish();
  }
}

function writeDigest(writer: ByteWriter, { origin, epoch, low, keptFrom, runs }: StreamDigest): void {
  writer.ascii(origin).u53(epoch).u48(low).u48(keptFrom).u16(runs.length);
  for (const { from, to } of runs) writer.u48(from).u48(to);
}

/** Writes runs in groups of one epoch, which share a name. */
function writeRuns(writer: ByteWriter, runs: readonly IdRun[]): ByteWriter {
  const groups: IdRun[][] = [];
  for (const run of runs) {
    const group = groups.at(-1);
    if (group?.[0]?.origin === run.origin && group[0].epoch === run.epoch) group.push(run);
    else groups.push([run]);
  }
  writer.u16(groups.length);
  for (const group of groups) {
    const [first] = group;
    if (first) writer.ascii(first.origin).u53(first.epoch).u16(group.length);
    for (const { from, length, round } of group) writer.u48(from).u16(length).u16(round);
  }
  return writer;
}

function decode(bytes: Uint8Array): Decoded<PlumtreeMessage> {
  return decodeAll(bytes, readMessage);
}

function readMessage(reader: ByteReader): PlumtreeMessage {
  const version = reader.u8();
  if (version !== VERSION) reader.fail(`a frame of version ${VERSION}`, `${version}`, 0);
  const type = TYPES[reader.u8()];
  if (type === undefined) return reader.fail("a known message", "another type", 1);
  switch (type) {
    case "gossip":
      return readGossip(reader);
    case "sync":
      return readSync(reader);
    case "graft":
      return readGraft(reader);
    case "prune":
      return { type };
    case "ihave":
      return { type, sentMs: reader.u32(), echoMs: reader.u32(), heldMs: reader.u32(), runs: readRuns(reader, 1) };
    case "gone":
      return { type, runs: readRuns(reader, 1) };
    default:
      return readMembership(reader, type);
  }
}

function readGossip(reader: ByteReader): PlumtreeMessage {
  const origin = readPeerId(reader);
  const epoch = reader.u53();
  const counter = readCounter(reader, 1);
  const round = reader.u16();
  if (round === 0) reader.fail("at least one link", "none");
  const ageMs = reader.u32();
  if (reader.remaining > PAYLOAD_BYTES_MAX)
    reader.fail(`a payload of at most ${PAYLOAD_BYTES_MAX} bytes`, `${reader.remaining}`);
  return { type: "gossip", origin, epoch, counter, round, ageMs, payload: reader.rest() };
}

function readSync(reader: ByteReader): PlumtreeMessage {
  const flags = reader.u8();
  if (flags > FLAG_ANSWER + FLAG_LAST) reader.fail("flags of 0 to 3", `${flags}`);
  const count = reader.u16();
  if (count > SYNC_STREAMS_MAX) reader.fail(`at most ${SYNC_STREAMS_MAX} epochs`, `${count}`);
  const streams = Array.from({ length: count }, () => readDigest(reader));
  return { type: "sync", answer: (flags & FLAG_ANSWER) > 0, last: (flags & FLAG_LAST) > 0, streams };
}

function readDigest(reader: ByteReader): StreamDigest {
  const origin = readPeerId(reader);
  const epoch = reader.u53();
  const low = readCounter(reader, 0);
  const keptFrom = readCounter(reader, 1, COUNTER_MAX + 1);
  const count = reader.u16();
  if (count > RUNS_MAX) reader.fail(`at most ${RUNS_MAX} runs`, `${count}`);
  let above = low + 2;
  const runs = Array.from({ length: count }, (): CounterRange => {
    const from = readCounter(reader, above);
    const to = readCounter(reader, from);
    above = to + 2;
    return { from, to };
  });
  return { origin, epoch, low, keptFrom, runs };
}

function readGraft(reader: ByteReader): PlumtreeMessage {
  const flag = reader.u8();
  if (flag > 1) reader.fail("a flag of 0 or 1", `${flag}`);
  return { type: "graft", link: flag === 1, runs: readRuns(reader, flag === 1 ? 0 : 1) };
}

function readRuns(reader: ByteReader, runsMin: number): readonly IdRun[] {
  const groups = reader.u16();
  const runs: IdRun[] = [];
  let ids = 0;
  for (let group = 0; group < groups; group += 1) {
    const origin = readPeerId(reader);
    const epoch = reader.u53();
    const before = runs.at(-1);
    if (before?.origin === origin && before.epoch === epoch) reader.fail("another epoch in each group", "the same again");
    const count = reader.u16();
    if (count === 0 || runs.length + count > FRAME_RUNS_MAX) reader.fail(`1 to ${FRAME_RUNS_MAX} runs`, `${runs.length + count}`);
    for (let index = 0; index < count; index += 1) {
      const from = readCounter(reader, 1);
      const length = reader.u16();
      ids += length;
      if (length === 0 || ids > FRAME_IDS_MAX || from + length - 1 > COUNTER_MAX)
        reader.fail(`1 to ${FRAME_IDS_MAX} ids`, `${ids}`);
      runs.push({ origin, epoch, from, length, round: reader.u16() });
    }
  }
  if (runs.length < runsMin) reader.fail("at least one run", "none");
  return runs;
}

function readCounter(reader: ByteReader, min: number, max = COUNTER_MAX): number {
  const counter = reader.u48();
  if (counter < min || counter > max) reader.fail(`a counter of ${min} to ${max}`, `${counter}`);
  return counter;
}
