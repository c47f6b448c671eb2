/**
 * An undo log: for each change of a key, in the order of execution, what the key held before and when that ended.
 *
 * `f64 previous position in the bucket | u32 length | u8 flags | stamp of the end | record`; the record of a key that held
 * nothing has an empty stamp and no value. Positions rise by bytes; 0 is none.
 *
 * Invariants:
 * - The chain of a bucket leads from its newest entry to older ones, and ends before the tail.
 * - Entries of one key stand in the order of their ends, each ends where the next begins or, after a deletion, before.
 */
import { BucketHeads } from "./bucket-heads.ts";
import {
  compareRanges,
  compareStamp,
  copyRange,
  hashHigh,
  hashLow,
  keyAt,
  keyLength,
  RECORD_HEAD_BYTES,
  STAMP_HEAD_BYTES,
  writeHead,
  writeStamp,
} from "./record.ts";
import type { TimestampFields } from "../../timestamp/timestamp.ts";

const SEGMENT_BYTES = 2_097_152;
/** Bytes of the first segment at first. It doubles up to a whole segment. */
const FIRST_BYTES = 1_024;
/** First position of a segment, so that no position is 0. */
const START = 8;
/** Maximum of segments that are kept to be used again. */
const SPARE_MAX = 4;

const LENGTH_AT = 8;
const FLAGS_AT = 12;
const UNTIL_AT = 13;

/** The key held a value. */
export const HELD = 1;
/** A deletion ended it. */
export const DELETED = 2;
/** The history of the key has moved elsewhere. */
export const MOVED = 4;

const NOTHING: TimestampFields = { physicalMs: 0, logical: 0, nodeId: "" };

interface Segment {
  bytes: Uint8Array;
  view: DataView;
  used: number;
}

/** Bytes of a key and the halves of its hash. */
export interface KeyBytes {
  bytes: Uint8Array;
  start: number;
  end: number;
  high: number;
  low: number;
}

/** The undo log of one store. */
export class HistoryLog {
  readonly #heads = new BucketHeads();
  readonly #segments: Segment[] = [];
  /** Segments to use again: the first touch of fresh memory costs more than a version. */
  readonly #spare: Segment[] = [];
  /** Number of the first segment. */
  #first = 0;
  #entries = 0;
  /** Position of the oldest entry; that of the next one if there is none. */
  tail: number = START;

  /** Number of entries. */
  get entries(): number {
    return this.#entries;
  }

