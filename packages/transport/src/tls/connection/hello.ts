import { randomBytes } from "node:crypto";
import { type ByteReader, type ByteWriter, fromHex, toHex } from "@void-system/bytes";
import { PEER_RECORD_BYTES_MAX } from "@void-system/crypto";
import { OptionError } from "../../errors.ts";
import { isName, NAME_LENGTH_MAX } from "../../name.ts";
import { FRAME_BYTES_MAX, WINDOW_BYTES_MIN } from "../limits.ts";

/** Lowest tag of a field that belongs to the application. The highest is 255. */
export const HELLO_TAG_MIN = 128;
/** Most fields of the application in one hello. */
export const HELLO_FIELDS_MAX = 8;
/** Longest field of the application, in bytes. */
export const HELLO_FIELD_BYTES_MAX = 256;

const HELLO_TAG_MAX = 255;
const CLUSTER = 1;
const ID = 2;
const WINDOW = 3;
const FRAME = 4;
const INSTANCE = 5;
const RECORD = 6;
const NUMBER_BYTES = 4;
/** Length of an instance, in bytes: enough that no two are equal by chance. */
const INSTANCE_BYTES = 8;
/** Tag and length in front of a field. */
const FIELD_HEAD_BYTES = 3;
/** Longest hello of this version: its type and version, two names, two numbers, the instance, the record, and the application's fields. */
export const HELLO_BYTES_MAX: number =
  2 +
  2 * (FIELD_HEAD_BYTES + NAME_LENGTH_MAX) +
  2 * (FIELD_HEAD_BYTES + NUMBER_BYTES) +
  (FIELD_HEAD_BYTES + INSTANCE_BYTES) +
  (FIELD_HEAD_BYTES + PEER_RECORD_BYTES_MAX) +
  HELLO_FIELDS_MAX * (FIELD_HEAD_BYTES + HELLO_FIELD_BYTES_MAX);

/**
 * Fields that an application puts into the hello of its node, by tag: 128 to 255, at most {@link HELLO_FIELDS_MAX}, each of at
 * most {@link HELLO_FIELD_BYTES_MAX} bytes. The transport carries them and reads none.
 */
export type HelloFields = Readonly<Record<number, Uint8Array>>;

/** The first control frame from each side: who it is, and what it takes. */
export interface Hello {
  /** Cluster that both must belong to. */
  readonly cluster: string;
  /** The sender's id, of the same form as a cluster's name. */
  readonly id: string;
  /** Credit that the other side begins with: bytes that the sender of this hello is ready to hold of it. */
  readonly windowBytes: number;
  /** Longest frame that the sender of this hello takes. */
  readonly frameBytes: number;
  /** 16 hex digits that the sender drew when it was opened: two with one id and other instances are two processes. */
  readonly instance: string;
  /** Record of the sender, which nobody has verified yet. */
  readonly record?: Uint8Array | undefined;
  /** Fields of the sender's application. */
  readonly fields: HelloFields;
}

/** Draws the instance of a transport. Not from the randomness that it is given: two processes with one seed must have two instances. */
export function drawInstance(): string {
  return toHex(randomBytes(INSTANCE_BYTES));
}

/** Returns a copy of an application's fields. @throws {@link OptionError} for fields that a hello cannot carry. */
export function checkHelloFields(given: HelloFields): HelloFields {
  if (!isPlain(given)) throw new OptionError("hello", "a plain object of fields by tag", given);
  const entries = Object.entries(given);
  if (entries.length > HELLO_FIELDS_MAX) throw new OptionError("hello", `at most ${HELLO_FIELDS_MAX} fields`, entries.length);
  return Object.fromEntries(
    entries.map(([name, bytes]) => {
      const tag = Number(name);
      if (!(String(tag) === name && Number.isInteger(tag) && tag >= HELLO_TAG_MIN && tag <= HELLO_TAG_MAX))
        throw new OptionError("a tag of hello", `a whole number from ${HELLO_TAG_MIN} to ${HELLO_TAG_MAX}`, name);
      if (!(bytes instanceof Uint8Array)) throw new OptionError(`hello[${tag}]`, "a Uint8Array", bytes);
      if (bytes.length > HELLO_FIELD_BYTES_MAX)
        throw new OptionError(`hello[${tag}]`, `at most ${HELLO_FIELD_BYTES_MAX} bytes`, bytes.length);
      return [tag, new Uint8Array(bytes)];
    }),
  );
}

