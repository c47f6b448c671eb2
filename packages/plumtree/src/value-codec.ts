/**
 * Values as MessagePack, by msgpackr. Before it sees bytes of a peer, they are checked to be plain: no extension types,
 * which can define record structures, references and regular expressions; bounded depth; no bytes behind the value.
 */
import { Packr, Unpackr } from "msgpackr";
import type { Decoded } from "@void-system/effects";
import { InvalidValueError } from "./errors.ts";
import { PAYLOAD_BYTES_MAX } from "./limits.ts";

/** Deepest nesting of a value. */
export const VALUE_DEPTH_MAX = 64;

const settings = { useRecords: false, mapsAsObjects: true, encodeUndefinedAsNil: true, copyBuffers: true } as const;
const packr = new Packr(settings);
const unpackr = new Unpackr(settings);

/**
 * The bytes of a value.
 *
 * @throws {@link InvalidValueError} if it is not plain data, too deep, or too long.
 */
export function encodeValue(value: unknown): Uint8Array {
  let bytes: Uint8Array;
  try {
    bytes = new Uint8Array(packr.pack(value)); // a copy: msgpackr packs into a pool
  } catch (cause) {
    throw new InvalidValueError("a value of plain data", "one that cannot be packed", { cause });
  }
  if (bytes.length > PAYLOAD_BYTES_MAX) {
    throw new InvalidValueError(`a value of at most ${PAYLOAD_BYTES_MAX} bytes`, `${bytes.length}`);
  }
  if (endOfPlain(bytes, 0, 0) !== bytes.length) {
    throw new InvalidValueError(
      `null, booleans, numbers, strings, Uint8Arrays, arrays and plain objects, at most ${VALUE_DEPTH_MAX} deep`,
      "another one (a date, a map whose keys are no strings, a cycle?)",
    );
  }
  return bytes;
}

/** The value of bytes that came from a peer. */
export function decodeValue(bytes: Uint8Array): Decoded<unknown> {
  if (endOfPlain(bytes, 0, 0) !== bytes.length) return { ok: false, reason: "expected one plain value" };
  try {
    return { ok: true, value: unpackr.unpack(bytes) };
  } catch {
    return { ok: false, reason: "expected a value that unpacks" };
  }
}

/** Where the plain value that begins at `at` ends, or -1 if there is none. */
function endOfPlain(bytes: Uint8Array, at: number, depth: number): number {
  const token = bytes[at];
  if (token === undefined || depth > VALUE_DEPTH_MAX) return -1;
  if (token <= 0x7f || token >= 0xe0) return at + 1; // small integers
  if (token <= 0x8f) return endOfItems(bytes, at + 1, token & 0xf, true, depth);
  if (token <= 0x9f) return endOfItems(bytes, at + 1, token & 0xf, false, depth);
  if (token <= 0xbf) return endWithin(bytes, at + 1 + (token & 0x1f));
  const layout = LAYOUTS[token];
  if (!layout) return -1;
  const { bodyBytes, lengthBytes, kind } = layout;
  const start = at + 1 + lengthBytes;
  if (start > bytes.length) return -1;
  let length = 0;
  for (let index = 1; index <= lengthBytes; index++) length = length * 256 + (bytes[at + index] ?? 0);
  if (kind === "bytes") return endWithin(bytes, start + length + bodyBytes);
  return endOfItems(bytes, start, length, kind === "map", depth);
}

function endOfItems(bytes: Uint8Array, at: number, count: number, isMap: boolean, depth: number): number {
  let end = at;
  for (let index = 0; index < count && end >= 0; index++) {
    if (isMap && !isString(bytes[end])) return -1;
    if (isMap) end = endOfPlain(bytes, end, depth + 1);
    if (end >= 0) end = endOfPlain(bytes, end, depth + 1);
  }
  return end;
}

function endWithin(bytes: Uint8Array, end: number): number {
  return end <= bytes.length ? end : -1;
}

function isString(token: number | undefined): boolean {
  return token !== undefined && ((token >= 0xa0 && token <= 0xbf) || (token >= 0xd9 && token <= 0xdb));
}

interface Layout {
  readonly kind: "bytes" | "array" | "map";
  /** Bytes of the length that follows the token. */
  readonly lengthBytes: number;
  /** Bytes of a body of fixed length. */
  readonly bodyBytes: number;
}

const sized = (kind: Layout["kind"], lengthBytes: number): Layout => ({ kind, lengthBytes, bodyBytes: 0 });
const fixed = (bodyBytes: number): Layout => ({ kind: "bytes", lengthBytes: 0, bodyBytes });

/** Tokens from 0xc0 on (MessagePack specification, "Formats"). What is missing is unused, or an extension. */
const LAYOUTS: Readonly<Record<number, Layout>> = {
  0xc0: fixed(0), 0xc2: fixed(0), 0xc3: fixed(0), // nil, false, true
  0xc4: sized("bytes", 1), 0xc5: sized("bytes", 2), 0xc6: sized("bytes", 4), // bin
  0xca: fixed(4), 0xcb: fixed(8), // float
  0xcc: fixed(1), 0xcd: fixed(2), 0xce: fixed(4), 0xcf: fixed(8), // uint
  0xd0: fixed(1), 0xd1: fixed(2), 0xd2: fixed(4), 0xd3: fixed(8), // int
  0xd9: sized("bytes", 1), 0xda: sized("bytes", 2), 0xdb: sized("bytes", 4), // str
  0xdc: sized("array", 2), 0xdd: sized("array", 4),
  0xde: sized("map", 2), 0xdf: sized("map", 4),
};
