/**
 * The bytes of a log on disk, format 1: see docs/format.md. All numbers are little-endian.
 */
import { crc32 } from "node:zlib";
import { RecordTooLargeError } from "../errors.ts";

/** What the birth mark says. */
export const BIRTH_MARK = "VOIDLOG 1\n";

/** Bytes of a segment's header: magic 8, first position 8, salt 4, CRC 4. */
export const SEGMENT_HEADER_BYTES = 24;
/** Bytes before a batch's records: magic 4, CRC 4, length 4, count 4, first position 8. */
const BATCH_HEADER_BYTES = 24;
/** Largest record, in bytes. */
export const RECORD_BYTES_MAX: number = 64 * 1024 * 1024;
/** Most bytes that may lie unsynced: what is written at once. */
export const BATCH_BYTES_MAX: number = 512 * 1024 * 1024;

const SEGMENT_MAGIC = "VOIDSEG1";
const BATCH_MAGIC = 0x31544256; // "VBT1"
const BATCH_CRC_FROM = 8;
const INITIAL_BYTES = 16 * 1024;

/**
 * The header of a segment whose first record stands at `first`. `salt` is random, so that no record can imitate a
 * batch.
 */
export function segmentHeader(first: number, salt: number): Buffer {
  const header = Buffer.alloc(SEGMENT_HEADER_BYTES);
  header.write(SEGMENT_MAGIC, 0, "latin1");
  header.writeBigUInt64LE(BigInt(first), 8);
  header.writeUInt32LE(salt, 16);
  header.writeUInt32LE(crc32(header.subarray(0, 20)), 20);
  return header;
}

/** Reads a segment's header; nothing if it is not one. */
export function readSegmentHeader(bytes: Buffer): { readonly first: number; readonly salt: number } | undefined {
  if (bytes.length < SEGMENT_HEADER_BYTES || bytes.toString("latin1", 0, 8) !== SEGMENT_MAGIC) return undefined;
  if (crc32(bytes.subarray(0, 20)) !== bytes.readUInt32LE(20)) return undefined;
  return { first: Number(bytes.readBigUInt64LE(8)), salt: bytes.readUInt32LE(16) };
}

/** Records on their way to the disk: gathered as they will lie there, so that each is copied once. */
export class BatchWriter {
  #bytes: Buffer = Buffer.allocUnsafe(INITIAL_BYTES);
  #length = BATCH_HEADER_BYTES;
  #count = 0;

  /** How many records are in it. */
  get count(): number {
    return this.#count;
  }

  /** @throws {@link RecordTooLargeError} when the record, or the batch with it, is too large. */
  add(record: Uint8Array): void {
    if (record.length > RECORD_BYTES_MAX) throw new RecordTooLargeError("record", RECORD_BYTES_MAX, record.length);
    const length = this.#length + 4 + record.length;
    if (length > BATCH_BYTES_MAX) throw new RecordTooLargeError("batch between two syncs", BATCH_BYTES_MAX, length);
    if (length > this.#bytes.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, this.#bytes.length * 2));
      this.#bytes.copy(grown, 0, 0, this.#length);
      this.#bytes = grown;
    }
    this.#bytes.writeUInt32LE(record.length, this.#length);
    this.#bytes.set(record, this.#length + 4);
    this.#length = length;
    this.#count += 1;
  }

  /** The finished batch: valid until the next `add`. */
  finish(first: number, salt: number): Buffer {
    const batch = this.#bytes.subarray(0, this.#length);
    batch.writeUInt32LE(BATCH_MAGIC, 0);
    batch.writeUInt32LE(this.#length - BATCH_HEADER_BYTES, 8);
    batch.writeUInt32LE(this.#count, 12);
    batch.writeBigUInt64LE(BigInt(first), 16);
    batch.writeUInt32LE(crc32(batch.subarray(BATCH_CRC_FROM), salt), 4);
    return batch;
  }

  /** Empties it, for the next batch. A buffer that a burst made large is not kept. */
  clear(): void {
    if (this.#bytes.length > INITIAL_BYTES * 64) this.#bytes = Buffer.allocUnsafe(INITIAL_BYTES);
    this.#length = BATCH_HEADER_BYTES;
    this.#count = 0;
  }
}

/** A batch that was found whole. */
export interface Batch {
  readonly first: number;
  readonly records: readonly Buffer[];
  /** The offset behind it. */
  readonly end: number;
}

/** Reads the batch at `offset`; nothing if there is no whole and sound one. The records are views of `bytes`. */
export function readBatch(bytes: Buffer, offset: number, salt: number): Batch | undefined {
  const body = offset + BATCH_HEADER_BYTES;
  if (body > bytes.length || bytes.readUInt32LE(offset) !== BATCH_MAGIC) return undefined;
  const end = body + bytes.readUInt32LE(offset + 8);
  if (end > bytes.length) return undefined;
  if (crc32(bytes.subarray(offset + BATCH_CRC_FROM, end), salt) !== bytes.readUInt32LE(offset + 4)) return undefined;
  const records: Buffer[] = [];
  let at = body;
  for (let count = bytes.readUInt32LE(offset + 12); count > 0; count -= 1) {
    if (at + 4 > end) return undefined;
    const recordEnd = at + 4 + bytes.readUInt32LE(at);
    if (recordEnd > end) return undefined;
    records.push(bytes.subarray(at + 4, recordEnd));
    at = recordEnd;
  }
  return at === end ? { first: Number(bytes.readBigUInt64LE(offset + 16)), records, end } : undefined;
}

/**
 * The offset of the next sound batch behind `offset`, if there is one: then what stands at `offset` is damage, not a
 * torn tail.
 */
export function findBatch(bytes: Buffer, offset: number, salt: number): number | undefined {
  const magic = Buffer.alloc(4);
  magic.writeUInt32LE(BATCH_MAGIC);
  for (let at = bytes.indexOf(magic, offset + 1); at >= 0; at = bytes.indexOf(magic, at + 1)) {
    if (readBatch(bytes, at, salt)) return at;
  }
  return undefined;
}

/** The file name of the segment whose first record stands at `first`. */
export function segmentName(first: number): string {
  return `${String(first).padStart(16, "0")}.log`;
}

/** The first position that a segment's file name tells; nothing if it is not such a name. */
export function segmentFirst(name: string): number | undefined {
  return /^\d{16}\.log$/.test(name) ? Number(name.slice(0, 16)) : undefined;
}
