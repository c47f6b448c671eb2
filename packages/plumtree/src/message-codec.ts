/**
 * Messages as frames: a fixed binary layout, read strictly; see `docs/format.md`.
 */
import { type ByteReader, ByteWriter, type Codec, decodeAll, type Decoded } from "@void-system/bytes";
import { readPeerId } from "@void-system/effects";
import { type MessageId, messageId, partsOf } from "./brand.ts";
import { FRAME_IDS_MAX, PAYLOAD_BYTES_MAX } from "./limits.ts";
import type { PlumtreeMessage } from "./message.ts";

const VERSION = 1;
/** The second byte of a frame. */
const TYPES = ["gossip", "hello", "ihave", "graft", "prune", "seen"] as const;
/** Most hops that a frame can say; further ones count no more. */
export const ROUND_MAX = 0xff_ff;
/** Greatest age that a frame can say, in milliseconds. */
export const AGE_MS_MAX = 0xff_ff_ff_ff;
/** Bytes to begin with for what is not the payload or an id. */
const HEAD_BYTES = 16;
/** Bytes to begin with for an id: an origin of 19 characters. */
const ID_BYTES = 32;

/** Messages to frames and back. */
export const messageCodec: Codec<PlumtreeMessage> = { encode, decode };

function encode(message: PlumtreeMessage): Uint8Array {
  const writer = new ByteWriter(capacityOf(message)).u8(VERSION).u8(TYPES.indexOf(message.type));
  switch (message.type) {
    case "hello":
      return writer.u8(message.answer ? 1 : 0).finish();
    case "gossip":
      writeId(writer, message.id);
      return writer.u16(message.round).u32(message.ageMs).raw(message.payload).finish();
    case "ihave":
    case "graft":
    case "prune":
    case "seen":
      writer.u16(message.ids.length);
      for (const id of message.ids) writeId(writer, id);
      return writer.finish();
  }
}

/** Returns about as many bytes as a message takes, so that a payload is copied once. */
function capacityOf(message: PlumtreeMessage): number {
  if (message.type === "gossip") return HEAD_BYTES + ID_BYTES + message.payload.length;
  return message.type === "hello" ? HEAD_BYTES : HEAD_BYTES + ID_BYTES * message.ids.length;
}

function writeId(writer: ByteWriter, id: MessageId): void {
  const { origin, epoch, counter } = partsOf(id);
  writer.ascii(origin).u48(epoch).u48(counter);
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
    case "hello":
      return { type, answer: readFlag(reader) };
    case "gossip":
      return readGossip(reader);
    case "ihave":
    case "graft":
    case "prune":
    case "seen":
      return { type, ids: readIds(reader) };
  }
}

function readFlag(reader: ByteReader): boolean {
  const flag = reader.u8();
  if (flag > 1) reader.fail("a flag of 0 or 1", `${flag}`);
  return flag === 1;
}

function readGossip(reader: ByteReader): PlumtreeMessage {
  const id = readId(reader);
  const round = reader.u16();
  if (round === 0) reader.fail("at least one hop", "none");
  const ageMs = reader.u32();
  if (reader.remaining > PAYLOAD_BYTES_MAX)
    reader.fail(`a payload of at most ${PAYLOAD_BYTES_MAX} bytes`, `${reader.remaining}`);
  return { type: "gossip", id, round, ageMs, payload: reader.rest() };
}

function readIds(reader: ByteReader): readonly MessageId[] {
  const count = reader.u16();
  if (count === 0 || count > FRAME_IDS_MAX) reader.fail(`1 to ${FRAME_IDS_MAX} ids`, `${count}`);
  return Array.from({ length: count }, () => readId(reader));
}

function readId(reader: ByteReader): MessageId {
  return messageId(readPeerId(reader), reader.u48(), reader.u48());
}
