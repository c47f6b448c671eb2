/**
 * Timestamps as bytes and text. All forms but the ISO one sort as timestamps do (bytes by `memcmp`, strings by code
 * unit) and preserve every field. The layouts are frozen: see `docs/format.md`.
 */
import { concat, readUint, uint } from "../internal/bytes.ts";
import { InvalidTimestampError } from "../errors.ts";
import { NODE_ID_LENGTH_MAX } from "./node-id.ts";
import { HLCTimestamp, type TimestampFields } from "./timestamp.ts";

/** Bytes before the node's name: 48 bits of milliseconds, 16 bits of counter. */
const STAMP_BYTES = 8;
/** Maximum length of an encoded timestamp, in bytes. */
export const TIMESTAMP_BYTES_MAX: number = STAMP_BYTES + NODE_ID_LENGTH_MAX;
/** Longest node name that the form of 16 bytes can hold, in characters. */
export const NODE_ID_16_LENGTH_MAX = 8;

const SORTABLE = /^([0-9a-f]{12})-([0-9a-f]{4})-(.*)$/s;

/**
 * Encodes a timestamp in 9 to 72 bytes: milliseconds, counter, then the node's name up to the end.
 *
 * @throws {@link InvalidTimestampError} if a field is out of its range.
 * @example
 * ```ts
 * import { decodeTimestamp, encodeTimestamp, HLCTimestamp } from "@void-system/hlc";
 *
 * const bytes = encodeTimestamp(new HLCTimestamp(258, 3, "n1"));
 * [...bytes]; // => [0, 0, 0, 0, 1, 2, 0, 3, 110, 49]
 * decodeTimestamp(bytes).nodeId; // => "n1"
 * ```
 */
export function encodeTimestamp(timestamp: TimestampFields): Uint8Array {
  const { physicalMs, logical, nodeId } = HLCTimestamp.from(timestamp);
  const bytes = uint(physicalMs, 6, new Uint8Array(STAMP_BYTES + nodeId.length));
  uint(logical, 2, bytes, 6);
  for (let index = 0; index < nodeId.length; index++) bytes[STAMP_BYTES + index] = nodeId.charCodeAt(index);
  return bytes;
}

/**
 * Decodes the bytes that {@link encodeTimestamp} made.
 *
 * @throws {@link InvalidTimestampError} for any other bytes.
 */
export function decodeTimestamp(bytes: Uint8Array): HLCTimestamp {
  if (!(bytes instanceof Uint8Array) || bytes.length <= STAMP_BYTES || bytes.length > TIMESTAMP_BYTES_MAX) {
    throw new InvalidTimestampError(`a timestamp of 9 to ${TIMESTAMP_BYTES_MAX} bytes`, bytes);
  }
  return readStamp(bytes, bytes.length);
}

/**
 * Encodes a timestamp in exactly 16 bytes, for keys of a fixed width. They hold the node's name itself, not a hash of
 * it, so the name must have at most 8 characters.
 *
 * @throws {@link InvalidTimestampError} if the node's name is longer, or a field out of its range.
 * @example
 * ```ts
 * import { decodeTimestamp16, encodeTimestamp16, HLCTimestamp } from "@void-system/hlc";
 *
 * const bytes = encodeTimestamp16(new HLCTimestamp(258, 3, "n1"));
 * bytes.length; // => 16
 * String(decodeTimestamp16(bytes)); // => "000000000102-0003-n1"
 * ```
 */
export function encodeTimestamp16(timestamp: TimestampFields): Uint8Array {
  const { nodeId } = HLCTimestamp.from(timestamp);
  if (nodeId.length > NODE_ID_16_LENGTH_MAX) {
    throw new InvalidTimestampError("a node name of at most 8 characters (or use encodeTimestamp)", nodeId);
  }
  return concat([encodeTimestamp(timestamp), new Uint8Array(NODE_ID_16_LENGTH_MAX - nodeId.length)]);
}

/**
 * Decodes the bytes that {@link encodeTimestamp16} made.
 *
 * @throws {@link InvalidTimestampError} for any other bytes.
 */
