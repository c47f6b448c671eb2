import { compareBytes, concat } from "../../internal/bytes.ts";
import { UnorderedStoreError } from "../../errors.ts";
import type { HLCTimestamp } from "../../timestamp/timestamp.ts";
import type { ByteRange } from "./key-order.ts";
import type { PageTrie } from "./page-trie.ts";
import { keyAt, keyLength, recordLength } from "./record.ts";
import type { Versions } from "./versions.ts";

/** Range of keys as bytes, in their order. */
export interface RowRange {
  /** First key, included. @defaultValue the first of all */
  readonly from?: Uint8Array | undefined;
  /** End of the range, excluded. @defaultValue none: to the last key */
  readonly to?: Uint8Array | undefined;
  /** Beginning of all keys. @defaultValue none: any */
  readonly prefix?: Uint8Array | undefined;
  /** Greatest key first. @defaultValue false */
  readonly reverse?: boolean | undefined;
  /** Maximum of entries. @defaultValue none: all */
  readonly limit?: number | undefined;
}

/** A key as bytes, its value, and the time of its write. */
export interface Row {
  /** The key. */
  readonly key: Uint8Array;
  /** The value. */
  readonly value: Uint8Array;
  /** Time of the write. */
  readonly at: HLCTimestamp;
}

/**
 * Yields the entries of a range at a time, or now.
 *
 * @throws {@link UnorderedStoreError} for anything but all entries of now in a store without an order.
 */
export function scanRows(versions: Versions, range: RowRange, at: HLCTimestamp | undefined): Generator<Row, void, undefined> {
  if (versions.order) return limited(orderedRows(versions, bounds(range), at ?? versions.latest), range.limit);
  checkUnordered(range, at);
  return limited(allRows(versions, versions.latest), range.limit);
}

/** Yields the keys of a range at a time, or now, without reading values where no entry changes meanwhile. Throws as `scanRows` does. */
export function* scanKeys(versions: Versions, range: RowRange, at: HLCTimestamp | undefined): Generator<Uint8Array, void, undefined> {
  const { order, latest } = versions;
  if (at || !order) {
    for (const { key } of scanRows(versions, range, at)) yield key;
    return;
  }
  const { newest } = versions;
  let left = range.limit ?? Infinity;
  for (const { key, isLive } of order.range(bounds(range))) {
    if (left <= 0) return;
    const isNow = newest && versions.isNewest(newest);
    if (!isNow) versions.seek(key, 0, key.length);
    if (isNow ? !isLive : versions.read(latest) === undefined) continue;
    left -= 1;
    yield key;
  }
}

/** Returns the number of entries of a range at a time, or now. Of now, whole blocks of keys are counted at once. Throws as `scanRows` does. */
export function countRows(versions: Versions, range: RowRange, at: HLCTimestamp | undefined): number {
  if (!at && versions.order) return Math.min(versions.order.count(bounds(range)), range.limit ?? Infinity);
  if (!at && isEverything(range)) return Math.min(versions.trie.entries, range.limit ?? Infinity);
  let count = 0;
  const rows = scanRows(versions, range, at);
  while (!rows.next().done) count += 1;
  return count;
}

function* orderedRows(versions: Versions, range: ByteRange, at: HLCTimestamp | undefined): Generator<Row, void, undefined> {
  if (!at || !versions.order) return;
  for (const { key } of versions.order.range(range)) {
    versions.horizon.checkReadable(at);
    versions.seek(key, 0, key.length);
    const version = versions.read(at);
    if (version?.value) yield { key, value: version.value, at: version.at };
  }
}

/** Yields all entries in the order of their hashes. */
function* allRows(versions: Versions, at: HLCTimestamp | undefined): Generator<Row, void, undefined> {
  if (!at) return;
  for (let hash: readonly [number, number] | undefined = [0, 0]; hash; ) {
    const { node, bits }: ReturnType<typeof versions.trie.nodeOf> = versions.trie.nodeOf(...hash);
    const records = recordsUnder(versions.trie, node);
    const view = new DataView(records.buffer, records.byteOffset, records.length);
    for (let record = 0; record < records.length; record += recordLength(view, record)) {
      versions.horizon.checkReadable(at);
      const key = records.slice(keyAt(view, record), keyAt(view, record) + keyLength(view, record));
      versions.seek(key, 0, key.length);
      const version = versions.read(at);
      if (version?.value) yield { key, value: version.value, at: version.at };
    }
    hash = successor(...hash, bits);
  }
}

/** Copies the records under a node, so that they may change meanwhile. */
function recordsUnder(trie: PageTrie, node: number): Uint8Array {
  const parts: Uint8Array[] = [];
  trie.eachPage(node, (page) => parts.push(trie.recordsOf(page)));
  return concat(parts);
}

/** Returns the first hash after all that share so many bits with a hash, or undefined after the last. */
function successor(high: number, low: number, bits: number): readonly [high: number, low: number] | undefined {
  if (bits === 0) return undefined;
  if (bits > 32) {
    const next = (low >>> (64 - bits)) + 1;
    if (next < 2 ** (bits - 32)) return [high, (next * 2 ** (64 - bits)) | 0];
    return successor(high, 0, 32);
  }
  const next = (high >>> (32 - bits)) + 1;
  return next < 2 ** bits ? [(next * 2 ** (32 - bits)) | 0, 0] : undefined;
}

function* limited(rows: Generator<Row, void, undefined>, limit: number = Infinity): Generator<Row, void, undefined> {
  let left = limit;
  if (left <= 0) return;
  for (const row of rows) {
    yield row;
    left -= 1;
    if (left <= 0) return;
  }
}

function checkUnordered(range: RowRange, at: HLCTimestamp | undefined): void {
  if (at) throw new UnorderedStoreError("a time of the past");
  if (!isEverything(range)) throw new UnorderedStoreError("a range");
}

function isEverything({ from, to, prefix, reverse }: RowRange): boolean {
  return from === undefined && to === undefined && prefix === undefined && reverse !== true;
}

/** The range as bounds alone. */
function bounds({ from, to, prefix, reverse }: RowRange): ByteRange {
  if (prefix === undefined) return { from, to, reverse };
  const end = after(prefix);
  return { from: from && compareBytes(from, prefix) > 0 ? from : prefix, to: to && (!end || compareBytes(to, end) < 0) ? to : end, reverse };
}

/** The first key after all that begin with a prefix. */
function after(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.length;
  while (length > 0 && prefix[length - 1] === 0xff) length -= 1;
  if (length === 0) return undefined;
  const end = new Uint8Array(prefix.subarray(0, length)); // not slice(), which for a Buffer is not a copy
  end[length - 1] = (end[length - 1] ?? 0) + 1;
  return end;
}
