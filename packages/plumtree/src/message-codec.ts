/**
 * Messages as frames: a fixed binary layout, read strictly; see `docs/format.md`.
 */
import { type Codec, type Decoded, type PeerId, peerId } from "@void-system/effects";
import { type MessageId, messageId, partsOf } from "./brand.ts";
import { FRAME_IDS_MAX, PAYLOAD_BYTES_MAX } from "./limits.ts";
import type { Ids, PlumtreeMessage } from "./message.ts";

const VERSION = 1;
/** The second byte of a frame. */
const TYPES = ["gossip", "hello", "ihave", "graft", "prune", "seen"] as const;
/** Most hops that a frame can say; further ones count no more. */
export const ROUND_MAX = 0xff_ff;
/** Greatest age that a frame can say, in milliseconds. */
export const AGE_MS_MAX = 0xff_ff_ff_ff;
/** Version and type. */
const HEADER_BYTES = 2;
/** Of an id, beside the origin's name: its length, epoch, counter. */
const ID_BYTES = 1 + 6 + 6;

/** Messages to frames and back. */
export const messageCodec: Codec<PlumtreeMessage> = { encode, decode };

function encode(message: PlumtreeMessage): Uint8Array {
  if (message.type === "hello") return Uint8Array.of(VERSION, TYPES.indexOf("hello"), message.answer ? 1 : 0);
  const ids = message.type === "gossip" ? [message.id] : message.ids;
  const parts = ids.map(partsOf);
  const idsBytes = parts.reduce((sum, { origin }) => sum + ID_BYTES + origin.length, 0);
  const rest = message.type === "gossip" ? 2 + 4 + message.payload.length : 2;
  const bytes = new Uint8Array(HEADER_BYTES + rest + idsBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = VERSION;
  bytes[1] = TYPES.indexOf(message.type);
  let offset = HEADER_BYTES;
  if (message.type !== "gossip") {
    view.setUint16(offset, ids.length);
    offset += 2;
  }
  for (const { origin, epoch, counter } of parts) {
    bytes[offset] = origin.length;
    for (let index = 0; index < origin.length; index++) bytes[offset + 1 + index] = origin.charCodeAt(index);
    offset += 1 + origin.length;
    setUint48(view, offset, epoch);
    setUint48(view, offset + 6, counter);
    offset += 12;
  }
  if (message.type === "gossip") {
    view.setUint16(offset, message.round);
    view.setUint32(offset + 2, message.ageMs);
    bytes.set(message.payload, offset + 6);
  }
  return bytes;
}

function decode(bytes: Uint8Array): Decoded<PlumtreeMessage> {
  if (bytes.length < HEADER_BYTES || bytes[0] !== VERSION) return refused(`expected a frame of version ${VERSION}`);
  const type = TYPES[bytes[1] ?? 0];
  if (type === undefined) return refused(`expected a known message, got type ${bytes[1]}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (type === "gossip") return decodeGossip(bytes, view);
  return type === "hello" ? decodeHello(bytes) : decodeIds(type, bytes, view);
}

function decodeHello(bytes: Uint8Array): Decoded<PlumtreeMessage> {
  const flag = bytes[HEADER_BYTES];
  if (bytes.length !== HEADER_BYTES + 1 || (flag !== 0 && flag !== 1)) return refused("expected one byte, 0 or 1");
  return { ok: true, value: { type: "hello", answer: flag === 1 } };
}

function decodeGossip(bytes: Uint8Array, view: DataView): Decoded<PlumtreeMessage> {
  const read = readId(bytes, view, HEADER_BYTES);
  if (!read || bytes.length < read.end + 6) return refused("expected an id, hops and age");
  const payload = new Uint8Array(bytes.subarray(read.end + 6));
  if (payload.length > PAYLOAD_BYTES_MAX) return refused(`expected a payload of at most ${PAYLOAD_BYTES_MAX} bytes`);
  const round = view.getUint16(read.end);
  if (round === 0) return refused("expected at least one hop");
  return { ok: true, value: { type: "gossip", id: read.id, round, ageMs: view.getUint32(read.end + 2), payload } };
}

function decodeIds(type: Ids["type"], bytes: Uint8Array, view: DataView): Decoded<PlumtreeMessage> {
  if (bytes.length < HEADER_BYTES + 2) return refused("expected a count of ids");
  const count = view.getUint16(HEADER_BYTES);
  if (count === 0 || count > FRAME_IDS_MAX) return refused(`expected 1 to ${FRAME_IDS_MAX} ids, got ${count}`);
  const ids: MessageId[] = [];
  let offset = HEADER_BYTES + 2;
  for (let index = 0; index < count; index++) {
    const read = readId(bytes, view, offset);
    if (!read) return refused(`expected ${count} ids`);
    ids.push(read.id);
    offset = read.end;
  }
  return offset === bytes.length ? { ok: true, value: { type, ids } } : refused("expected nothing behind the ids");
}

interface ReadId {
  readonly id: MessageId;
  readonly end: number;
}

function readId(bytes: Uint8Array, view: DataView, offset: number): ReadId | undefined {
  const length = bytes[offset];
  if (length === undefined || bytes.length < offset + ID_BYTES + length) return undefined;
  const origin = readOrigin(bytes.subarray(offset + 1, offset + 1 + length));
  const at = offset + 1 + length;
  return origin && { id: messageId(origin, getUint48(view, at), getUint48(view, at + 6)), end: at + 12 };
}

function readOrigin(bytes: Uint8Array): PeerId | undefined {
  try {
    return peerId(String.fromCharCode(...bytes));
  } catch {
    return undefined;
  }
}

function setUint48(view: DataView, offset: number, value: number): void {
  view.setUint16(offset, Math.floor(value / 2 ** 32));
  view.setUint32(offset + 2, value >>> 0);
}

function getUint48(view: DataView, offset: number): number {
  return view.getUint16(offset) * 2 ** 32 + view.getUint32(offset + 2);
}

function refused(reason: string): Decoded<PlumtreeMessage> {
  return { ok: false, reason };
}
