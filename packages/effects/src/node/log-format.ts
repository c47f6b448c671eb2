/**
 * The byte format of a log on disk, version 1. See docs/format.md. All numbers are little-endian.
 */
import { ByteReader, ByteWriter, decodeAll, equalBytes } from "@void-system/bytes";
import { RecordTooLargeError } from "../errors.ts";
import { checksum } from "./checksum.ts";

/** Content of the birth mark. */
export const BIRTH_MARK = "VOIDLOG 1\n";

/** Size of a segment's header: magic 8, first position 8, salt 4, CRC 4. */
export const SEGMENT_HEADER_BYTES = 24;
/** Size of a batch's header: magic 4, CRC 4, length 4, count 4, first position 8. */
const BATCH_HEADER_BYTES = 24;
/** Size of the largest record, in bytes. */
export const RECORD_BYTES_MAX: number = 64 * 1024 * 1024;
/** Size of the largest batch, in bytes, and so of all records between two syncs. */
export const BATCH_BYTES_MAX: number = 512 * 1024 * 1024;

const SEGMENT_MAGIC = /* @__PURE__ */ new TextEncoder().encode("VOIDSEG1");
const BATCH_MAGIC = 0x31544256; // "VBT1"
const BATCH_CRC_FROM = 8;
const INITIAL_BYTES = 16 * 1024;
/** Largest buffer that is kept for the next batch. A burst may make it larger. */
const KEPT_BYTES_MAX = 64 * INITIAL_BYTES;
const NO_HEADER = new Uint8Array(BATCH_HEADER_BYTES);

/**
 * Returns the header of a segment whose first record is at position `first`. `salt` is random, so that no record can
 * imitate a batch.
 */
export function segmentHeader(first: number, salt: number): Uint8Array {
  const header = new ByteWriter(SEGMENT_HEADER_BYTES, "little-endian").raw(SEGMENT_MAGIC).u53(first).u32(salt);
  return header.u32(checksum(header.view())).finish();
}

/** Reads a segment's header. Returns undefined for bytes that are none. */
export function readSegmentHeader(bytes: Uint8Array): { readonly first: number; readonly salt: number } | undefined {
  const decoded = decodeAll(
    bytes.subarray(0, SEGMENT_HEADER_BYTES),
    (reader) => {
      if (!equalBytes(reader.rawView(SEGMENT_MAGIC.length), SEGMENT_MAGIC)) reader.fail("a segment's mark", "other bytes");
      const header = { first: reader.u53(), salt: reader.u32() };
      const expected = checksum(bytes.subarray(0, reader.position));
      return reader.u32() === expected ? header : reader.fail("the checksum of the header", "another");
    },
    "little-endian",
  );
  return decoded.ok ? decoded.value : undefined;
}

/** Gathers records in the format of the disk, so that each is copied once. */
export class BatchWriter {
  #writer = emptyBatch();
  #count = 0;

  /** Number of records in the batch. */
  get count(): number {
    return this.#count;
  }

  /** @throws {@link RecordTooLargeError} when the record, or the batch with it, is too large. */
  add(record: Uint8Array): void {
    if (record.length > RECORD_BYTES_MAX) throw new RecordTooLargeError("record", RECORD_BYTES_MAX, record.length);
    const length = this.#writer.length + 4 + record.length;
    if (length > BATCH_BYTES_MAX) throw new RecordTooLargeError("batch between two syncs", BATCH_BYTES_MAX, length);
    this.#writer.block(record);
    this.#count += 1;
  }

  /** Returns the finished batch, a view that is valid until the next `add` or `clear`. */
  finish(first: number, salt: number): Uint8Array {
    const header = new ByteWriter(BATCH_HEADER_BYTES, "little-endian")
      .u32(BATCH_MAGIC)
      .u32(0)
      .u32(this.#writer.length - BATCH_HEADER_BYTES)
      .u32(this.#count)
      .u53(first);
    const batch = this.#writer.overwrite(0, header.view()).view();
    const sum = new ByteWriter(4, "little-endian").u32(checksum(batch.subarray(BATCH_CRC_FROM), salt));
    this.#writer.overwrite(4, sum.view());
    return batch;
  }

  /** Empties the writer for the next batch. */
  clear(): void {
    this.#writer = this.#writer.capacity > KEPT_BYTES_MAX ? emptyBatch() : this.#writer.clear().raw(NO_HEADER);
    this.#count = 0;
  }
}

function emptyBatch(): ByteWriter {
  return new ByteWriter(INITIAL_BYTES, "little-endian").raw(NO_HEADER);
}

/** A sound batch that was read from a segment. */
export interface Batch {
  readonly first: number;
  readonly records: readonly Uint8Array[];
  /** Offset of the byte after the batch. */
  readonly end: number;
}

/** Reads the batch at `offset`. Returns undefined if it is torn or damaged. The records are views of `bytes`. */
export function readBatch(bytes: Uint8Array, offset: number, salt: number): Batch | undefined {
  if (offset + BATCH_HEADER_BYTES > bytes.length) return undefined;
  const reader = new ByteReader(bytes.subarray(offset), "little-endian");
  if (reader.u32() !== BATCH_MAGIC) return undefined;
  const sum = reader.u32();
  const end = offset + BATCH_HEADER_BYTES + reader.u32();
  if (end > bytes.length || checksum(bytes.subarray(offset + BATCH_CRC_FROM, end), salt) !== sum) return undefined;
  const decoded = decodeAll(bytes.subarray(offset + 12, end), readRecords, "little-endian");
  return decoded.ok ? { ...decoded.value, end } : undefined;
}

function readRecords(reader: ByteReader): Pick<Batch, "first" | "records"> {
  const count = reader.u32();
  const first = reader.u53();
  const records: Uint8Array[] = [];
  while (records.length < count) records.push(reader.blockView(RECORD_BYTES_MAX));
  return { first, records };
}

/**
 * Returns the offset of the next sound batch after `offset`, if there is one. Then the bytes at `offset` are damaged and
 * not a torn tail.
 */
export function findBatch(bytes: Buffer, offset: number, salt: number): number | undefined {
  const magic = new ByteWriter(4, "little-endian").u32(BATCH_MAGIC).view();
  for (let at = bytes.indexOf(magic, offset + 1); at >= 0; at = bytes.indexOf(magic, at + 1)) {
    if (readBatch(bytes, at, salt)) return at;
  }
  return undefined;
}

/** Returns the file name of the segment whose first record is at position `first`. */
export function segmentName(first: number): string {
  return `${String(first).padStart(16, "0")}.log`;
}

/** Returns the first position of a segment from its file name, or undefined for other names. */
export function segmentFirst(name: string): number | undefined {
  return /^\d{16}\.log$/.test(name) ? Number(name.slice(0, 16)) : undefined;
}
