/** The results of a bundle, written one after another into one buffer. */
import type { StoreRows } from "@void-system/hlc";
import { BUNDLE_VERSION, RESULTS } from "./command.ts";

/** Bytes of the results of one bundle, at most. */
export const RESULTS_BYTES_MAX = 917_504;
/** Bytes of any result without a value, at most. */
export const PLAIN_RESULT_BYTES_MAX = 128;
/** Bytes around a value, at most. */
export const VALUE_FRAME_BYTES = 8;

/** Bytes before the first result: the version and the number of results. */
const HEAD_BYTES = 3;
const OK = RESULTS.indexOf("ok");
const NIL = RESULTS.indexOf("nil");
const INTEGER = RESULTS.indexOf("integer");
const VALUE = RESULTS.indexOf("value");
const VALUES = RESULTS.indexOf("values");
const ERROR = RESULTS.indexOf("error");

/** Shared by all writers, because a bundle is executed without interruption. */
const buffer = new Uint8Array(HEAD_BYTES + RESULTS_BYTES_MAX + PLAIN_RESULT_BYTES_MAX);
const view = new DataView(buffer.buffer);
const encoder = new TextEncoder();

/** Writes the results of one bundle, each after its bytes were reserved; an error needs none. */
export class ResultWriter {
  #at = HEAD_BYTES;
  #count = 0;
  /** Bytes that were reserved for results. */
  #reserved = 0;

  /** Reserves so many bytes for the next result. Returns false, and reserves nothing, if all together would be too many. */
  reserve(bytes: number): boolean {
    if (this.#reserved + bytes > RESULTS_BYTES_MAX) return false;
    this.#reserved += bytes;
    return true;
  }

  ok(): void {
    this.#type(OK);
  }

  nil(): void {
    this.#type(NIL);
  }

  integer(value: bigint): void {
    this.#type(INTEGER);
    view.setBigInt64(this.#at, value);
    this.#at += 8;
  }

  error(message: string): void {
    this.#type(ERROR);
    const { written } = encoder.encodeInto(message, buffer.subarray(this.#at + 2));
    view.setUint16(this.#at, written);
    this.#at += 2 + written;
  }

  /** Writes the value under the cursor, or nil. */
  value(rows: StoreRows, isFound: boolean): void {
    if (!isFound) return this.nil();
    this.#type(VALUE);
    this.#block(rows);
  }

  /** Begins a result of so many values. */
  values(count: number): void {
    this.#type(VALUES);
    view.setUint16(this.#at, count);
    this.#at += 2;
  }

  /** Writes one of several values: that under the cursor, or none. */
  item(rows: StoreRows, isFound: boolean): void {
    buffer[this.#at++] = isFound ? 1 : 0;
    if (isFound) this.#block(rows);
  }

  /** Returns the bytes of all results. */
  finish(): Uint8Array {
    buffer[0] = BUNDLE_VERSION;
    view.setUint16(1, this.#count);
    return buffer.slice(0, this.#at);
  }

  #type(type: number): void {
    buffer[this.#at++] = type;
    this.#count += 1;
  }

  #block(rows: StoreRows): void {
    const length = rows.valueBytes;
    view.setUint32(this.#at, length);
    rows.copyValue(buffer, this.#at + 4);
    this.#at += 4 + length;
  }
}
