import { compareBytes, concat, readUint } from "./bytes.ts";
import { InvalidEntryError, InvalidSnapshotError, StoreFullError } from "./errors.ts";
import { SNAPSHOT_MAGIC } from "./snapshot.ts";
import { decodeTimestamp } from "./timestamp-format.ts";
import { VersionIndex } from "./version-index.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Rebuilds an index from the chunks of a snapshot, wherever they were cut. Everything is checked: there is one form
 * for each state, and nothing else passes.
 *
 * @throws {@link InvalidSnapshotError}, {@link StoreFullError}; an error of the iterable itself passes through.
 */
export function restoreIndex(chunks: Iterable<Uint8Array>, maxBytes: number): VersionIndex {
  const parser = parse(maxBytes);
  const feed = (bytes: Uint8Array): IteratorResult<number, VersionIndex> => {
    try {
      return parser.next(bytes);
    } catch (cause) {
      if (cause instanceof StoreFullError) throw cause;
      throw new InvalidSnapshotError("entries as snapshots have them", bytes, { cause });
    }
  };
  let step = feed(new Uint8Array(0));
  let parts: Uint8Array[] = [];
  let length = 0;
  for (const chunk of chunks) {
    if (chunk.length === 0) throw new InvalidSnapshotError("no empty chunk", chunk);
    parts.push(chunk);
    length += chunk.length;
    // Only what has arrived takes memory, however much a length promises.
    if (!step.done && length < step.value) continue;
    let rest = concat(parts);
    while (!step.done && rest.length >= step.value) {
      const wanted = step.value;
      step = feed(rest.slice(0, wanted));
      rest = rest.subarray(wanted);
    }
    if (step.done && rest.length > 0) throw new InvalidSnapshotError("no more bytes", rest);
    parts = [rest];
    length = rest.length;
  }
  if (!step.done) throw new InvalidSnapshotError(`${step.value} more bytes`, length);
  return step.value;
}

/** Asks for so many bytes, is given them, asks for the next. */
function* parse(maxBytes: number): Generator<number, VersionIndex, Uint8Array> {
  if (compareBytes(yield 4, SNAPSHOT_MAGIC) !== 0) throw new InvalidEntryError("version 1", "others");
  const index = new VersionIndex(maxBytes);
  const stamp = readUint(yield 1);
  const newest = stamp > 0 ? decodeTimestamp(yield stamp) : undefined;
  index.newest = newest;
  let before: string | undefined;
  for (let entries = readUint(yield 4); entries > 0; entries--) {
    const key = decoder.decode(yield readUint(yield 4));
    if (before !== undefined && key <= before) throw new InvalidEntryError("rising keys", key);
    before = key;
    const at = decodeTimestamp(yield readUint(yield 1));
    const value = yield readUint(yield 4);
    index.check(key, value, at);
    index.write(key, at, value);
    if (index.newest !== newest) throw new InvalidEntryError(`no stamp after ${newest}`, String(at));
  }
  if (newest) index.prune(newest);
  return index;
}
