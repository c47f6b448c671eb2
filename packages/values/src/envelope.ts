/**
 * Values inside frames: MessagePack behind a version, for bytes that come from peers.
 *
 * @packageDocumentation
 */
import type { Codec, Decoded } from "@void-system/effects";
import { Packr, Unpackr } from "msgpackr";
import { EnvelopeError, OptionError } from "./errors.ts";
import { PlainScan } from "./plain-scan.ts";

/** First byte of each envelope. */
export const ENVELOPE_VERSION = 1;

/**
 * What an envelope can hold. Objects are plain; keys other than `__proto__`, `constructor` and `prototype`. `-0` arrives as
 * `0`, and a bigint that fits into 32 bits as a number.
 */
export type EnvelopeValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | readonly EnvelopeValue[]
  | {
      /** A value by its key. */
      readonly [key: string]: EnvelopeValue;
    };

/** Bounds on what bytes can make their receiver build; the same for what is sent. */
export interface EnvelopeLimits {
  /** Longest envelope, its version included. @defaultValue 1 MiB */
  readonly bytes: number;
  /** Deepest nesting: 0 is a value without parts. @defaultValue 32 */
  readonly depth: number;
  /** Values in all: arrays, objects, what is in them, and keys. @defaultValue 100_000 */
  readonly items: number;
}

/** The default of each of {@link EnvelopeLimits}. */
export const ENVELOPE_LIMITS: EnvelopeLimits = { bytes: 1024 * 1024, depth: 32, items: 100_000 };

/** Deepest `depth` that can be asked for: decoding recurses. */
const DEPTH_MAX = 512;

const PLAIN = "null, booleans, numbers, strings, Uint8Arrays, arrays and plain objects of them, within the limits";
const settings = { useRecords: false, mapsAsObjects: true, copyBuffers: true } as const;
const packr = new Packr(settings);
const unpackr = new Unpackr(settings);

/**
 * A codec of plain values. `decode` takes bytes of anybody: before MessagePack sees them they are checked to be one whole
 * value within the limits, of no extension type (so nobody defines record structures, references or classes here), with
 * string keys that are no property of prototypes, each once, and strings of sound UTF-8. What it decodes shares no memory
 * with the bytes.
 *
 * @throws OptionError for limits out of range.
 * @throws EnvelopeError from `encode`, for what is no plain value or exceeds the limits.
 * @example
 * ```ts
 * import { envelope } from "@void-system/transport/envelope";
 *
 * const codec = envelope({ depth: 4 });
 * const bytes = codec.encode({ op: "put", key: "a", value: Uint8Array.of(1, 2) });
 * codec.decode(bytes); // => ({ ok: true, value: { op: "put", key: "a", value: Uint8Array.of(1, 2) } })
 * codec.decode(bytes.subarray(0, 5)).ok; // => false
 * ```
 */
export function envelope(limits: Partial<EnvelopeLimits> = {}): Codec<EnvelopeValue> {
  const bounds = { ...ENVELOPE_LIMITS, ...limits };
  whole("bytes", bounds.bytes, 2, 2 ** 31);
  whole("depth", bounds.depth, 0, DEPTH_MAX);
  whole("items", bounds.items, 1, 2 ** 31);
  return {
    encode: (value) => encode(value, bounds),
    decode: (bytes) => decode(bytes, bounds),
  };
}

function encode(value: EnvelopeValue, limits: EnvelopeLimits): Uint8Array {
  const odd = oddPart(value, limits.depth);
  if (odd !== undefined) throw new EnvelopeError(PLAIN, odd);
  let packed: Uint8Array;
  try {
    packed = packr.pack(value);
  } catch (cause) {
    throw new EnvelopeError("a plain value", "one that MessagePack has no form for (a bigint beyond 64 bits?)", { cause });
  }
  if (packed.length + 1 > limits.bytes) {
    throw new EnvelopeError(`a value of at most ${limits.bytes} bytes`, `one of ${packed.length + 1}`);
  }
  const fault = new PlainScan(packed, limits).fault();
  if (fault !== undefined) throw new EnvelopeError(PLAIN, fault);
  const bytes = new Uint8Array(packed.length + 1);
  bytes[0] = ENVELOPE_VERSION;
  bytes.set(packed, 1); // a copy: msgpackr packs into a buffer that it uses again
  return bytes;
}

function decode(bytes: Uint8Array, limits: EnvelopeLimits): Decoded<EnvelopeValue> {
  const [version] = bytes;
  if (version !== ENVELOPE_VERSION) {
    return { ok: false, reason: `expected an envelope of version ${ENVELOPE_VERSION}, got ${version ?? "no bytes"}` };
  }
  if (bytes.length > limits.bytes) return { ok: false, reason: `expected at most ${limits.bytes} bytes, got ${bytes.length}` };
  const packed = new Uint8Array(bytes.buffer, bytes.byteOffset + 1, bytes.length - 1);
  const scan = new PlainScan(packed, limits);
  const fault = scan.fault();
  if (fault !== undefined) return { ok: false, reason: `expected a plain value within the limits, got ${fault}` };
  try {
    const value: EnvelopeValue = unpackr.unpack(packed);
    if (scan.keys > 0 && keysIn(value) !== scan.keys) return { ok: false, reason: "expected each key of an object once" };
    return { ok: true, value };
  } catch {
    return { ok: false, reason: "expected a value that MessagePack can decode" };
  }
}

/**
 * What is no plain value, if anything is: MessagePack would turn a set into an array and a class's instance into its
 * fields, and nobody would be told.
 */
function oddPart(value: unknown, depth: number): string | undefined {
  if (value === undefined || typeof value === "function" || typeof value === "symbol") return `a part of type ${typeof value}`;
  if (typeof value !== "object" || value === null) return undefined;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (value instanceof Uint8Array) return undefined;
  const isPlain = Array.isArray(value) || prototype === Object.prototype || prototype === null;
  if (!isPlain) return "an object of a class (a date, a map, a set?)";
  if (depth === 0) return "more levels than the limit, or a cycle";
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (const part of parts) {
    const odd = oddPart(part, depth - 1);
    if (odd !== undefined) return odd;
  }
  return undefined;
}

function keysIn(value: EnvelopeValue): number {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array) return 0;
  const parts = Object.values(value);
  let keys = Array.isArray(value) ? 0 : parts.length;
  for (const part of parts) keys += keysIn(part);
  return keys;
}

function whole(option: string, value: number, lowest: number, highest: number): void {
  if (!Number.isSafeInteger(value) || value < lowest || value > highest) {
    throw new OptionError(option, `a whole number of ${lowest} to ${highest}`, value);
  }
}
