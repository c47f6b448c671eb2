/** Entries and ranges by keys that are text. */
import { InvalidOptionError } from "../errors.ts";
import { checkNames } from "../internal/options.ts";
import type { HLCTimestamp } from "../timestamp/timestamp.ts";
import { decodeKey, keyBytes } from "./internal/key-text.ts";
import type { Row, RowRange } from "./internal/scan.ts";
import type { KeyVersion } from "./internal/side-history.ts";
import { checkRowRange } from "./store-rows.ts";

/** Range of keys, in the order of their bytes in UTF-8, which is that of their code points. */
export interface ScanRange {
  /** First key, included. @defaultValue the first of all */
  readonly from?: string;
  /** End of the range, excluded. @defaultValue none: to the last key */
  readonly to?: string;
  /** Beginning of all keys. @defaultValue none: any */
  readonly prefix?: string;
  /** Greatest key first. @defaultValue false */
  readonly reverse?: boolean;
  /** Maximum of entries. @defaultValue none: all */
  readonly limit?: number;
}

/** A key, its value, and the time of its write. */
export interface StoreEntry {
  /** The key. */
  readonly key: string;
  /** The value. */
  readonly value: Uint8Array;
  /** Time of the write. */
  readonly at: HLCTimestamp;
}

/** The last change of a key between two times. */
export interface StoreChange {
  /** The key. */
  readonly key: string;
  /** The value after the change, or undefined after a deletion. */
  readonly value: Uint8Array | undefined;
  /** Time of the change. */
  readonly at: HLCTimestamp;
}

/** Yields rows as entries. */
export function* entriesOf(rows: Generator<Row, void, undefined>): Generator<StoreEntry, void, undefined> {
  for (const { key, value, at } of rows) yield { key: decodeKey(key), value, at };
}

/** Yields keys as text. */
export function* textsOf(keys: Generator<Uint8Array, void, undefined>): Generator<string, void, undefined> {
  for (const key of keys) yield decodeKey(key);
}

/** Yields changes of keys as text. */
export function* changesOf(changes: Generator<KeyVersion, void, undefined>): Generator<StoreChange, void, undefined> {
  for (const { key, value, at } of changes) yield { key: decodeKey(key), value, at };
}

/** Returns a range of text as one of bytes. Throws for other names, and for bounds that are not text. */
export function rowRange(range: ScanRange): RowRange {
  checkNames("range", range, ["from", "to", "prefix", "reverse", "limit"]);
  for (const name of ["from", "to", "prefix"] as const) {
    const bound = range[name];
    if (bound !== undefined && typeof bound !== "string") throw new InvalidOptionError(name, "a string", bound);
  }
  const { from, to, prefix, reverse, limit } = range;
  const bytes = (text: string | undefined): Uint8Array | undefined => (text === undefined ? undefined : keyBytes(text));
  return checkRowRange({ from: bytes(from), to: bytes(to), prefix: bytes(prefix), reverse, limit });
}
