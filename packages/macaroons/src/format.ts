/**
 * Version 2 binary form, as libmacaroons and go-macaroon write it; see docs/format.md. Decoding is strict: what it
 * takes, it would write byte for byte the same.
 */
import { SIGNATURE_BYTES } from "./chain.ts";

/** Largest macaroon that is read or written, in bytes. */
export const MACAROON_BYTES_MAX = 16_384;
/** Most caveats of a macaroon. */
export const CAVEATS_MAX = 256;
/** Longest identifier, location or caveat, in bytes. */
export const FIELD_BYTES_MAX = 4096;
/** Length of a third party's sealed key: a nonce of 24, a tag of 16 and a key of 32 bytes. */
const SEALED_KEY_BYTES = 72;

/** The parts of a macaroon. Nobody may change the arrays. */
export interface MacaroonParts {
  /** A hint where it is from. Not signed: never trust it. */
  readonly location: string | undefined;
  /** Names the root key and the token. */
  readonly identifier: Uint8Array;
  /** In the order in which they were added. */
  readonly caveats: readonly CaveatParts[];
  /** The last tag of the chain: whoever has it has the token. */
  readonly signature: Uint8Array;
}

/** The parts of a caveat. */
export interface CaveatParts {
  /** The predicate; for a third party, what that party reads. */
  readonly id: Uint8Array;
  /** What makes it a third party's caveat. */
  readonly thirdParty: ThirdParty | undefined;
}

/** What a caveat that a third party discharges carries besides. */
interface ThirdParty {
  /** Where the third party is. Not signed. */
  readonly location: string | undefined;
  /** The discharge's root key, sealed under the signature before this caveat. */
  readonly sealedKey: Uint8Array;
}

/** What decoding makes of bytes. */
export type Decoded =
  | { readonly ok: true; readonly parts: MacaroonParts }
  | { readonly ok: false; readonly reason: string };

const VERSION = 2;
const END = 0;
const LOCATION = 1;
const IDENTIFIER = 2;
const SEALED_KEY = 4;
const SIGNATURE = 6;

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Length of what {@link encodeMacaroon} writes, in bytes. */
export function encodedLength({ location, identifier, caveats, signature }: MacaroonParts): number {
  let length = 3; // the version and two ends
  length += fieldLength(locationBytes(location)) + fieldLength(identifier) + fieldLength(signature);
  for (const { id, thirdParty } of caveats) {
    length += fieldLength(id) + 1;
    if (thirdParty === undefined) continue;
    length += fieldLength(locationBytes(thirdParty.location)) + fieldLength(thirdParty.sealedKey);
  }
  return length;
}

/** The one byte string of a macaroon. */
export function encodeMacaroon(parts: MacaroonParts): Uint8Array {
  const { location, identifier, caveats, signature } = parts;
  const bytes = new Uint8Array(encodedLength(parts)); // an end is the 0 that is there already
  bytes[0] = VERSION;
  let at = putField(bytes, 1, LOCATION, locationBytes(location));
  at = putField(bytes, at, IDENTIFIER, identifier) + 1;
  for (const { id, thirdParty } of caveats) {
    at = putField(bytes, at, LOCATION, locationBytes(thirdParty?.location));
    at = putField(bytes, at, IDENTIFIER, id);
    at = putField(bytes, at, SEALED_KEY, thirdParty?.sealedKey) + 1;
  }
  putField(bytes, at + 1, SIGNATURE, signature);
  return bytes;
}

function locationBytes(location: string | undefined): Uint8Array | undefined {
  return location === undefined ? undefined : encoder.encode(location);
}

/** Type, length in one byte or two, content; nothing for a field that is not there. */
function fieldLength(content: Uint8Array | undefined): number {
  return content === undefined ? 0 : content.length + (content.length > 127 ? 3 : 2);
}