export function decodeTimestamp16(bytes: Uint8Array): HLCTimestamp {
  if (!(bytes instanceof Uint8Array) || bytes.length !== STAMP_BYTES + NODE_ID_16_LENGTH_MAX) {
    throw new InvalidTimestampError("a timestamp of 16 bytes", bytes);
  }
  let end = bytes.length;
  while (end > STAMP_BYTES && bytes[end - 1] === 0) end -= 1;
  return readStamp(bytes, end); // a zero inside the name is refused as an invalid character
}

/**
 * Encodes a timestamp as one whole number of 128 bits: its 16 bytes, big-endian. For numeric columns and keys.
 *
 * @throws {@link InvalidTimestampError} if the node's name has more than 8 characters, or a field is out of its range.
 * @example
 * ```ts
 * import { HLCTimestamp, timestampFromBigInt, timestampToBigInt } from "@void-system/hlc";
 *
 * const first = timestampToBigInt(new HLCTimestamp(258, 3, "n1"));
 * first < timestampToBigInt(new HLCTimestamp(258, 4, "a")); // => true
 * String(timestampFromBigInt(first)); // => "000000000102-0003-n1"
 * ```
 */
export function timestampToBigInt(timestamp: TimestampFields): bigint {
  const view = new DataView(encodeTimestamp16(timestamp).buffer);
  return (view.getBigUint64(0) << 64n) | view.getBigUint64(8);
}

/**
 * Decodes the number that {@link timestampToBigInt} made.
 *
 * @throws {@link InvalidTimestampError} for any other number.
 */
export function timestampFromBigInt(value: bigint): HLCTimestamp {
  if (typeof value !== "bigint" || BigInt.asUintN(128, value) !== value) {
    throw new InvalidTimestampError("a timestamp of 128 bits", value);
  }
  const bytes = new Uint8Array(STAMP_BYTES + NODE_ID_16_LENGTH_MAX);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, value >> 64n);
  view.setBigUint64(8, value & 0xffff_ffff_ffff_ffffn);
  return decodeTimestamp16(bytes);
}

/**
 * Parses the sortable string of a timestamp, as `String(timestamp)` returns it.
 *
 * @throws {@link InvalidTimestampError} for any other string.
 * @example
 * ```ts
 * import { parseTimestamp } from "@void-system/hlc";
 *
 * parseTimestamp("018bcfe56800-0003-node_a").logical; // => 3
 * ```
 */
export function parseTimestamp(text: string): HLCTimestamp {
  const [, physical, logical, nodeId] = (typeof text === "string" && SORTABLE.exec(text)) || [];
  if (physical === undefined || logical === undefined || nodeId === undefined) {
    throw new InvalidTimestampError("a timestamp like 018bcfe56800-0003-node_a", text);
  }
  return new HLCTimestamp(Number.parseInt(physical, 16), Number.parseInt(logical, 16), nodeId);
}

/**
 * Formats a timestamp for people. The text is not meant to be parsed; {@link parseTimestamp} reads another form.
 *
 * @throws {@link InvalidTimestampError} if a field is out of its range.
 * @example
 * ```ts
 * import { HLCTimestamp, timestampToISO } from "@void-system/hlc";
 *
 * timestampToISO(new HLCTimestamp(1_700_000_000_000, 3, "node_a")); // => "2023-11-14T22:13:20.000Z+3 node_a"
 * ```
 */
export function timestampToISO(timestamp: TimestampFields): string {
  const { physicalMs, logical, nodeId } = HLCTimestamp.from(timestamp);
  return `${new Date(physicalMs).toISOString()}+${logical} ${nodeId}`;
}

function readStamp(bytes: Uint8Array, end: number): HLCTimestamp {
  const nodeId = String.fromCharCode(...bytes.subarray(STAMP_BYTES, end));
  return new HLCTimestamp(readUint(bytes.subarray(0, 6)), readUint(bytes.subarray(6, STAMP_BYTES)), nodeId);
}
