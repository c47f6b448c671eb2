/**
 * Reads the layouts of `docs/format.md` out of untrusted bytes: every length is checked before it is used. A breach
 * throws {@link MalformedError}, which {@link decodeAll} turns into a result, so no codec of this package throws.
 */
import { peerId, type Decoded, type PeerId } from "@void-system/effects";

/** The bytes do not follow the format. It never leaves the codecs. */
export class MalformedError extends Error {}

/** Decodes `bytes` to the last one; anything left over is malformed. */
export function decodeAll<T>(bytes: Uint8Array, read: (reader: ByteReader) => T): Decoded<T> {
  try {
    const reader = new ByteReader(bytes);
    const value = read(reader);
    reader.end();
    return { ok: true, value };
  } catch (failure) {
    if (failure instanceof MalformedError) return { ok: false, reason: failure.message };
    throw failure;
  }
}

/** A cursor over bytes. What it hands out are copies or numbers: nothing keeps a whole frame alive. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
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

  /** A whole number up to 2^53 - 1. */
  u53(): number {
    const at = this.#take(8);
    const high = this.#view.getUint32(at);
    if (high > 0x1f_ffff) throw new MalformedError(`a number above 2^53 at byte ${at}`);
    return high * 0x1_0000_0000 + this.#view.getUint32(at + 4);
  }

  /** Exactly `length` bytes. */
  raw(length: number): Uint8Array {
    const at = this.#take(length);
    return new Uint8Array(this.#bytes.subarray(at, at + length));
  }

  /** Bytes after their length. */
  block(lengthMax: number): Uint8Array {
    const length = this.u32();
    if (length > lengthMax) throw new MalformedError(`a block of ${length} bytes, at most ${lengthMax} allowed`);
    return this.raw(length);
  }

  /** A count of things to follow. */
  count(countMax: number): number {
    const count = this.u32();
    if (count > countMax) throw new MalformedError(`a count of ${count}, at most ${countMax} allowed`);
    return count;
  }

  /** The name of a node. */
  name(): PeerId {
    const length = this.u8();
    const at = this.#take(length);
    let text = "";
    for (let index = 0; index < length; index += 1) text += String.fromCharCode(this.#view.getUint8(at + index));
    try {
      return peerId(text);
    } catch (cause) {
      throw new MalformedError(`a bad name at byte ${at}`, { cause });
    }
  }

  /** All that is left. */
  rest(): Uint8Array {
    return this.raw(this.#bytes.length - this.#at);
  }

  /** All must have been read. */
  end(): void {
    if (this.#at !== this.#bytes.length) throw new MalformedError(`${this.#bytes.length - this.#at} bytes left over`);
  }

  #take(length: number): number {
    const at = this.#at;
    if (length > this.#bytes.length - at) throw new MalformedError(`cut short at byte ${at}`);
    this.#at = at + length;
    return at;
  }
}