/** Returns where the next field begins. */
function putField(bytes: Uint8Array, at: number, type: number, content: Uint8Array | undefined): number {
  if (content === undefined) return at;
  bytes[at] = type;
  const end = at + fieldLength(content);
  if (content.length > 127) {
    bytes[at + 1] = (content.length & 127) | 128;
    bytes[at + 2] = content.length >>> 7; // below 128, as FIELD_BYTES_MAX is below 2^14
  } else {
    bytes[at + 1] = content.length;
  }
  bytes.set(content, end - content.length);
  return end;
}

/** The macaroon of a byte string, which must be exactly what {@link encodeMacaroon} writes. */
export function decodeMacaroon(bytes: Uint8Array): Decoded {
  if (bytes.length > MACAROON_BYTES_MAX) return fail(`more than ${MACAROON_BYTES_MAX} bytes`);
  try {
    return { ok: true, parts: new Reader(bytes).macaroon() };
  } catch (error) {
    if (error instanceof Malformed) return fail(error.message);
    throw error;
  }
}

function fail(reason: string): Decoded {
  return { ok: false, reason };
}

/** Ends the reading; never leaves this file. */
class Malformed extends Error {}

class Reader {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  macaroon(): MacaroonParts {
    if (this.#byte() !== VERSION) throw new Malformed("another version than 2");
    const location = this.#location();
    const identifier = this.#field(IDENTIFIER, "an identifier");
    if (identifier.length === 0) throw new Malformed("an empty identifier");
    this.#expect(END, "the end of the header");
    const caveats: CaveatParts[] = [];
    while (this.#peek() !== END) {
      if (caveats.length === CAVEATS_MAX) throw new Malformed(`more than ${CAVEATS_MAX} caveats`);
      caveats.push(this.#caveat());
    }
    this.#expect(END, "the end of the caveats");
    const signature = this.#field(SIGNATURE, "a signature");
    if (signature.length !== SIGNATURE_BYTES) throw new Malformed(`a signature of ${signature.length} bytes`);
    if (this.#at !== this.#bytes.length) throw new Malformed("bytes after the signature");
    return { location, identifier, caveats, signature };
  }

  #caveat(): CaveatParts {
    const location = this.#location();
    const id = this.#field(IDENTIFIER, "a caveat");
    if (this.#peek() !== SEALED_KEY) {
      if (location !== undefined) throw new Malformed("a location on a first-party caveat");
      this.#expect(END, "the end of a caveat");
      return { id, thirdParty: undefined };
    }
    const sealedKey = this.#field(SEALED_KEY, "a sealed key");
    if (sealedKey.length !== SEALED_KEY_BYTES) throw new Malformed(`a sealed key of ${sealedKey.length} bytes`);
    this.#expect(END, "the end of a caveat");
    return { id, thirdParty: { location, sealedKey } };
  }

  #location(): string | undefined {
    if (this.#peek() !== LOCATION) return undefined;
    const content = this.#field(LOCATION, "a location");
    try {
      return decoder.decode(content);
    } catch {
      throw new Malformed("a location that is not UTF-8");
    }
  }

  /** A copy, so that a token does not change when the bytes that it came in do. */
  #field(type: number, what: string): Uint8Array {
    this.#expect(type, what);
    const length = this.#length();
    const end = this.#at + length;
    if (end > this.#bytes.length) throw new Malformed("an end in the middle of a field");
    const content = this.#bytes.slice(this.#at, end);
    this.#at = end;
    return content;
  }

  /** LEB128 in the fewest bytes; two hold every length allowed. */
  #length(): number {
    const low = this.#byte();
    if (low < 128) return low;
    const high = this.#byte();
    if (high === 0) throw new Malformed("a length in more bytes than it needs");
    const length = (low & 127) | (high << 7);
    if (high > 127 || length > FIELD_BYTES_MAX) throw new Malformed(`a field of more than ${FIELD_BYTES_MAX} bytes`);
    return length;
  }

  #expect(byte: number, what: string): void {
    if (this.#byte() !== byte) throw new Malformed(`something else in place of ${what}`);
  }

  #byte(): number {
    const byte = this.#peek();
    this.#at += 1;
    return byte;
  }

  #peek(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw new Malformed("an early end");
    return byte;
  }
}
