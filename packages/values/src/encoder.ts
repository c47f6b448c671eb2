import { ByteWriter } from "@void-system/bytes";
import { isRefusedKey } from "./keys.ts";
import type { ValueLimits } from "./limits.ts";
import { type Path, refuse, refuseCycle, refuseKind } from "./refusal.ts";
import * as token from "./tokens.ts";
import { VALUE_VERSION } from "./value.ts";

/** Text up to here is written unit by unit while it is ASCII: a call of TextEncoder costs more than that. */
const SHORT_UNITS = 24;
const INT_64_MIN = -(2n ** 63n);
const INT_64_MAX = 2n ** 63n - 1n;
const UINT_64_MAX = 2n ** 64n - 1n;
/** First byte of U+FFFD, which TextEncoder writes for half of a surrogate pair; so the slow search is rare. */
const REPLACEMENT_LEAD = 0xef;
const LONE_SURROGATE = /\p{Surrogate}/u;
const LIMIT_ADVICE = "send less at once, or raise the limit on both sides";
const utf8 = /* @__PURE__ */ new TextEncoder();

/** Largest buffer that is kept for the next value, in bytes. */
const SPARE_BYTES_MAX = 64 * 1024;
const SPARE_BYTES = 1024;
/** Used by one value at a time: a getter may encode another one in the midst of the first. */
let spare: ByteWriter | undefined;

/** Encodes a value, or throws a `ValueError` that names the part which would not arrive as it is. */
export function encodeValue(value: unknown, limits: ValueLimits): Uint8Array {
  const writer = spare ?? new ByteWriter(SPARE_BYTES);
  spare = undefined;
  try {
    new Encoder(writer.u8(VALUE_VERSION), limits).whole(value);
    return writer.view().slice();
  } finally {
    if (writer.capacity <= SPARE_BYTES_MAX) spare = writer.clear();
  }
}

class Encoder {
  readonly #writer: ByteWriter;
  readonly #limits: ValueLimits;
  /** Arrays and objects around the part that is being written, outermost first. */
  readonly #around: object[] = [];
  /** The key of the part that is being written in each of them. */
  readonly #keys: (string | number)[] = [];
  #items = 0;

  constructor(writer: ByteWriter, limits: ValueLimits) {
    this.#writer = writer;
    this.#limits = limits;
  }

  whole(value: unknown): void {
    this.#part(value, 0);
    this.#checkBytes(0, 0);
  }

  #part(part: unknown, depth: number): void {
    this.#count(1, depth);
    this.#checkBytes(0, depth);
    switch (typeof part) {
      case "number":
        return this.#number(part);
      case "string":
        return this.#text(part, depth);
      case "boolean":
        return void this.#writer.u8(part ? token.TRUE : token.FALSE);
      case "bigint":
        return this.#bigint(part, depth);
      case "object":
        return part === null ? void this.#writer.u8(token.NIL) : this.#object(part, depth);
      default:
        return refuseKind(this.#path(depth), part);
    }
  }

