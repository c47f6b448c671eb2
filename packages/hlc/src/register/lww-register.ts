import { compareBytes } from "../internal/bytes.ts";
import { InvalidOptionError, InvalidRegisterError } from "../errors.ts";
import { compareTimestamps, HLCTimestamp, type TimestampFields } from "../timestamp/timestamp.ts";
import { decodeTimestamp, encodeTimestamp } from "../timestamp/timestamp-format.ts";
import { json, type ValueCodec } from "./value-codec.ts";

/** Maximum length of a register's encoded value, in bytes. */
export const REGISTER_VALUE_BYTES_MAX: number = 2 ** 20;

const VERSION = 1;
/** Version and length of the timestamp. */
const HEADER_BYTES = 2;

/**
 * A last-writer-wins register (Shapiro et al. 2011): one value, and the newest write wins wherever it is merged.
 * Merging is commutative, associative and idempotent, even if two writers break the rules and use one stamp twice: then
 * the greater bytes win.
 *
 * @example
 * ```ts
 * import { HybridLogicalClock, LWWRegister } from "@void-system/hlc";
 *
 * const a = new HybridLogicalClock("node_a");
 * const b = new HybridLogicalClock("node_b");
 * const title = new LWWRegister<unknown>("draft", a.now());
 * const copy = LWWRegister.fromBytes(title.toBytes());
 * copy.set("final", b.update(copy.at)); // => true
 * title.merge(copy); // => true
 * title.value; // => "final"
 * ```
 */
export class LWWRegister<T> {
  readonly #encode: (value: T) => Uint8Array;
  #value: T;
  #at: HLCTimestamp;
  /** The encoded value, made when the value was set. It decides between two writes with one stamp. */
  #bytes: Uint8Array;

  /**
   * @param value - The first value. It is not copied: the register does not notice if you change it.
   * @param at - Time of the write.
   * @param codec - Encodes the values. JSON by default.
   * @throws {@link InvalidRegisterError} if the value cannot be encoded in {@link REGISTER_VALUE_BYTES_MAX}.
   * @throws {@link InvalidTimestampError} if `at` is not a timestamp.
   */
  constructor(value: T, at: TimestampFields, codec: Pick<ValueCodec<T>, "encode"> = json) {
    if (typeof codec?.encode !== "function") throw new InvalidOptionError("codec", "an object with encode and decode", codec);
    this.#encode = (next) => codec.encode(next);
    this.#value = value;
    this.#at = HLCTimestamp.from(at);
    this.#bytes = this.#encoded(value);
  }

  /** Value of the newest write. */
  get value(): T {
    return this.#value;
  }

  /** Time of the newest write. */
  get at(): HLCTimestamp {
    return this.#at;
  }

  /**
   * Writes a value. Returns false, and changes nothing, if a newer write is there already.
   *
   * @throws {@link InvalidRegisterError} if the value cannot be encoded in {@link REGISTER_VALUE_BYTES_MAX}.
   * @throws {@link InvalidTimestampError} if `at` is not a timestamp.
   */
  set(value: T, at: TimestampFields): boolean {
    return this.#take(value, HLCTimestamp.from(at), this.#encoded(value));
  }

  /**
   * Takes the other register's value if it is newer. Returns false if nothing changed. Both must have the same codec.
   *
   * @throws {@link InvalidRegisterError} for anything but a register.
   */
  merge(other: LWWRegister<T>): boolean {
    if (!(other instanceof LWWRegister)) throw new InvalidRegisterError("another LWWRegister", other);
    return this.#take(other.#value, other.#at, other.#bytes);
  }

  /** Returns the register as bytes; see `docs/format.md`. Equal registers have equal bytes. */
  toBytes(): Uint8Array {
    const at = encodeTimestamp(this.#at);
    const bytes = new Uint8Array(HEADER_BYTES + at.length + this.#bytes.length);
    bytes[0] = VERSION;
    bytes[1] = at.length;
    bytes.set(at, HEADER_BYTES);
    bytes.set(this.#bytes, HEADER_BYTES + at.length);
    return bytes;
  }

  /**
   * Decodes a register from the bytes that {@link LWWRegister.toBytes} made with the JSON codec. The value is unchecked
   * JSON.
   *
   * @throws {@link InvalidRegisterError} for any other bytes.
   */
  static fromBytes(bytes: Uint8Array): LWWRegister<unknown>;
  /**
   * Decodes a register from the bytes that {@link LWWRegister.toBytes} made with `codec`.
   *
   * @throws {@link InvalidRegisterError} for any other bytes.
   */
  static fromBytes<T>(bytes: Uint8Array, codec: ValueCodec<T>): LWWRegister<T>;
  static fromBytes(bytes: Uint8Array, codec: ValueCodec<unknown> = json): LWWRegister<unknown> {
    if (!(bytes instanceof Uint8Array)) throw new InvalidRegisterError("a register as a Uint8Array", bytes);
    if (typeof codec?.decode !== "function") throw new InvalidOptionError("codec", "an object with encode and decode", codec);
    const [version, length] = bytes;
    if (version !== VERSION || length === undefined || bytes.length < HEADER_BYTES + length) {
      throw new InvalidRegisterError(`a register of version ${VERSION}`, bytes);
    }
    const encoded = bytes.subarray(HEADER_BYTES + length);
    if (encoded.length > REGISTER_VALUE_BYTES_MAX) throw tooLong(encoded.length);
    try {
      const at = decodeTimestamp(bytes.subarray(HEADER_BYTES, HEADER_BYTES + length));
      const register = new LWWRegister(codec.decode(new Uint8Array(encoded)), at, codec);
      if (compareBytes(register.#bytes, encoded) === 0) return register;
    } catch (cause) {
      throw new InvalidRegisterError("a timestamp, then a value as the codec encodes it", bytes, { cause });
    }
    throw new InvalidRegisterError("a value as the codec encodes it", bytes);
  }

  #encoded(value: T): Uint8Array {
    let bytes: Uint8Array;
    try {
      bytes = this.#encode(value);
    } catch (cause) {
      throw new InvalidRegisterError("a value that its codec (JSON, unless it was given one) can encode", value, { cause });
    }
    if (!(bytes instanceof Uint8Array)) throw new InvalidRegisterError("a codec that encodes to a Uint8Array", bytes);
    if (bytes.length > REGISTER_VALUE_BYTES_MAX) throw tooLong(bytes.length);
    return new Uint8Array(bytes); // a copy, because the codec may reuse its buffer
  }

  #take(value: T, at: HLCTimestamp, bytes: Uint8Array): boolean {
    const order = compareTimestamps(at, this.#at) || compareBytes(bytes, this.#bytes);
    if (order <= 0) return false;
    this.#value = value;
    this.#at = at;
    this.#bytes = bytes;
    return true;
  }
}

function tooLong(length: number): InvalidRegisterError {
  return new InvalidRegisterError(`a value of at most ${REGISTER_VALUE_BYTES_MAX} bytes`, length);
}
