/**
 * A bundle of commands, read where it is. The layout of all is checked first, so that commands are executed from bytes that
 * need no further check.
 */
import { BUNDLE_COMMANDS_MAX, BUNDLE_VERSION, COMMAND_KEYS_MAX, CONDITIONS, KEY_BYTES_MAX, OPS, RETURN_OLD, VALUE_BYTES_MAX } from "./command.ts";

/** Bytes before the first command: the version and the number of commands. */
const HEAD_BYTES = 3;
const decoder = new TextDecoder("utf-8", { fatal: true });

/** Position in a bundle. What it reads last is in its fields: no object is made for a key or a value. */
export class BundleReader {
  readonly bytes: Uint8Array;
  readonly #view: DataView;
  #at = 0;
  /** Bounds of the last key. */
  keyStart = 0;
  keyEnd = 0;
  /** Bounds of the last value. */
  valueStart = 0;
  valueEnd = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  }

  /** Position of the next byte. */
  get at(): number {
    return this.#at;
  }

  /** Goes back to a position. */
  seek(at: number): void {
    this.#at = at;
  }

  /** Checks the whole layout, then goes to the first command and returns the number of commands; undefined for other bytes. */
  begin(): number | undefined {
    const { bytes } = this;
    if (bytes.length < HEAD_BYTES || bytes[0] !== BUNDLE_VERSION) return undefined;
    const count = this.#view.getUint16(1);
    if (count > BUNDLE_COMMANDS_MAX) return undefined;
    this.#at = HEAD_BYTES;
    for (let index = 0; index < count; index++) if (!this.#checkCommand()) return undefined;
    if (this.#at !== bytes.length) return undefined;
    this.#at = HEAD_BYTES;
    return count;
  }

  u8(): number {
    return this.#view.getUint8(this.#at++);
  }

  u16(): number {
    this.#at += 2;
    return this.#view.getUint16(this.#at - 2);
  }

  i64(): bigint {
    this.#at += 8;
    return this.#view.getBigInt64(this.#at - 8);
  }

  /** Reads a key into the fields. */
  key(): void {
    const length = this.u16();
    this.keyStart = this.#at;
    this.#at += length;
    this.keyEnd = this.#at;
  }

  /** Reads a value into the fields. */
  value(): void {
    const length = this.#view.getUint32(this.#at);
    this.valueStart = this.#at + 4;
    this.#at = this.valueStart + length;
    this.valueEnd = this.#at;
  }

  #checkCommand(): boolean {
    if (!this.#has(1)) return false;
    const op = OPS[this.u8()];
    if (op === undefined) return false;
    switch (op) {
      case "get":
        return this.#checkKey();
      case "set": {
        if (!this.#checkKey() || !this.#checkValue() || !this.#has(1)) return false;
        return (this.u8() & ~RETURN_OLD) < CONDITIONS.length;
      }
      case "incr":
        return this.#checkKey() && this.#skip(8);
      case "mset":
        return this.#checkMany(() => this.#checkKey() && this.#checkValue());
      case "del":
      case "mget":
      case "exists":
        return this.#checkMany(() => this.#checkKey());
    }
  }

  #checkMany(check: () => boolean): boolean {
    if (!this.#has(2)) return false;
    const count = this.u16();
    if (count === 0 || count > COMMAND_KEYS_MAX) return false;
    for (let index = 0; index < count; index++) if (!check()) return false;
    return true;
  }

  #checkKey(): boolean {
    if (!this.#has(2)) return false;
    const length = this.u16();
    if (length === 0 || length > KEY_BYTES_MAX || !this.#has(length)) return false;
    const { bytes } = this;
    const end = this.#at + length;
    let all = 0;
    for (let at = this.#at; at < end; at++) all |= bytes[at] ?? 0;
    if (all > 0x7f && !isText(bytes.subarray(this.#at, end))) return false;
    this.#at = end;
    return true;
  }

  #checkValue(): boolean {
    if (!this.#has(4)) return false;
    const length = this.#view.getUint32(this.#at);
    return length <= VALUE_BYTES_MAX && this.#skip(4 + length);
  }

  #skip(length: number): boolean {
    if (!this.#has(length)) return false;
    this.#at += length;
    return true;
  }

  #has(length: number): boolean {
    return this.#at + length <= this.bytes.length;
  }
}

function isText(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}
