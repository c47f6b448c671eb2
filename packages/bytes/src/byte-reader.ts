import { type ByteOrder, isLittleEndian } from "./byte-order.ts";
import { MalformedBytesError } from "./errors.ts";

const TWO_32 = 2 ** 32;
const U53_HIGH_MAX = 0x1f_ff_ff;
/** Text up to here is read byte by byte while it is ASCII: a call of TextDecoder costs more than that. */
const SHORT_BYTES = 24;

const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads fields from untrusted bytes, front to back. Every length is checked against the bytes left and the caller's
 * bound before memory is allocated. A breach throws a {@link MalformedBytesError}, which `decodeAll` turns into a result.
 *
 * `raw`, `block` and `rest` return copies, which may outlive the bytes. Their `…View` variants return views, which
 * cost nothing but keep the whole buffer alive and change with it. Use a view only for a field that is consumed before
 * the buffer is reused.
 *
 * @example
 * ```ts
 * import { ByteReader } from "@void-system/bytes";
 *
 * const reader = new ByteReader(Uint8Array.of(1, 0, 2, 0, 0, 0, 1, 3));
 * [reader.u8(), reader.u16(), reader.block(16)]; // => [1, 2, Uint8Array.of(3)]
 * reader.end();
 * ```
 */
export class ByteReader {
  readonly #littleEndian: boolean;
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  /** @param order - Byte order of numbers. @defaultValue "big-endian" */
  constructor(bytes: Uint8Array, order: ByteOrder = "big-endian") {
    this.#littleEndian = isLittleEndian(order);
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Offset of the next byte. */
  get position(): number {
    return this.#at;
  }

  /** Number of bytes left. */
  get remaining(): number {
    return this.#bytes.length - this.#at;
  }

  /** Returns the next byte without consuming it, or undefined at the end. */
  peek(): number | undefined {
    return this.#bytes[this.#at];
  }

  /** Reads a whole number of one byte. */
  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  /** Reads a whole number of two bytes. */
  u16(): number {
    return this.#view.getUint16(this.#take(2), this.#littleEndian);
  }

  /** Reads a whole number of four bytes. */
  u32(): number {
    return this.#view.getUint32(this.#take(4), this.#littleEndian);
  }

  /** Reads a whole number of six bytes. */
  u48(): number {
    const at = this.#take(6);
    const high = this.#view.getUint16(at + (this.#littleEndian ? 4 : 0), this.#littleEndian);
    return high * TWO_32 + this.#view.getUint32(at + (this.#littleEndian ? 0 : 2), this.#littleEndian);
  }

  /** Reads a whole number of eight bytes, at most 2^53 - 1. */
  u53(): number {
    const at = this.#take(8);
    const high = this.#view.getUint32(at + (this.#littleEndian ? 4 : 0), this.#littleEndian);
    if (high > U53_HIGH_MAX) throw new MalformedBytesError("a number below 2^53", "a larger one", at);
    return high * TWO_32 + this.#view.getUint32(at + (this.#littleEndian ? 0 : 4), this.#littleEndian);
  }

  /** Reads a signed whole number of eight bytes. */
  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8), this.#littleEndian);
  }

  /** Reads a floating-point number of eight bytes (IEEE 754, binary64). */
  f64(): number {
    return this.#view.getFloat64(this.#take(8), this.#littleEndian);
  }

  /** Reads an unsigned LEB128 of at most `max`. A number in more bytes than it needs is malformed. */
  leb128(max: number): number {
    const from = this.#at;
    let value = 0;
    for (let scale = 1; ; scale *= 0x80) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (!(value <= max)) throw new MalformedBytesError(`a number of at most ${max}`, "a larger one", from);
      if (byte > 0x7f && scale <= max) continue;
      if (byte > 0x7f) throw new MalformedBytesError(`a number of at most ${max}`, "one with more bytes", from);
      if (byte === 0 && scale > 1) throw new MalformedBytesError("a number in the fewest bytes", "one with a byte too many", from);
      return value;
    }
  }

  /** Reads the number of items that follow, in four bytes. */
  count(countMax: number): number {
    return this.#bounded(countMax, "a count");
  }

  /** Reads exactly `length` bytes, as a copy. */
  raw(length: number): Uint8Array {
    return new Uint8Array(this.rawView(length));
  }

  /** Reads exactly `length` bytes, as a view of the buffer. */
  rawView(length: number): Uint8Array {
    const at = this.#take(length);
    return this.#bytes.subarray(at, at + length);
  }

  /** Reads a four-byte length and that many bytes, as a copy. */
  block(lengthMax: number): Uint8Array {
    return this.raw(this.#bounded(lengthMax, "a length"));
  }

  /** Reads a four-byte length and that many bytes, as a view of the buffer. */
  blockView(lengthMax: number): Uint8Array {
    return this.rawView(this.#bounded(lengthMax, "a length"));
  }

  /** Reads everything that is left, as a copy. */
  rest(): Uint8Array {
    return this.raw(this.remaining);
  }

  /** Reads everything that is left, as a view of the buffer. */
  restView(): Uint8Array {
    return this.rawView(this.remaining);
  }

  /** Reads a two-byte length and that many bytes of UTF-8 text. `lengthMax` is in bytes. */
  text(lengthMax: number): string {
    const at = this.#at;
    const length = this.u16();
    if (!(length <= lengthMax)) throw new MalformedBytesError(`text of at most ${lengthMax} bytes`, `${length}`, at);
    return this.utf8(length);
  }

  /** Reads exactly `length` bytes of UTF-8 text. */
  utf8(length: number): string {
    const at = this.#take(length);
    if (length <= SHORT_BYTES) {
      let text = "";
      let index = at;
      for (let byte = 0; index < at + length && (byte = this.#bytes[index] ?? 0) < 0x80; index += 1) text += String.fromCharCode(byte);
      if (index === at + length) return text;
    }
    try {
      return decoder.decode(this.#bytes.subarray(at, at + length));
    } catch (cause) {
      throw new MalformedBytesError("UTF-8", "other bytes", at, { cause });
    }
  }

  /** Reads a one-byte length and that many characters of ASCII text. */
  ascii(lengthMax: number): string {
    const from = this.#at;
    const length = this.u8();
    if (!(length <= lengthMax)) throw new MalformedBytesError(`a name of at most ${lengthMax} bytes`, `${length}`, from);
    const at = this.#take(length);
    let text = "";
    for (let index = at; index < at + length; index += 1) {
      const byte = this.#view.getUint8(index);
      if (byte > 0x7f) throw new MalformedBytesError("ASCII", `byte ${byte}`, index);
      text += String.fromCharCode(byte);
    }
    return text;
  }

  /** Checks that no bytes are left. */
  end(): void {
    if (this.remaining > 0) throw new MalformedBytesError("the end", `${this.remaining} more bytes`, this.#at);
  }

  /** Throws a {@link MalformedBytesError} for a field that the caller rejects, which begins at `position`. */
  fail(expected: string, got: string, position: number = this.#at): never {
    throw new MalformedBytesError(expected, got, position);
  }

  /** A bound that is no number bounds nothing, so it is written as `!(value <= max)`, here and above. */
  #bounded(max: number, what: string): number {
    const at = this.#at;
    const value = this.u32();
    if (!(value <= max)) throw new MalformedBytesError(`${what} of at most ${max}`, `${value}`, at);
    return value;
  }

  #take(length: number): number {
    const at = this.#at;
    if (!(Number.isInteger(length) && length >= 0 && length <= this.#bytes.length - at))
      throw new MalformedBytesError(`${length} bytes`, `${this.#bytes.length - at}, cut short`, at);
    this.#at = at + length;
    return at;
  }
}