  /** Memory of the log, in bytes. */
  get size(): number {
    return [...this.#segments, ...this.#spare].reduce((sum, { bytes }) => sum + bytes.length, 0) + this.#heads.size * 8;
  }

  /** Appends that a record ended. */
  append(key: KeyBytes, until: TimestampFields, flags: number, memory: Uint8Array, at: number, length: number): void {
    const segment = this.#reserve(key, until, flags, length);
    copyRange(memory, at, at + length, segment.bytes, segment.used - length);
  }

  /** Appends that a key held nothing until then. */
  appendAbsent(key: KeyBytes, until: TimestampFields): void {
    const keyBytes = key.end - key.start;
    const length = RECORD_HEAD_BYTES + keyBytes;
    const segment = this.#reserve(key, until, 0, length);
    const at = segment.used - length;
    writeHead(segment.view, at, key.high, key.low, length, keyBytes, NOTHING);
    copyRange(key.bytes, key.start, key.end, segment.bytes, at + RECORD_HEAD_BYTES);
  }

  /** Returns the newest entry of a key, 0 if there is none. */
  newest(key: KeyBytes): number {
    return this.#same(key, this.#heads.get(key.low));
  }

  /** Returns the entry of a key before one of its entries, 0 if there is none. */
  before(key: KeyBytes, position: number): number {
    return this.#same(key, this.view(position).getFloat64(this.offset(position)));
  }

  /** View of the memory of an entry. */
  view(position: number): DataView {
    const segment = this.#segmentOf(position);
    if (!segment) throw new RangeError("no such entry");
    return segment.view;
  }

  /** Memory of an entry. */
  memory(position: number): Uint8Array {
    return this.#segmentOf(position)?.bytes ?? new Uint8Array(0);
  }

  /** Offset of an entry in its memory. */
  offset(position: number): number {
    // Positions outgrow 32 bits, and the remainder of such numbers is slow.
    return position - Math.floor(position / SEGMENT_BYTES) * SEGMENT_BYTES;
  }

  flags(position: number): number {
    return this.view(position).getUint8(this.offset(position) + FLAGS_AT);
  }

  /** Marks an entry whose key's history has moved elsewhere. */
  markMoved(position: number): void {
    const at = this.offset(position) + FLAGS_AT;
    this.view(position).setUint8(at, this.view(position).getUint8(at) | MOVED);
  }

  /** Offset of the stamp at which an entry ended. */
  untilAt(position: number): number {
    return this.offset(position) + UNTIL_AT;
  }

  /** Offset of an entry's record. */
  recordAt(position: number): number {
    const at = this.untilAt(position);
    return at + STAMP_HEAD_BYTES + this.view(position).getUint8(at + STAMP_HEAD_BYTES - 1);
  }

  /** Returns a copy of the key of an entry. */
  keyOf(position: number): Uint8Array {
    const view = this.view(position);
    const at = keyAt(view, this.recordAt(position));
    return this.memory(position).slice(at, at + keyLength(view, this.recordAt(position)));
  }

  /** Compares the end of an entry with a time. */
  compareUntil(position: number, at: TimestampFields): number {
    return compareStamp(this.view(position), this.untilAt(position), at);
  }

  /** Returns the position after an entry: that of the next one, or of the end. */
  next(position: number): number {
    const length = this.view(position).getUint32(this.offset(position) + LENGTH_AT);
    const segment = this.#segmentOf(position);
    const isLast = segment === this.#segments.at(-1);
    const end = this.offset(position) + length;
    if (isLast || end < (segment?.used ?? 0)) return position + length;
    return (Math.floor(position / SEGMENT_BYTES) + 1) * SEGMENT_BYTES + START;
  }

  /** Position of the next entry to come. */
  get head(): number {
    const last = this.#segments.at(-1);
    return last ? (this.#first + this.#segments.length - 1) * SEGMENT_BYTES + last.used : this.tail;
  }

  /** Drops the oldest entry. */
  shift(): void {
    this.tail = this.next(this.tail);
    this.#entries -= 1;
    const first = Math.floor(this.tail / SEGMENT_BYTES);
    while (this.#first < first) {
      const segment = this.#segments.shift();
      if (segment && segment.bytes.length === SEGMENT_BYTES && this.#spare.length < SPARE_MAX) this.#spare.push(segment);
      this.#first += 1;
    }
    if (this.#entries === 0) this.#heads.clear();
  }

  #same(key: KeyBytes, position: number): number {
    while (position >= this.tail) {
      const view = this.view(position);
      const record = this.recordAt(position);
      // Of a key whose history has moved, only later entries count.
      const counts = (view.getUint8(this.offset(position) + FLAGS_AT) & MOVED) === 0;
      if (counts && hashLow(view, record) === key.low && hashHigh(view, record) === key.high) {
        const at = keyAt(view, record);
        if (compareRanges(this.memory(position), at, at + keyLength(view, record), key.bytes, key.start, key.end) === 0) return position;
      }
      position = view.getFloat64(this.offset(position));
    }
    return 0;
  }

  #segmentOf(position: number): Segment | undefined {
    return this.#segments[Math.floor(position / SEGMENT_BYTES) - this.#first];
  }

  /** Appends all of an entry but its record, which ends where the returned segment is used up to. */
  #reserve(key: KeyBytes, until: TimestampFields, flags: number, record: number): Segment {
    const length = UNTIL_AT + STAMP_HEAD_BYTES + until.nodeId.length + record;
    const segment = this.#roomFor(length);
    const at = segment.used;
    const position = (this.#first + this.#segments.length - 1) * SEGMENT_BYTES + at;
    if (this.#entries === 0) this.tail = position;
    this.#entries += 1;
    if (this.#entries > this.#heads.size) this.#heads.grow();
    segment.view.setFloat64(at, this.#heads.replace(key.low, position));
    segment.view.setUint32(at + LENGTH_AT, length);
    segment.view.setUint8(at + FLAGS_AT, flags);
    writeStamp(segment.view, at + UNTIL_AT, until);
    segment.used += length;
    return segment;
  }

  #roomFor(length: number): Segment {
    const segment = this.#segments.at(-1);
    if (segment && segment.used + length <= segment.bytes.length) return segment;
    if (segment && segment.used + length <= SEGMENT_BYTES) {
      let size = segment.bytes.length;
      while (size < segment.used + length) size *= 2;
      const larger = new Uint8Array(size);
      larger.set(segment.bytes.subarray(0, segment.used));
      segment.bytes = larger;
      segment.view = new DataView(larger.buffer);
      return segment;
    }
    const spare = this.#spare.pop();
    if (spare) {
      spare.used = START;
      this.#segments.push(spare);
      return spare;
    }
    // A store without history for long needs little: only a log that fills whole segments gets them at once.
    let size = segment ? SEGMENT_BYTES : FIRST_BYTES;
    while (size < START + length) size *= 2;
    const bytes = new Uint8Array(size);
    const made: Segment = { bytes, view: new DataView(bytes.buffer), used: START };
    this.#segments.push(made);
    return made;
  }
}
