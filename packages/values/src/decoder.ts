import { type ByteReader, decodeAll, type Decoded, equalBytes } from "@void-system/bytes";
import { INDEX_MAX, indexOf, isRefusedKey } from "./keys.ts";
import type { ValueLimits } from "./limits.ts";
import * as token from "./tokens.ts";
import { type Value, VALUE_VERSION } from "./value.ts";

/** Decodes untrusted bytes: one value within the limits, in the one form that the encoder gives it. */
export function decodeValue(bytes: Uint8Array, limits: ValueLimits): Decoded<Value> {
  if (bytes.length > limits.bytes) return { ok: false, reason: `expected at most ${limits.bytes} bytes, got ${bytes.length}` };
  return decodeAll(bytes, (reader) => {
    const version = reader.u8();
    if (version !== VALUE_VERSION) reader.fail(`a value of version ${VALUE_VERSION}`, `version ${version}`, 0);
    return new Decoder(reader, bytes, limits).part(0);
  });
}

class Decoder {
  readonly #reader: ByteReader;
  readonly #bytes: Uint8Array;
  readonly #limits: ValueLimits;
  #items = 0;

  constructor(reader: ByteReader, bytes: Uint8Array, limits: ValueLimits) {
    this.#reader = reader;
    this.#bytes = bytes;
    this.#limits = limits;
  }

  part(depth: number): Value {
    this.#count(1);
    const reader = this.#reader;
    const first = reader.u8();
    if (first < token.MAP_FIXED) return first;
    if (first >= token.NEGATIVE_FIXED) return first - 0x100;
    if (first < token.ARRAY_FIXED) return this.#record(first - token.MAP_FIXED, depth);
    if (first < token.TEXT_FIXED) return this.#array(first - token.ARRAY_FIXED, depth);
    if (first < token.NIL) return reader.utf8(first - token.TEXT_FIXED);
    switch (first) {
      case token.NIL:
        return null;
      case token.FALSE:
        return false;
      case token.TRUE:
        return true;
      case token.UINT_8:
        return this.#least(reader.u8(), 0x80);
      case token.UINT_16:
        return this.#least(reader.u16(), 0x1_00);
      case token.UINT_32:
        return this.#least(reader.u32(), 0x1_00_00);
      case token.INT_8:
        return this.#most((reader.u8() << 24) >> 24, -0x21);
      case token.INT_16:
        return this.#most((reader.u16() << 16) >> 16, -0x81);
      case token.INT_32:
        return this.#most(reader.u32() | 0, -0x80_01);
      case token.FLOAT_64:
        return this.#float();
      case token.INT_64:
        return reader.i64();
      case token.UINT_64:
        return this.#bigUint();
      case token.ARRAY_16:
        return this.#array(this.#least(reader.u16(), 0x10), depth);
      case token.ARRAY_32:
        return this.#array(this.#least(reader.u32(), 0x1_00_00), depth);
      case token.MAP_16:
        return this.#record(this.#least(reader.u16(), 0x10), depth);
      case token.MAP_32:
        return this.#record(this.#least(reader.u32(), 0x1_00_00), depth);
      case token.BYTES_8:
        return reader.raw(reader.u8());
      case token.BYTES_16:
        return reader.raw(this.#least(reader.u16(), 0x1_00));
      case token.BYTES_32:
        return reader.raw(this.#least(reader.u32(), 0x1_00_00));
      default:
        return this.#longText(first);
    }
  }

  #text(): string {
    const first = this.#reader.u8();
    return first >= token.TEXT_FIXED && first < token.NIL ? this.#reader.utf8(first - token.TEXT_FIXED) : this.#longText(first);
  }

  #longText(first: number): string {
    const reader = this.#reader;
    if (first === token.TEXT_8) return reader.utf8(this.#least(reader.u8(), 0x20));
    if (first === token.TEXT_16) return reader.utf8(this.#least(reader.u16(), 0x1_00));
    if (first === token.TEXT_32) return reader.utf8(this.#least(reader.u32(), 0x1_00_00));
    return reader.fail("a form of MessagePack that values have", `0x${first.toString(16)}`, reader.position - 1);
  }

  #float(): number {
    const reader = this.#reader;
    const at = reader.position - 1;
    const value = reader.f64();
    if (Number.isNaN(value) && !equalBytes(this.#bytes.subarray(at, reader.position), token.NAN)) reader.fail("the one form of NaN", "another", at);
    if ((value === value >>> 0 || value === (value | 0)) && !Object.is(value, -0)) this.#failShortest();
    return value;
  }

  #bigUint(): bigint {
    const value = this.#reader.i64();
    return value < 0n ? BigInt.asUintN(64, value) : this.#failShortest();
  }

  #array(count: number, depth: number): Value[] {
    this.#enter(count, count, depth);
    const parts: Value[] = [];
    for (let index = 0; index < count; index += 1) parts.push(this.part(depth + 1));
    return parts;
  }

  #record(count: number, depth: number): Value {
    this.#enter(count, count * 2, depth);
    const parts: Record<string, Value> = {};
    let last = -1;
    for (let index = 0; index < count; index += 1) {
      const at = this.#reader.position;
      const key = this.#text();
      this.#count(1);
      if (isRefusedKey(key)) this.#reader.fail("another key", `the key ${key}`, at);
      if (Object.hasOwn(parts, key)) this.#reader.fail("each key once", "one twice", at);
      const number = indexOf(key);
      if (number >= 0 && number <= last) this.#reader.fail("numbers as keys first, in ascending order", "another order", at);
      if (number > last + 1) keepSparse(parts);
      last = number >= 0 ? number : Number.POSITIVE_INFINITY;
      parts[key] = this.part(depth + 1);
    }
    return parts;
  }

  /** Checks the number of parts against what is left before any of them is made. */
  #enter(count: number, items: number, depth: number): void {
    const { position, remaining } = this.#reader;
    if (depth >= this.#limits.depth) this.#reader.fail(`at most ${this.#limits.depth} levels`, "one more", position);
    if (this.#items + items > this.#limits.items) this.#failItems();
    if (items > remaining) this.#reader.fail(`${count} parts`, `${remaining} bytes, cut short`, position);
  }

  #count(items: number): void {
    this.#items += items;
    if (this.#items > this.#limits.items) this.#failItems();
  }

  #least(value: number, least: number): number {
    return value >= least ? value : this.#failShortest();
  }

  #most(value: number, most: number): number {
    return value <= most ? value : this.#failShortest();
  }

  #failItems(): never {
    this.#reader.fail(`at most ${this.#limits.items} items`, "more");
  }

  #failShortest(): never {
    this.#reader.fail("the shortest form of a number or length", "a longer one");
  }
}

/**
 * Keeps the numbers among an object's keys in a table. V8 would lay them out as an array and fill the gaps: then `{"1023":0}`,
 * which has 7 bytes, takes 12 kB. The table comes with the largest number, and stays when that is gone.
 */
function keepSparse(parts: Record<string, Value>): void {
  parts[INDEX_MAX] = null;
  delete parts[INDEX_MAX];
}
