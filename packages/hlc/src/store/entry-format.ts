/**
 * Encodes live entries as snapshots carry them and digests cover them. The layout is frozen: see `docs/format.md`.
 *
 * `u32 key length | key, UTF-8 | u8 timestamp length | timestamp | u32 value length | value`, all big-endian.
 */
import { concat, uint } from "../internal/bytes.ts";
import { InvalidEntryError } from "../errors.ts";
import type { HLCTimestamp } from "../timestamp/timestamp.ts";
import { encodeTimestamp } from "../timestamp/timestamp-format.ts";

/** Maximum length of a key, in bytes of UTF-8. */
export const KEY_BYTES_MAX: number = 2 ** 16 - 1;
/** Maximum length of a value, in bytes. */
export const VALUE_BYTES_MAX: number = 2 ** 20;

/** Bytes of the three lengths, and of a timestamp without the node's name. */
const FIXED_BYTES = 4 + 1 + 4 + 8;

const encoder = /* @__PURE__ */ new TextEncoder();
const LONE_SURROGATE = /\p{Surrogate}/u;

/**
 * Refuses a key that is too long or has a lone surrogate, because two such keys can have the same bytes.
 *
 * @throws {@link InvalidEntryError}
 */
export function checkKey(key: string): void {
  if (typeof key !== "string") throw new InvalidEntryError("a key that is a string", key);
  if (utf8Bytes(key) <= KEY_BYTES_MAX && !LONE_SURROGATE.test(key)) return;
  throw new InvalidEntryError(`a key of at most ${KEY_BYTES_MAX} bytes in UTF-8, without lone surrogates`, key);
}

/**
 * Refuses a value that is not bytes, or too long.
 *
 * @throws {@link InvalidEntryError}
 */
export function checkValue(value: Uint8Array): void {
  if (!(value instanceof Uint8Array)) {
    throw new InvalidEntryError("a value that is a Uint8Array (TextEncoder makes one of text)", value);
  }
  if (value.length > VALUE_BYTES_MAX) {
    throw new InvalidEntryError(`a value of at most ${VALUE_BYTES_MAX} bytes`, value);
  }
}

/** Returns the length of the bytes that {@link encodeEntry} will make. */
export function entryBytes(key: string, at: HLCTimestamp, value: Uint8Array): number {
  return FIXED_BYTES + utf8Bytes(key) + at.nodeId.length + value.length;
}

/** Encodes one live entry. */
export function encodeEntry(key: string, at: HLCTimestamp, value: Uint8Array): Uint8Array {
  const name = encoder.encode(key);
  return concat([uint(name.length, 4), name, stampBlock(at), uint(value.length, 4), value]);
}

/** Encodes a timestamp after its length; without a timestamp, the length 0. */
export function stampBlock(at: HLCTimestamp | undefined): Uint8Array {
  const stamp = at ? encodeTimestamp(at) : [];
  return concat([[stamp.length], stamp]);
}

/** Returns the length of a well-formed string in UTF-8. Encodes nothing, because every write asks for the length. */
function utf8Bytes(text: string): number {
  let bytes = text.length;
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index);
    // Half of a surrogate pair: two units make four bytes.
    if (unit > 0x7f) bytes += unit > 0x7_ff && (unit < 0xd8_00 || unit > 0xdf_ff) ? 2 : 1;
  }
  return bytes;
}