  #number(value: number): void {
    const writer = this.#writer;
    if (value === value >>> 0 && !Object.is(value, -0)) {
      if (value <= 0x7f) writer.u8(value);
      else if (value <= 0xff) writer.u8(token.UINT_8).u8(value);
      else if (value <= 0xff_ff) writer.u8(token.UINT_16).u16(value);
      else writer.u8(token.UINT_32).u32(value);
    } else if (value < 0 && value === (value | 0)) {
      if (value >= -0x20) writer.u8(value & 0xff);
      else if (value >= -0x80) writer.u8(token.INT_8).u8(value & 0xff);
      else if (value >= -0x80_00) writer.u8(token.INT_16).u16(value & 0xff_ff);
      else writer.u8(token.INT_32).u32(value >>> 0);
    } else if (Number.isNaN(value)) {
      writer.raw(token.NAN);
    } else {
      writer.u8(token.FLOAT_64).f64(value);
    }
  }

  #bigint(value: bigint, depth: number): void {
    if (value > UINT_64_MAX || value < INT_64_MIN) refuseKind(this.#path(depth), value);
    this.#writer.u8(value > INT_64_MAX ? token.UINT_64 : token.INT_64).i64(BigInt.asIntN(64, value));
  }

  #text(text: string, depth: number): void {
    const writer = this.#writer;
    if (text.length <= SHORT_UNITS && isAscii(text)) {
      this.#textHead(text.length);
      for (let index = 0; index < text.length; index += 1) writer.u8(text.charCodeAt(index));
      return;
    }
    this.#checkBytes(text.length, depth);
    const bytes = utf8.encode(text);
    if (bytes.includes(REPLACEMENT_LEAD) && LONE_SURROGATE.test(text))
      refuse(this.#path(depth), "whole characters", "text with half of a surrogate pair", "send whole characters, or a Uint8Array");
    this.#textHead(bytes.length);
    writer.raw(bytes);
  }

  #textHead(length: number): void {
    if (length < 0x20) this.#writer.u8(token.TEXT_FIXED + length);
    else if (length <= 0xff) this.#writer.u8(token.TEXT_8).u8(length);
    else if (length <= 0xff_ff) this.#writer.u8(token.TEXT_16).u16(length);
    else this.#writer.u8(token.TEXT_32).u32(length);
  }

  #object(part: object, depth: number): void {
    // Both: a proxy of bytes, or an object made of their prototype, has none.
    if (part instanceof Uint8Array && ArrayBuffer.isView(part)) return this.#bytes(part, depth);
    const array = Array.isArray(part) && Object.getPrototypeOf(part) === Array.prototype ? part : undefined;
    const record = array === undefined && isRecord(part) ? part : undefined;
    if (array === undefined && record === undefined) refuseKind(this.#path(depth), part);
    if (depth >= this.#limits.depth) this.#refuseDepth(part, depth);
    this.#around[depth] = part;
    if (Object.getOwnPropertySymbols(part).length > 0) this.#refuseProperty("a property under a symbol", depth);
    if (array !== undefined) this.#array(array, depth);
    if (record !== undefined) this.#record(record, depth);
  }

  #bytes(bytes: Uint8Array, depth: number): void {
    const { length } = bytes;
    this.#checkBytes(length, depth);
    if (length <= 0xff) this.#writer.u8(token.BYTES_8).u8(length);
    else if (length <= 0xff_ff) this.#writer.u8(token.BYTES_16).u16(length);
    else this.#writer.u8(token.BYTES_32).u32(length);
    this.#writer.raw(bytes);
  }

  #array(parts: readonly unknown[], depth: number): void {
    const { length } = parts;
    if (this.#items + length > this.#limits.items) this.#refuseItems(depth); // before a billion holes are looked at
    this.#checkProperties(parts, length, depth);
    if (length < 0x10) this.#writer.u8(token.ARRAY_FIXED + length);
    else if (length <= 0xff_ff) this.#writer.u8(token.ARRAY_16).u16(length);
    else this.#writer.u8(token.ARRAY_32).u32(length);
    for (let index = 0; index < length; index += 1) {
      this.#keys[depth] = index;
      this.#part(parts[index], depth + 1);
    }
  }

  #record(parts: Readonly<Record<string, unknown>>, depth: number): void {
    const keys = Object.keys(parts);
    const { length } = keys;
    this.#count(length, depth);
    if (Object.getOwnPropertyNames(parts).length !== length) this.#refuseProperty("a property that is not enumerable", depth);
    if (length < 0x10) this.#writer.u8(token.MAP_FIXED + length);
    else if (length <= 0xff_ff) this.#writer.u8(token.MAP_16).u16(length);
    else this.#writer.u8(token.MAP_32).u32(length);
    for (const key of keys) {
      this.#keys[depth] = key;
      if (isRefusedKey(key)) refuse(this.#path(depth + 1), "another key", `the key ${key}`, "give the property another name");
      this.#text(key, depth + 1);
      this.#part(parts[key], depth + 1);
    }
  }

  /** Refuses holes, and properties beside the elements. */
  #checkProperties(parts: readonly unknown[], length: number, depth: number): void {
    const keys = Object.keys(parts);
    if (keys.length === length && (length === 0 || keys.at(-1) === String(length - 1))) return;
    const odd = keys.findIndex((key, index) => key !== String(index));
    const hole = odd < 0 ? keys.length : odd;
    if (hole < length) {
      this.#keys[depth] = hole;
      refuse(this.#path(depth + 1), "an element", "a hole", "fill it, or send null");
    }
    this.#refuseProperty(`an array with the property ${JSON.stringify(keys[length])}`, depth);
  }

  #path(depth: number): Path {
    return this.#keys.slice(0, depth);
  }

  #count(items: number, depth: number): void {
    this.#items += items;
    if (this.#items > this.#limits.items) this.#refuseItems(depth);
  }

  /** Refuses what is written so far and `more` bytes, if they are too many. */
  #checkBytes(more: number, depth: number): void {
    if (this.#writer.length + more <= this.#limits.bytes) return;
    refuse(this.#path(depth), `at most ${this.#limits.bytes} bytes in all`, "more", LIMIT_ADVICE);
  }

  #refuseItems(depth: number): never {
    refuse(this.#path(depth), `at most ${this.#limits.items} items in all`, "more", LIMIT_ADVICE);
  }

  #refuseDepth(part: object, depth: number): never {
    const around = [...this.#around.slice(0, depth), part];
    const again = around.findIndex((object, index) => around.indexOf(object) < index);
    if (again >= 0) refuseCycle(this.#path(again), this.#path(around.indexOf(around[again] ?? part)));
    refuse(this.#path(depth), `at most ${this.#limits.depth} levels`, "one more", LIMIT_ADVICE);
  }

  #refuseProperty(got: string, depth: number): never {
    refuse(this.#path(depth), "enumerable properties with names, and arrays of nothing but elements", got, "send a plain copy without it");
  }
}

function isRecord(part: object): part is Readonly<Record<string, unknown>> {
  const prototype: unknown = Object.getPrototypeOf(part);
  return prototype === Object.prototype || prototype === null;
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}
