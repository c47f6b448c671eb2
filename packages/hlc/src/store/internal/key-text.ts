import { InvalidEntryError } from "../../errors.ts";
import { KEY_BYTES_MAX } from "../limits.ts";

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const lossy = /* @__PURE__ */ new TextDecoder("utf-8", { ignoreBOM: true });
const LONE_SURROGATE = /\p{Surrogate}/u;

/** The bytes of the key that was encoded last. Valid until the next one. */
export const keyScratch: Uint8Array = /* @__PURE__ */ new Uint8Array(KEY_BYTES_MAX);

/**
 * Encodes a key into {@link keyScratch}, and returns its length in bytes.
 *
 * @throws {@link InvalidEntryError} for a key that is too long, or has a lone surrogate, because two such keys have the same
 * bytes.
 */
export function encodeKey(key: string): number {
  if (typeof key !== "string") throw new InvalidEntryError("a key that is a string", key);
  const { read, written } = encoder.encodeInto(key, keyScratch);
  // A text of as many bytes as units is ASCII.
  if (read === key.length && (written === read || !LONE_SURROGATE.test(key))) return written;
  throw new InvalidEntryError(`a key of at most ${KEY_BYTES_MAX} bytes in UTF-8, without lone surrogates`, key);
}

/** Returns a copy of the bytes of a key. */
export function keyBytes(key: string): Uint8Array {
  return keyScratch.slice(0, encodeKey(key));
}

/**
 * Decodes a key.
 *
 * @throws {@link InvalidEntryError} for a key that was written as other bytes than UTF-8.
 */
export function decodeKey(key: Uint8Array): string {
  try {
    return decoder.decode(key);
  } catch {
    throw new InvalidEntryError("keys in UTF-8: scan the rows of the store instead", key);
  }
}

/** Returns a key as text for a message. */
export function textOf(key: Uint8Array): string {
  return lossy.decode(key);
}

/** Returns a string that is different for each key, of one character a byte. */
export function nameOf(bytes: Uint8Array, start: number, end: number): string {
  let name = "";
  for (let index = start; index < end; index++) name += String.fromCharCode(bytes[index] ?? 0);
  return name;
}

/** Returns the bytes of a key from the string of {@link nameOf}. */
export function bytesOfName(name: string): Uint8Array {
  return Uint8Array.from(name, (character) => character.charCodeAt(0));
}
