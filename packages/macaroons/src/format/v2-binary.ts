/**
 * Version 2 binary form, as libmacaroons and go-macaroon write it; see docs/format.md. Decoding is strict: what it
 * takes, it would write byte for byte the same.
 */
import { type ByteReader, ByteWriter, type Decoded, decodeAll } from "@void-system/bytes";
import { SIGNATURE_BYTES } from "../token/chain.ts";

/** Largest macaroon that is read or written, in bytes. */
export const MACAROON_BYTES_MAX = 16_384;
/** Longest text of a macaroon, in characters. */
export const MACAROON_CHARACTERS_MAX: number = Math.ceil((MACAROON_BYTES_MAX * 4) / 3);
/** Most caveats of a macaroon. */
export const CAVEATS_MAX = 256;
/** Longest identifier, location or caveat, in bytes. */
export const FIELD_BYTES_MAX = 4096;
/** Length of a third party's sealed key: a nonce of 24, a tag of 16 and a key of 32 bytes. */
export const SEALED_KEY_BYTES = 72;

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
  /** Present in a third party's caveat. */
  readonly thirdParty: ThirdParty | undefined;
}

/** Further parts of a caveat that a third party discharges. */
export interface ThirdParty {
  /** Hint where the third party is. Not signed. */
  readonly location: string | undefined;
  /** The discharge's root key, sealed under the signature before this caveat. */
  readonly sealedKey: Uint8Array;
}

const VERSION = 2;
const END = 0;
const LOCATION = 1;
const IDENTIFIER = 2;
const SEALED_KEY = 4;
const SIGNATURE = 6;

const encoder = /* @__PURE__ */ new TextEncoder();
const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Returns the length of what {@link encodeMacaroon} writes, in bytes. */
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

/** Returns the one byte string of a macaroon. */
export function encodeMacaroon(parts: MacaroonParts): Uint8Array {
  const { location, identifier, caveats, signature } = parts;
  // Of the exact size, so that it never grows: growing would leave a token behind in the smaller buffer.
  const writer = new ByteWriter(encodedLength(parts)).u8(VERSION);
  writeField(writer, LOCATION, locationBytes(location));
  writeField(writer, IDENTIFIER, identifier);
  writer.u8(END);
  for (const { id, thirdParty } of caveats) {
    writeField(writer, LOCATION, locationBytes(thirdParty?.location));
    writeField(writer, IDENTIFIER, id);
    writeField(writer, SEALED_KEY, thirdParty?.sealedKey);
    writer.u8(END);
  }
  writer.u8(END);
  writeField(writer, SIGNATURE, signature);
  return writer.finish();
}

function locationBytes(location: string | undefined): Uint8Array | undefined {
  return location === undefined ? undefined : encoder.encode(location);
}

/** Type, length in one byte or two, content; nothing for an absent field. */
function fieldLength(content: Uint8Array | undefined): number {
  return content === undefined ? 0 : content.length + (content.length > 127 ? 3 : 2);
}

function writeField(writer: ByteWriter, type: number, content: Uint8Array | undefined): void {
  if (content !== undefined) writer.u8(type).leb128(content.length).raw(content);
}

/** Returns the macaroon of a byte string, which must be exactly what {@link encodeMacaroon} writes. */
export function decodeMacaroon(bytes: Uint8Array, read: (reader: ByteReader) => MacaroonParts = readMacaroon): Decoded<MacaroonParts> {
  if (bytes.length > MACAROON_BYTES_MAX) return { ok: false, reason: `more than ${MACAROON_BYTES_MAX} bytes` };
  const decoded = decodeAll(bytes, (reader) => read(reader));
  return decoded.ok ? decoded : { ok: false, reason: `other bytes: ${decoded.reason}` };
}

/** For {@link decodeMacaroon}: takes also longer lengths, and bytes behind the signature. */
export function readLeniently(reader: ByteReader): MacaroonParts {
  const parts = readMacaroon(reader, leb128Leniently);
  reader.restView();
  return parts;
}

type LengthReader = (reader: ByteReader) => number;

function leb128(reader: ByteReader): number {
  return reader.leb128(FIELD_BYTES_MAX);
}

/** Takes a number in more bytes than it needs, up to the five of 32 bits. */
function leb128Leniently(reader: ByteReader): number {
  const from = reader.position;
  let value = 0;
  for (let scale = 1; scale <= 0x80 ** 4; scale *= 0x80) {
    const byte = reader.u8();
    value += (byte & 0x7f) * scale;
    if (value > FIELD_BYTES_MAX) break;
    if (byte <= 0x7f) return value;
  }
  return reader.fail(`a number of at most ${FIELD_BYTES_MAX}`, "a larger one", from);
}

function readMacaroon(reader: ByteReader, length: LengthReader = leb128): MacaroonParts {
  expect(reader, VERSION, "version 2");
  const location = readLocation(reader, length);
  const identifier = readField(reader, length, IDENTIFIER, "an identifier");
  if (identifier.length === 0) reader.fail("an identifier", "an empty one");
  expect(reader, END, "the end of the header");
  const caveats: CaveatParts[] = [];
  while (reader.peek() !== END) {
    if (caveats.length === CAVEATS_MAX) reader.fail(`at most ${CAVEATS_MAX} caveats`, "more");
    caveats.push(readCaveat(reader, length));
  }
  expect(reader, END, "the end of the caveats");
  const signature = readField(reader, length, SIGNATURE, "a signature");
  if (signature.length !== SIGNATURE_BYTES) reader.fail(`a signature of ${SIGNATURE_BYTES} bytes`, `${signature.length}`);
  return { location, identifier, caveats, signature };
}

function readCaveat(reader: ByteReader, length: LengthReader): CaveatParts {
  const location = readLocation(reader, length);
  const id = readField(reader, length, IDENTIFIER, "a caveat");
  if (reader.peek() !== SEALED_KEY) {
    if (location !== undefined) reader.fail("no location on a first-party caveat", "one");
    expect(reader, END, "the end of a caveat");
    return { id, thirdParty: undefined };
  }
  const sealedKey = readField(reader, length, SEALED_KEY, "a sealed key");
  if (sealedKey.length !== SEALED_KEY_BYTES) reader.fail(`a sealed key of ${SEALED_KEY_BYTES} bytes`, `${sealedKey.length}`);
  expect(reader, END, "the end of a caveat");
  return { id, thirdParty: { location, sealedKey } };
}

function readLocation(reader: ByteReader, length: LengthReader): string | undefined {
  if (reader.peek() !== LOCATION) return undefined;
  const content = readField(reader, length, LOCATION, "a location");
  try {
    return decoder.decode(content);
  } catch {
    return reader.fail("a location in UTF-8", "other bytes");
  }
}

/** Reads a copy, so that a token does not change when the bytes that it came in do. */
function readField(reader: ByteReader, length: LengthReader, type: number, what: string): Uint8Array {
  expect(reader, type, what);
  return reader.raw(length(reader));
}

function expect(reader: ByteReader, byte: number, what: string): void {
  const { position } = reader;
  const got = reader.u8();
  if (got !== byte) reader.fail(what, `byte ${got}`, position);
}
