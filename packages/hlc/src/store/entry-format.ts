/**
 * One live entry as bytes: what snapshots carry and digests cover. The layout is frozen: see `docs/format.md`.
 *
 * `u32 key length | key, UTF-8 | u8 timestamp length | timestamp | u32 value length | value`, all big-endian.
 */
import { concat, uint } from "../internal/bytes.ts";
import { InvalidEntryError } from "../errors.ts";
import type { HLCTimestamp } from "../timestamp/timestamp.ts";
import { encodeTimestamp } from "../timestamp/timestamp-format.ts";

/** Longest key, in bytes of UTF-8. */
export const KEY_BYTES_MAX: number = 2 ** 16 - 1;
/** Longest value, in bytes. */
export const VALUE_BYTES_MAX: number = 2 ** 20;

/** Bytes of the three lengths, and of a timestamp before the node's name. */
const FIXED_BYTES = 4 + 1 + 4 + 8;

const encoder = /* @__PURE__ */ new TextEncoder();
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Refuses a key that cannot be stored: too long, or with a lone surrogate, because two such keys can have the same
 * bytes.
 *
 * @throws {@link InvalidEntryError}
 */
export function checkKey(key: string): void {
  if (typeof key === "string" && utf8Bytes(key) <= KEY_BYTES_MAX && !LONE_SURROGATE.test(key)) return;
  throw new InvalidEntryError(`a key of at most ${KEY_BYTES_MAX} bytes in UTF-8, without lone surrogates`, key);
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
  return FIXED_BYTES + utf8Bytes(key) + at.nodeId.length + value.length;
}

/** One live entry as bytes. */
export function encodeEntry(key: string, at: HLCTimestamp, value: Uint8Array): Uint8Array {
  const name = encoder.encode(key);
  return concat([uint(name.length, 4), name, stampBlock(at), uint(value.length, 4), value]);
}

/** A timestamp with its length before it; without one, the length 0. */
export function stampBlock(at: HLCTimestamp | undefined): Uint8Array {
  const stamp = at ? encodeTimestamp(at) : [];
  return concat([[stamp.length], stamp]);
}

/** The length of a well-formed string in UTF-8; no bytes are made, because every write asks for it. */
function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // Half of a surrogate pair: two units make four bytes.
    if (unit > 0x7f) bytes += unit > 0x7_ff && (unit < 0xd8_00 || unit > 0xdf_ff) ? 2 : 1;
  }
  return bytes;
}
