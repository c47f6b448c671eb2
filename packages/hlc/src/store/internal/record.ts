/**
 * An entry as pages hold it, snapshots carry it and digests cover it. The layout is frozen: see `docs/format.md`.
 *
 * `u64 hash of the key | u32 length of the record | u16 key length | u48 milliseconds | u16 counter | u8 node length | node |
 * key | value`, all big-endian.
 */
import { CHECKED, HLCTimestamp, type TimestampFields } from "../../timestamp/timestamp.ts";

/** Bytes of a record besides the node's name, the key and the value. */
export const RECORD_HEAD_BYTES = 23;
const LENGTH_AT = 8;
const KEY_LENGTH_AT = 12;
/** Offset of the stamp in a record. */
export const STAMP_AT = 14;
/** Bytes of a stamp and the length of its node's name. */
export const STAMP_HEAD_BYTES = 9;
const NODE_LENGTH_AT = 22;
const HIGH = 4_294_967_296;

/** Upper half of the key's hash. */
export function hashHigh(view: DataView, at: number): number {
  return view.getInt32(at);
}

/** Lower half of the key's hash. */
export function hashLow(view: DataView, at: number): number {
  return view.getInt32(at + 4);
}

/** Length of the whole record. */
export function recordLength(view: DataView, at: number): number {
  return view.getUint32(at + LENGTH_AT);
}

/** Length of the key. */
export function keyLength(view: DataView, at: number): number {
  return view.getUint16(at + KEY_LENGTH_AT);
}

/** Offset of the key. */
export function keyAt(view: DataView, at: number): number {
  return at + RECORD_HEAD_BYTES + view.getUint8(at + NODE_LENGTH_AT);
}

/** Offset of the value. */
export function valueAt(view: DataView, at: number): number {
  return keyAt(view, at) + keyLength(view, at);
}

/** Writes the head of a record, up to the key. */
export function writeHead(view: DataView, at: number, high: number, low: number, length: number, keyBytes: number, stamp: TimestampFields): void {
  view.setInt32(at, high);
  view.setInt32(at + 4, low);
  view.setUint32(at + LENGTH_AT, length);
  view.setUint16(at + KEY_LENGTH_AT, keyBytes);
  writeStamp(view, at + STAMP_AT, stamp);
}

/** Writes a stamp: milliseconds, counter, length of the node's name, the name. */
export function writeStamp(view: DataView, at: number, { physicalMs, logical, nodeId }: TimestampFields): void {
  view.setUint16(at, physicalMs / HIGH);
  view.setUint32(at + 2, physicalMs % HIGH);
  view.setUint16(at + 6, logical);
  view.setUint8(at + 8, nodeId.length);
  for (let index = 0; index < nodeId.length; index++) view.setUint8(at + STAMP_HEAD_BYTES + index, nodeId.charCodeAt(index));
}

/** Reads a stamp that was checked when it was written. */
export function readStamp(view: DataView, at: number): HLCTimestamp {
  let nodeId = "";
  const end = at + STAMP_HEAD_BYTES + view.getUint8(at + 8);
  for (let index = at + STAMP_HEAD_BYTES; index < end; index++) nodeId += String.fromCharCode(view.getUint8(index));
  return new HLCTimestamp(view.getUint16(at) * HIGH + view.getUint32(at + 2), view.getUint16(at + 6), nodeId, CHECKED);
}

/** Compares a stamp in memory with another, in the order of timestamps. */
export function compareStamp(view: DataView, at: number, stamp: TimestampFields): number {
  const order = view.getUint16(at) * HIGH + view.getUint32(at + 2) - stamp.physicalMs || view.getUint16(at + 6) - stamp.logical;
  if (order !== 0) return order;
  const { nodeId } = stamp;
  const length = view.getUint8(at + 8);
  for (let index = 0; index < length && index < nodeId.length; index++) {
    const difference = view.getUint8(at + STAMP_HEAD_BYTES + index) - nodeId.charCodeAt(index);
    if (difference !== 0) return difference;
  }
  return length - nodeId.length;
}

/** Compares a range of bytes with another. A prefix sorts first. */
export function compareRanges(a: Uint8Array, aStart: number, aEnd: number, b: Uint8Array, bStart: number, bEnd: number): number {
  const length = Math.min(aEnd - aStart, bEnd - bStart);
  for (let index = 0; index < length; index++) {
    const difference = (a[aStart + index] ?? 0) - (b[bStart + index] ?? 0);
    if (difference !== 0) return difference;
  }
  return aEnd - aStart - (bEnd - bStart);
}

/** From so many bytes on, a view and one copy are faster than a loop. */
const COPY_LOOP_MAX = 36;

/** Copies `source[start..end)` into another array. */
export function copyRange(source: Uint8Array, start: number, end: number, target: Uint8Array, at: number): void {
  if (end - start > COPY_LOOP_MAX) target.set(source.subarray(start, end), at);
  else for (let index = start; index < end; index++) target[at++] = source[index] ?? 0;
}
