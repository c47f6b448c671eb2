import { InvalidEntryError, InvalidOptionError } from "../errors.ts";
import { checkNames } from "../internal/options.ts";
import { HLCTimestamp, type TimestampFields } from "../timestamp/timestamp.ts";
import { copyRange, readStamp, STAMP_AT, valueAt } from "./internal/record.ts";
import { countRows, type Row, type RowRange, scanKeys, scanRows } from "./internal/scan.ts";
import type { Versions } from "./internal/versions.ts";
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "./limits.ts";

export type { Row, RowRange };

/**
 * The entries of a store by the bytes of their keys, read and written where the bytes are: for state machines that execute
 * commands without decoding them. Keys may be any bytes, 0 to 65,535 of them. Those in UTF-8 are those that the store has as text.
 *
 * Made by {@link HLCVersionStore.rows}.
 *
 * @example
 * ```ts
 * import { HLCVersionStore } from "@void-system/hlc";
 *
 * const { rows } = new HLCVersionStore();
 * const command = Uint8Array.of(7, 107, 1, 2, 3); // The key is byte 1, the value the rest.
 * rows.put(command, 1, 2, command, 2, 5, { physicalMs: 1, logical: 0, nodeId: "node_a" });
 * rows.seek(command, 1, 2); // => true
 * const result = new Uint8Array(rows.valueBytes);
 * rows.copyValue(result, 0);
 * [...result]; // => [1, 2, 3]
 * ```
 */
export class StoreRows {
  readonly #current: () => Versions;

  /** @hidden */
  constructor(current: () => Versions) {
    this.#current = current;
  }

  /** Puts the cursor on the key `bytes[start..end)`. Returns true if it has a value now. */
  seek(bytes: Uint8Array, start: number, end: number): boolean {
    return this.#current().seek(bytes, start, end);
  }

  /** Length of the value under the cursor, in bytes; 0 if there is none. Valid after `seek`, until the next write. */
  get valueBytes(): number {
    const { trie } = this.#current();
    return trie.found ? trie.at + trie.length - valueAt(trie.view, trie.at) : 0;
  }

  /** Time of the write of the value under the cursor, or undefined. Valid after `seek`, until the next write. */
  get at(): HLCTimestamp | undefined {
    const { trie } = this.#current();
    return trie.found ? readStamp(trie.view, trie.at + STAMP_AT) : undefined;
  }

  /**
   * Returns the bytes by which a value of this length, written at a time to the key that was sought last, would make
   * {@link HLCVersionStore.liveBytes} grow; below 0 if that would shrink. Valid after `seek`, until the next write.
   */
  growth(valueBytes: number, at: TimestampFields): number {
    return this.#current().growth(valueBytes, at);
  }

  /** Copies the value under the cursor into `target`, from `offset` on. Valid after `seek`, until the next write. */
  copyValue(target: Uint8Array, offset: number): void {
    const { trie } = this.#current();
    if (trie.found) copyRange(trie.memory, valueAt(trie.view, trie.at), trie.at + trie.length, target, offset);
  }

  /**
   * Sets the key `key[keyStart..keyEnd)` to `value[start..end)` from a time on. The cursor is lost.
   *
   * @throws {@link WriteConflictError}, {@link StoreFullError}, {@link InvalidEntryError} and {@link InvalidTimestampError}, as
   * {@link HLCVersionStore.put} does.
   */
  put(key: Uint8Array, keyStart: number, keyEnd: number, value: Uint8Array, start: number, end: number, at: TimestampFields): void {
    const stamp = HLCTimestamp.from(at);
    if (!isWithin(key, keyStart, keyEnd, KEY_BYTES_MAX)) throw new InvalidEntryError(`a key of at most ${KEY_BYTES_MAX} bytes, within the array`, keyEnd - keyStart);
    if (!isWithin(value, start, end, VALUE_BYTES_MAX)) throw new InvalidEntryError(`a value of at most ${VALUE_BYTES_MAX} bytes, within the array`, end - start);
    const versions = this.#current();
    versions.seek(key, keyStart, keyEnd);
    versions.check(end - start, stamp, false);
    versions.put(value, start, end, stamp);
  }

  /**
   * Deletes a key from a time on. Returns false, and writes nothing, if it had no value. The cursor is lost.
   *
   * @throws {@link WriteConflictError} and {@link InvalidTimestampError}, as {@link HLCVersionStore.delete} does.
   */
  delete(key: Uint8Array, keyStart: number, keyEnd: number, at: TimestampFields): boolean {
    const stamp = HLCTimestamp.from(at);
    const versions = this.#current();
    const had = versions.seek(key, keyStart, keyEnd);
    versions.check(undefined, stamp, false);
    if (had) versions.delete(stamp);
    return had;
  }

  /**
   * Yields the entries of a range at a time, or now, as {@link HLCVersionStore.scan} does.
   *
   * @throws As {@link HLCVersionStore.scan} does.
   */
  scan(range: RowRange = {}, at?: TimestampFields): Generator<Row, void, undefined> {
    return scanRows(this.#current(), checkRowRange(range), this.#readable(at));
  }

  /**
   * Yields the keys of a range at a time, or now.
   *
   * @throws As {@link HLCVersionStore.scan} does.
   */
  keys(range: RowRange = {}, at?: TimestampFields): Generator<Uint8Array, void, undefined> {
    return scanKeys(this.#current(), checkRowRange(range), this.#readable(at));
  }

  /**
   * Returns the number of entries of a range at a time, or now.
   *
   * @throws As {@link HLCVersionStore.scan} does.
   */
  count(range: RowRange = {}, at?: TimestampFields): number {
    return countRows(this.#current(), checkRowRange(range), this.#readable(at));
  }

  #readable(at: TimestampFields | undefined): HLCTimestamp | undefined {
    if (at === undefined) return undefined;
    const stamp = HLCTimestamp.from(at);
    this.#current().horizon.checkReadable(stamp);
    return stamp;
  }
}

/** True if a range of an array has at most so many bytes, all of them there. */
function isWithin(bytes: Uint8Array, start: number, end: number, max: number): boolean {
  return start >= 0 && start <= end && end <= bytes.length && end - start <= max;
}

/** Refuses a range with other names, and bounds of another kind. */
export function checkRowRange(range: RowRange): RowRange {
  checkNames("range", range, ["from", "to", "prefix", "reverse", "limit"]);
  for (const name of ["from", "to", "prefix"] as const) {
    const bound = range[name];
    if (bound !== undefined && !(bound instanceof Uint8Array)) throw new InvalidOptionError(name, "a Uint8Array", bound);
  }
  if (range.limit !== undefined && !(Number.isInteger(range.limit) && range.limit >= 0)) {
    throw new InvalidOptionError("limit", "a whole number >= 0", range.limit);
  }
  return range;
}
