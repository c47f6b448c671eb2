/**
 * One live entry as bytes: what snapshots carry and digests cover. The layout is frozen: see `docs/format.md`.
 *
 * `u32 key length | key, UTF-8 | u8 timestamp length | timestamp | u32 value length | value`, all big-endian.
 */
import { InvalidEntryError } from "./errors.ts";
import type { HLCTimestamp } from "./timestamp.ts";
import { encodeTimestamp } from "./timestamp-format.ts";

/** Longest key, in bytes of UTF-8. */
export const KEY_BYTES_MAX: number = 2 ** 16 - 1;
/** Longest value, in bytes. */
export const VALUE_BYTES_MAX: number = 2 ** 20;

/** Bytes of the three lengths. */
const LENGTHS_BYTES = 4 + 1 + 4;
/** Bytes of a timestamp before the node's name. */
const STAMP_BYTES = 8;

const encoder = new TextEncoder();
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Refuses a key that cannot be stored: too long, or with a lone surrogate, because two such keys can have the same
 * bytes.
 *
 * @throws {@link InvalidEntryError}
 */
export function checkKey(key: string): void {
  if (typeof key !== "string" || key.length > KEY_BYTES_MAX || utf8Bytes(key) > KEY_BYTES_MAX) {
    throw new InvalidEntryError(`a key of at most ${KEY_BYTES_MAX} bytes in UTF-8`, key);
  }
  if (LONE_SURROGATE.test(key)) throw new InvalidEntryError("a key without lone surrogates", key);
}

/**
 * Refuses a value that cannot be stored.
 *
 * @throws {@link InvalidEntryError}
 */
export function checkValue(value: Uint8Array): void {
  if (!(value instanceof Uint8Array) || value.length > VALUE_BYTES_MAX) {
    throw new InvalidEntryError(`a value of at most ${VALUE_BYTES_MAX} bytes`, value);
  }
}

/** How many bytes {@link encodeEntry} will make. */
export function entryBytes(key: string, at: HLCTimestamp, value: Uint8Array): number {
  return LENGTHS_BYTES + utf8Bytes(key) + STAMP_BYTES + at.nodeId.length + value.length;
}

/** One live entry as bytes. */
export function encodeEntry(key: string, at: HLCTimestamp, value: Uint8Array): Uint8Array {
  const name = encoder.encode(key);
  const stamp = encodeTimestamp(at);
  const bytes = new Uint8Array(LENGTHS_BYTES + name.length + stamp.length + value.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, name.length);
  bytes.set(name, 4);
  let offset = 4 + name.length;
  bytes[offset] = stamp.length;
  bytes.set(stamp, offset + 1);
  offset += 1 + stamp.length;
  view.setUint32(offset, value.length);
  bytes.set(value, offset + 4);
  return bytes;
}

/** The length of a well-formed string in UTF-8. */
function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // Half of a surrogate pair: two units make four bytes.
    if (unit > 0x7f) bytes += unit > 0x7_ff && (unit < 0xd8_00 || unit > 0xdf_ff) ? 2 : 1;
  }
  return bytes;
}
