/**
 * Big-endian fields out of and into bytes. The reader is total: it either returns a field or throws
 * {@link MalformedBytes}, which the codec that owns it turns into a result.
 */

/** When this is thrown, bytes do not have the layout that their reader expects. It never leaves a codec. */
export class MalformedBytes extends Error {}

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Appends fields to a growing buffer. */
export class ByteWriter {
  #buffer = new Uint8Array(256);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;

  u8(value: number): void {
    const at = this.#reserve(1);
    this.#view.setUint8(at, value);
  }

  u16(value: number): void {
    const at = this.#reserve(2);
    this.#view.setUint16(at, value);
  }

  u32(value: number): void {
    const at = this.#reserve(4);
    this.#view.setUint32(at, value);
  }

  i64(value: bigint): void {
    const at = this.#reserve(8);
    this.#view.setBigInt64(at, value);
  }

  /** A length of 4 bytes, then the bytes. */
  bytes(value: Uint8Array): void {
    this.u32(value.length);
    const at = this.#reserve(value.length);
    this.#buffer.set(value, at);
  }

  /** Text as UTF-8 behind a length of 2 bytes. */
  text(value: string): void {
    const bytes = encoder.encode(value);
    this.u16(bytes.length);
    const at = this.#reserve(bytes.length);
    this.#buffer.set(bytes, at);
  }

  /** What was written, as bytes of its own. */
  finish(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  /** Room for `length` more bytes; answers where they begin. The buffer and its view may be others afterwards. */
  #reserve(length: number): number {
    const at = this.#length;
    this.#length += length;
    if (this.#length > this.#buffer.length) {
      const grown = new Uint8Array(Math.max(this.#length, this.#buffer.length * 2));
      grown.set(this.#buffer);
      this.#buffer = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}

/** Takes fields off the front of bytes. Byte strings are copied out, so that they outlive the buffer. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  i64(): bigint {
    return this.#view.getBigInt64(this.#take(8));
  }

  bytes(lengthMax: number): Uint8Array {
    const length = this.u32();
    if (length > lengthMax) throw new MalformedBytes(`${length} bytes where at most ${lengthMax} may stand`);
    const at = this.#take(length);
    return new Uint8Array(this.#bytes.subarray(at, at + length));
  }

  text(lengthMax: number): string {
    const length = this.u16();
    if (length > lengthMax) throw new MalformedBytes(`${length} bytes where at most ${lengthMax} may stand`);
    const at = this.#take(length);
    try {
      return decoder.decode(this.#bytes.subarray(at, at + length));
    } catch {
      throw new MalformedBytes("text that is not UTF-8");
    }
  }

  /** Nothing may stand behind the last field. */
  finish(): void {
    if (this.#at !== this.#bytes.length) throw new MalformedBytes(`${this.#bytes.length - this.#at} bytes behind the end`);
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw new MalformedBytes("bytes end early");
    this.#at = at + length;
    return at;
  }
}
