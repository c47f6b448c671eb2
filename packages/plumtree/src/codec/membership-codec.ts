/** Fields of the messages that maintain the views. `docs/format.md` describes them. */
import type { ByteReader, ByteWriter } from "@void-system/bytes";
import { type PeerId, readPeerId } from "@void-system/effects";
import { RECORD_BYTES_MAX, RECORDS_MAX, WALK_LINKS_MAX } from "../limits.ts";
import type { MembershipMessage } from "./message.ts";

/** Writes the fields of a message behind its type. */
export function writeMembership(writer: ByteWriter, message: MembershipMessage): ByteWriter {
  switch (message.type) {
    case "join":
      return writeRecord(writer, message.record);
    case "forward-join":
      return writeRecord(writer.u8(message.links), message.record);
    case "neighbor":
      return writeRecord(writer.u8(message.isHigh ? 1 : 0), message.record);
    case "neighbor-reply":
      return writeList(writer.u8(message.isAccepted ? 1 : 0), message.records);
    case "disconnect":
      return writeList(writer, message.records);
    case "shuffle":
      return writeList(writePath(writer.u8(message.links), message.path), message.records);
    case "shuffle-reply":
      return writeList(writePath(writer, message.path), message.records);
  }
}

/** Reads the fields of a message behind its type. */
export function readMembership(reader: ByteReader, type: MembershipMessage["type"]): MembershipMessage {
  switch (type) {
    case "join":
      return { type, record: readRecord(reader) };
    case "forward-join":
      return { type, links: readLinks(reader), record: readRecord(reader) };
    case "neighbor":
      return { type, isHigh: readFlag(reader), record: readRecord(reader) };
    case "neighbor-reply":
      return { type, isAccepted: readFlag(reader), records: readRecords(reader, 1) };
    case "disconnect":
      return { type, records: readRecords(reader, 0, 1) };
    case "shuffle":
      return { type, links: readLinks(reader), path: readPath(reader, 1), records: readRecords(reader, 0) };
    case "shuffle-reply":
      return { type, path: readPath(reader, 0), records: readRecords(reader, 0) };
  }
}

function writeRecord(writer: ByteWriter, record: Uint8Array): ByteWriter {
  return writer.u16(record.length).raw(record);
}

function writeList(writer: ByteWriter, records: readonly Uint8Array[]): ByteWriter {
  writer.u8(records.length);
  for (const record of records) writeRecord(writer, record);
  return writer;
}

function writePath(writer: ByteWriter, path: readonly PeerId[]): ByteWriter {
  writer.u8(path.length);
  for (const name of path) writer.ascii(name);
  return writer;
}

function readRecord(reader: ByteReader): Uint8Array {
  const length = reader.u16();
  if (length === 0 || length > RECORD_BYTES_MAX) reader.fail(`a record of 1 to ${RECORD_BYTES_MAX} bytes`, `${length}`);
  return reader.raw(length);
}

function readRecords(reader: ByteReader, least: number, most = RECORDS_MAX): Uint8Array[] {
  const count = reader.u8();
  if (count < least || count > most) reader.fail(`${least} to ${most} records`, `${count}`);
  return Array.from({ length: count }, () => readRecord(reader));
}

function readPath(reader: ByteReader, least: number): PeerId[] {
  const count = reader.u8();
  if (count < least || count > WALK_LINKS_MAX) reader.fail(`${least} to ${WALK_LINKS_MAX} names`, `${count}`);
  return Array.from({ length: count }, () => readPeerId(reader));
}

function readLinks(reader: ByteReader): number {
  const links = reader.u8();
  if (links > WALK_LINKS_MAX) reader.fail(`at most ${WALK_LINKS_MAX} links`, `${links}`);
  return links;
}

function readFlag(reader: ByteReader): boolean {
  const flag = reader.u8();
  if (flag > 1) reader.fail("a flag of 0 or 1", `${flag}`);
  return flag === 1;
}