/** Returns false for a Map, for one: its entries are no properties, so none of them would be sent. */
function isPlain(given: unknown): boolean {
  if (typeof given !== "object" || given === null) return false;
  const prototype: unknown = Object.getPrototypeOf(given);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

/** Writes the fields of a hello, in ascending order of their tags. */
export function writeHello(writer: ByteWriter, { cluster, id, windowBytes, frameBytes, instance, record, fields }: Hello): void {
  const names = new TextEncoder();
  writeField(writer, CLUSTER, names.encode(cluster));
  writeField(writer, ID, names.encode(id));
  writer.u8(WINDOW).u16(NUMBER_BYTES).u32(windowBytes);
  writer.u8(FRAME).u16(NUMBER_BYTES).u32(frameBytes);
  writeField(writer, INSTANCE, fromHex(instance));
  if (record !== undefined) writeField(writer, RECORD, record);
  for (const [tag, bytes] of Object.entries(fields)) writeField(writer, Number(tag), bytes);
}

function writeField(writer: ByteWriter, tag: number, bytes: Uint8Array): void {
  writer.u8(tag).u16(bytes.length).raw(bytes);
}

/** Reads the fields of a hello, to the end. Unknown ones are ignored. */
export function readHello(reader: ByteReader): Hello {
  const hello: { -readonly [name in keyof Hello]?: Hello[name] } = {};
  const fields: Record<number, Uint8Array> = {};
  let last = -1;
  let count = 0;
  while (reader.remaining > 0) {
    const at = reader.position;
    const tag = reader.u8();
    const length = reader.u16();
    if (tag <= last) reader.fail("tags in ascending order, each once", `${tag} after ${last}`, at);
    last = tag;
    if (tag === CLUSTER) hello.cluster = readName(reader, length);
    else if (tag === ID) hello.id = readName(reader, length);
    else if (tag === WINDOW) hello.windowBytes = readNumber(reader, length, WINDOW_BYTES_MIN, 0xff_ff_ff_ff);
    else if (tag === FRAME) hello.frameBytes = readNumber(reader, length, 1, FRAME_BYTES_MAX);
    else if (tag === INSTANCE) hello.instance = readInstance(reader, length);
    else if (tag === RECORD) hello.record = readRecord(reader, length);
    else if (tag < HELLO_TAG_MIN) reader.rawView(length);
    else if (length > HELLO_FIELD_BYTES_MAX) reader.fail(`a field of at most ${HELLO_FIELD_BYTES_MAX} bytes`, `${length}`, at);
    else if (++count > HELLO_FIELDS_MAX) reader.fail(`at most ${HELLO_FIELDS_MAX} fields of the application`, "more", at);
    else fields[tag] = reader.raw(length);
  }
  const { cluster, id, windowBytes, frameBytes, instance, record } = hello;
  if (cluster === undefined || id === undefined || windowBytes === undefined || frameBytes === undefined || instance === undefined)
    return reader.fail("a cluster, an id, a window, a longest frame and an instance", "a hello without one of them");
  return { cluster, id, windowBytes, frameBytes, instance, ...(record !== undefined && { record }), fields };
}

function readName(reader: ByteReader, length: number): string {
  const at = reader.position;
  const name = length > NAME_LENGTH_MAX ? "" : reader.utf8(length);
  return isName(name) ? name : reader.fail(`a name of 1 to ${NAME_LENGTH_MAX} bytes`, "another one", at);
}

function readRecord(reader: ByteReader, length: number): Uint8Array {
  return length <= PEER_RECORD_BYTES_MAX ? reader.raw(length) : reader.fail(`a record of at most ${PEER_RECORD_BYTES_MAX} bytes`, `${length}`);
}

function readInstance(reader: ByteReader, length: number): string {
  if (length !== INSTANCE_BYTES) reader.fail(`${INSTANCE_BYTES} bytes`, `${length}`);
  return toHex(reader.rawView(length));
}

function readNumber(reader: ByteReader, length: number, least: number, most: number): number {
  const at = reader.position;
  if (length !== NUMBER_BYTES) reader.fail(`${NUMBER_BYTES} bytes`, `${length}`, at);
  const value = reader.u32();
  return value >= least && value <= most ? value : reader.fail(`a number from ${least} to ${most}`, `${value}`, at);
}
