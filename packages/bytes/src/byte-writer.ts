import { type ByteOrder, isLittleEndian } from "./byte-order.ts";
import { FieldRangeError } from "./errors.ts";

const U8_MAX = 0xff;
const U16_MAX = 0xff_ff;
const U32_MAX = 0xff_ff_ff_ff;
const U48_MAX = 2 ** 48 - 1;
const TWO_32 = 2 ** 32;
const CAPACITY_BYTES = 256;

const encoder = /* @__PURE__ */ new TextEncoder();

/**
 * Appends fields to one growing buffer: numbers of a fixed width (big-endian by default), byte strings, text.
 * Every value is checked against the width of its field.
 *
 * @example
 * ```ts
 * import { ByteWriter, toHex } from "@void-system/bytes";
 *
 * toHex(new ByteWriter().u8(1).u16(2).block(Uint8Array.of(3)).finish()); // => "0100020000000103"
 * ```
 */
export class ByteWriter {
  readonly #littleEndian: boolean;
  #bytes: Uint8Array;
  #view: DataView;
  #length = 0;

  /**
   * @param capacity - Initial size of the buffer, in bytes. A good guess saves growing it, and a bad one does no harm.
   * @param order - Byte order of numbers. @defaultValue "big-endian"
   */
  constructor(capacity: number = CAPACITY_BYTES, order: ByteOrder = "big-endian") {
    this.#littleEndian = isLittleEndian(order);
    this.#bytes = new Uint8Array(capacity);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Bytes written so far. */
  get length(): number {
    return this.#length;
  }

  /** Bytes that fit without growing. */
  get capacity(): number {
    return this.#bytes.length;
  }

  /** Writes a whole number of one byte. */
  u8(value: number): this {
    if (value !== (value & U8_MAX)) throw new FieldRangeError("u8", `a whole number from 0 to ${U8_MAX}`, value);
    this.#reserve(1);
    this.#bytes[this.#length] = value;
    this.#length += 1;
    return this;
  }

  /** Writes a whole number of two bytes. */
  u16(value: number): this {
    if (value !== (value & U16_MAX)) throw new FieldRangeError("u16", `a whole number from 0 to ${U16_MAX}`, value);
    this.#reserve(2);
    this.#view.setUint16(this.#length, value, this.#littleEndian);
    this.#length += 2;
    return this;
  }

  /** Writes a whole number of four bytes. */
  u32(value: number): this {
    if (value !== value >>> 0) throw new FieldRangeError("u32", `a whole number from 0 to ${U32_MAX}`, value);
    this.#reserve(4);
    this.#view.setUint32(this.#length, value, this.#littleEndian);
    this.#length += 4;
    return this;
  }

  /** Writes a whole number of six bytes: milliseconds since 1970 fit until the year 10889. */
  u48(value: number): this {
    checkWhole("u48", value, U48_MAX);
    this.#reserve(6);
    const high = Math.floor(value / TWO_32);
    this.#view.setUint16(this.#length + (this.#littleEndian ? 4 : 0), high, this.#littleEndian);
    this.#view.setUint32(this.#length + (this.#littleEndian ? 0 : 2), value - high * TWO_32, this.#littleEndian);
    this.#length += 6;
    return this;
  }

  /** Writes a whole number up to 2^53 - 1, the largest that is exact, in eight bytes. */
  u53(value: number): this {
    checkWhole("u53", value, Number.MAX_SAFE_INTEGER);
    this.#reserve(8);
    const high = Math.floor(value / TWO_32);
    this.#view.setUint32(this.#length + (this.#littleEndian ? 4 : 0), high, this.#littleEndian);
    this.#view.setUint32(this.#length + (this.#littleEndian ? 0 : 4), value - high * TWO_32, this.#littleEndian);
    this.#length += 8;
    return this;
  }

  /** Writes a signed whole number of eight bytes. */
  i64(value: bigint): this {
    if (value !== BigInt.asIntN(64, value)) throw new FieldRangeError("i64", "a whole number from -2^63 to 2^63 - 1", value);
    this.#reserve(8);
    this.#view.setBigInt64(this.#length, value, this.#littleEndian);
    this.#length += 8;
    return this;
  }

  /** Writes a floating-point number of eight bytes (IEEE 754, binary64), every bit of it. */
  f64(value: number): this {
    this.#reserve(8);
    this.#view.setFloat64(this.#length, value, this.#littleEndian);
    this.#length += 8;
    return this;
  }

  /** Writes a length in the fewest groups of seven bits, the lowest group first (unsigned LEB128). */
  leb128(value: number): this {
    checkWhole("leb128", value, U32_MAX);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.u8((rest & 0x7f) | 0x80);
    return this.u8(rest);
  }

  /** Writes bytes without a length, for a reader that knows how many there are. */
  raw(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** Writes a four-byte length and the bytes. */
  block(bytes: Uint8Array): this {
    return this.u32(bytes.length).raw(bytes);
  }

  /** Writes a two-byte length and the text in UTF-8. An unpaired surrogate becomes U+FFFD, as `TextEncoder` does it. */
  text(value: string): this {
    const bytes = encoder.encode(value);
    return this.u16(bytes.length).raw(bytes);
  }

  /** Writes a one-byte length and ASCII text: names and identifiers, without the cost of UTF-8. */
  ascii(value: string): this {
    if (value.length > U8_MAX) throw new FieldRangeError("ascii", `at most ${U8_MAX} characters`, value.length);
    this.#reserve(1 + value.length);
    const from = this.#length + 1;
    for (let index = 0; index < value.length; index += 1) {
      const unit = value.charCodeAt(index);
      if (unit > 0x7f) throw new FieldRangeError("ascii", "characters up to U+007F", `U+${unit.toString(16)}`);
      this.#bytes[from + index] = unit;
    }
    // Only now: nothing of a refused text is left behind.
    this.#bytes[this.#length] = value.length;
    this.#length = from + value.length;
    return this;
  }

  /** Replaces bytes already written, starting at `position`: for a checksum or a count that is known only at the end. */
  overwrite(position: number, bytes: Uint8Array): this {
    if (!(position >= 0 && position + bytes.length <= this.#length))
      throw new FieldRangeError("overwrite", `a position within the ${this.#length} bytes written`, position);
    this.#bytes.set(bytes, position);
    return this;
  }

  /**
   * Returns a view of the bytes written. The view shares the writer's buffer: consume it before the writer is written to or
   * cleared.
   */
  view(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /**
   * Returns the bytes written, to keep. The writer must not be used afterwards. The memory kept alive is less than twice
   * their length, because bytes that fill at most half of the buffer are copied.
   */
  finish(): Uint8Array {
    return this.#length * 2 > this.#bytes.length ? this.view() : this.#bytes.slice(0, this.#length);
  }

  /** Empties the writer and reuses its buffer. Views returned before will change with the next write. */
  clear(): this {
    this.#length = 0;
    return this;
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed > this.#bytes.length) this.#grow(needed);
  }

  #grow(needed: number): void {
    const grown = new Uint8Array(Math.max(needed, this.#bytes.length * 2));
    grown.set(this.view());
    this.#bytes = grown;
    this.#view = new DataView(grown.buffer);
  }
}

function checkWhole(field: string, value: number, max: number): void {
  if (!Number.isSafeInteger(value) || value < 0 || value > max)
    throw new FieldRangeError(field, `a whole number from 0 to ${max}`, value);
}
