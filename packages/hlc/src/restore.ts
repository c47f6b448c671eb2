import { concat, readUint } from "./bytes.ts";
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "./entry-format.ts";
import { InvalidSnapshotError } from "./errors.ts";
import { SNAPSHOT_MAGIC } from "./snapshot.ts";
import { compareTimestamps} from "./timestamp.ts";
import { decodeTimestamp } from "./timestamp-format.ts";
import { VersionIndex } from "./version-index.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const text = (bytes: Uint8Array): string => decoder.decode(bytes);

/**
 * Rebuilds an index from the chunks of a snapshot, wherever they were cut. Everything is checked: there is one form
 * for each state, and nothing else passes.
 *
 * @throws {@link InvalidSnapshotError}; an error of the iterable itself passes through.
 */
export function restoreIndex(chunks: Iterable<Uint8Array>): VersionIndex {
  const parser = parse();
  let step = parser.next(new Uint8Array(0));
  let parts: Uint8Array[] = [];
  let length = 0;
  for (const chunk of chunks) {
    if (!(chunk instanceof Uint8Array) || chunk.length === 0) throw new InvalidSnapshotError("no empty chunks", chunk);
    parts.push(chunk);
    length += chunk.length;
    if (!step.done && length < step.value) continue;
    let bytes = concat(parts);
    while (!step.done && bytes.length >= step.value) {
      const wanted = step.value;
      step = parser.next(bytes.slice(0, wanted));
      bytes = bytes.subarray(wanted);
    }
    if (step.done && bytes.length > 0) throw new InvalidSnapshotError("nothing behind its end", bytes);
    parts = [bytes];
    length = bytes.length;
  }
  if (!step.done) throw new InvalidSnapshotError(`${step.value} more bytes`, length);
  return step.value;
}

/** Asks for so many bytes, is given them, asks for the next. */
function* parse(): Generator<number, VersionIndex, Uint8Array> {
  for (const byte of SNAPSHOT_MAGIC) if (readUint(yield 1) !== byte) throw new InvalidSnapshotError("version 1", "others");
  const index = new VersionIndex();
  const stamp = readUint(yield 1);
  const newest = stamp === 0 ? undefined : decoded(decodeTimestamp, yield stamp);
  let before: string | undefined;
  for (let entries = readUint(yield 4); entries > 0; entries--) {
    const key = decoded(text, yield bounded(readUint(yield 4), KEY_BYTES_MAX));
    if (before !== undefined && key <= before) throw new InvalidSnapshotError("rising keys", key);
    const at = decoded(decodeTimestamp, yield readUint(yield 1));
    if (!newest || compareTimestamps(at, newest) > 0) throw new InvalidSnapshotError(`nothing after ${newest}`, `${at}`);
    index.write(key, at, yield bounded(readUint(yield 4), VALUE_BYTES_MAX));
    before = key;
  }
  if (newest) {
    index.newest = newest;
    index.prune(newest);
  }
  return index;
}

function decoded<T>(decode: (bytes: Uint8Array) => T, bytes: Uint8Array): T {
  try {
    return decode(bytes);
  } catch (cause) {
    throw new InvalidSnapshotError("keys in UTF-8 and timestamps", bytes, { cause });
  }
}

function bounded(length: number, max: number): number {
  if (length > max) throw new InvalidSnapshotError(`at most ${max} bytes here`, length);
  return length;
}
