import { compareBytes, concat, readUint } from "../../internal/bytes.ts";
import { DigestTree, type Row } from "./digest-tree.ts";
import { encodeEntry, KEY_BYTES_MAX, VALUE_BYTES_MAX } from "../entry-format.ts";
import { InvalidEntryError, InvalidSnapshotError, StoreFullError } from "../../errors.ts";
import type { Hash } from "../hash.ts";
import { SNAPSHOT_MAGIC } from "../snapshot.ts";
import type { HLCTimestamp } from "../../timestamp/timestamp.ts";
import { decodeTimestamp } from "../../timestamp/timestamp-format.ts";
import type { VersionIndex } from "./version-index.ts";

const decoder = /* @__PURE__ */ new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** Yields the number of bytes it needs next, and receives exactly that many. */
type Parser<T> = Generator<number, T, Uint8Array>;

/**
 * Fills an empty index from the chunks of a snapshot, wherever they were cut, and returns its tree. Everything is
 * checked: each state has one form, and no other is accepted.
 *
 * @throws {@link InvalidSnapshotError}, {@link StoreFullError}; an error of the iterable itself passes through.
 */
export function restoreInto(index: VersionIndex, chunks: Iterable<Uint8Array>, hash: Hash): DigestTree {
  return read(chunks, parseState(index, hash));
}

/**
 * Computes the hash that a chunk has in its snapshot.
 *
 * @throws {@link InvalidSnapshotError} if the bytes are not a chunk.
 */
export function chunkHash(chunk: Uint8Array, hash: Hash): Uint8Array {
  if (!(chunk instanceof Uint8Array)) throw new InvalidSnapshotError("chunks that are Uint8Arrays", chunk);
  const tree = new DigestTree(hash);
  // An entry begins with the length of a key, whose first byte is always smaller than this one.
  if (chunk[0] === SNAPSHOT_MAGIC[0]) return tree.headerHash(chunk);
  read([chunk], parseEntries(tree, (_, bytes) => bytes < chunk.length));
  return tree.root();
}

/** Feeds a parser exactly the bytes it asks for. */
function read<T>(chunks: Iterable<Uint8Array>, parser: Parser<T>): T {
  const feed = (bytes: Uint8Array): IteratorResult<number, T> => {
    try {
      return parser.next(bytes);
    } catch (cause) {
      if (cause instanceof StoreFullError) throw cause;
      throw new InvalidSnapshotError("entries as snapshots have them", bytes, { cause });
    }
  };
  if (typeof Object(chunks)[Symbol.iterator] !== "function") throw new InvalidSnapshotError("chunks, one after another", chunks);
  let step = feed(new Uint8Array(0));
  let parts: Uint8Array[] = [];
  let length = 0;
  for (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array)) throw new InvalidSnapshotError("chunks that are Uint8Arrays", chunk);
    if (chunk.length === 0) throw new InvalidSnapshotError("no empty chunk", chunk);
    parts.push(chunk);
    length += chunk.length;
    // Memory grows only with the bytes received, whatever a length claims.
    if (!step.done && length < step.value) continue;
    let rest = concat(parts);
    while (!step.done && rest.length >= step.value) {
      const wanted = step.value;
      step = feed(rest.slice(0, wanted));
      rest = rest.subarray(wanted);
    }
    if (step.done && rest.length > 0) throw new InvalidSnapshotError("nothing after its entries", rest);
    parts = [rest];
    length = rest.length;
  }
  if (!step.done) throw new InvalidSnapshotError(`${step.value} more bytes`, length);
  return step.value;
}

function* parseState(index: VersionIndex, hash: Hash): Parser<DigestTree> {
  if (compareBytes(yield 4, SNAPSHOT_MAGIC) !== 0) throw new InvalidEntryError("version 2", "another version");
  const stamp = readUint(yield 1);
  const newest = stamp > 0 ? decodeTimestamp(yield stamp) : undefined;
  index.newest = newest;
  const count = readUint(yield 4);
  const tree = new DigestTree(hash);
  yield* parseEntries(
    tree,
    (entries) => entries < count,
    (key, at, value) => {
      index.check(key, value, at);
      index.write(key, at, value);
      if (index.newest !== newest) throw new InvalidEntryError(`no stamp after ${newest}`, String(at));
    },
  );
  if (newest) index.prune(newest);
  return tree;
}

/** Fills a tree with entries until `more`, given their number and bytes so far, returns false. */
function* parseEntries(
  tree: DigestTree,
  more: (entries: number, bytes: number) => boolean,
  write?: (key: string, at: HLCTimestamp, value: Uint8Array) => void,
): Parser<void> {
  const rows: Row[] = [];
  const keys: string[] = [];
  for (let bytes = 0; more(keys.length, bytes); ) {
    const key = decoder.decode(yield bounded(yield 4, KEY_BYTES_MAX));
    const at = decodeTimestamp(yield readUint(yield 1));
    const value = yield bounded(yield 4, VALUE_BYTES_MAX);
    write?.(key, at, value);
    const entry = encodeEntry(key, at, value);
    bytes += entry.length;
    keys.push(key);
    rows.push(tree.row(key, entry));
  }
  if (!tree.rebuild(rows, keys)) throw new InvalidEntryError("rising paths", "another order");
}

/** Checks a length against its maximum, before that many bytes are awaited. */
function bounded(bytes: Uint8Array, max: number): number {
  const length = readUint(bytes);
  if (length > max) throw new InvalidEntryError(`a length of at most ${max}`, length);
  return length;
}
