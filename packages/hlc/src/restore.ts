import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "./entry-format.ts";
import { InvalidSnapshotError, InvalidTimestampError } from "./errors.ts";
import { SNAPSHOT_MAGIC } from "./snapshot.ts";
import { compareTimestamps, type HLCTimestamp } from "./timestamp.ts";
import { decodeTimestamp } from "./timestamp-format.ts";
import { VersionIndex } from "./version-index.ts";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Rebuilds an index from the chunks of a snapshot, wherever they were cut. Everything is checked: there is one form
 * for each state, and nothing else passes.
 *
 * @throws {@link InvalidSnapshotError}; an error of the iterable itself passes through.
 */
export function restoreIndex(chunks: Iterable<Uint8Array>): VersionIndex {
  const reader = new ChunkReader(chunks);
  try {
    const index = read(reader);
    if (reader.more()) throw new InvalidSnapshotError("an end", "more bytes");
    return index;
  } finally {
    reader.close();
  }
}

function read(reader: ChunkReader): VersionIndex {
  for (const byte of SNAPSHOT_MAGIC) {
    if (reader.uint(1) !== byte) throw new InvalidSnapshotError("version 1", "other bytes");
  }
  const index = new VersionIndex();
  const length = reader.uint(1);
  const newest = length === 0 ? undefined : stamp(reader.take(length));
  let before: string | undefined;
  for (let entries = reader.uint(4); entries > 0; entries--) {
    const key = text(reader.take(reader.uint(4), KEY_BYTES_MAX));
    if (before !== undefined && key <= before) throw new InvalidSnapshotError("keys in rising order", "others");
    const at = stamp(reader.take(reader.uint(1)));
    if (!newest || compareTimestamps(at, newest) > 0) {
      throw new InvalidSnapshotError(`entries no newer than ${newest ?? "never"}`, String(at));
    }
    index.write(key, at, reader.take(reader.uint(4), VALUE_BYTES_MAX));
    before = key;
  }
  if (newest) {
    index.newest = newest;
    index.prune(newest);
  }
  return index;
}

function stamp(bytes: Uint8Array): HLCTimestamp {
  try {
    return decodeTimestamp(bytes);
  } catch (cause) {
    if (!(cause instanceof InvalidTimestampError)) throw cause;
    throw new InvalidSnapshotError("a timestamp", "other bytes", { cause });
  }
}

function text(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new InvalidSnapshotError("a key in UTF-8", "other bytes", { cause });
  }
}

/** Bytes out of chunks, wherever the chunks were cut. */
class ChunkReader {
  readonly #chunks: Iterator<Uint8Array>;
  /** What is left of the chunk that was read last. */
  #rest: Uint8Array = new Uint8Array(0);
  #done = false;

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.iterator]();
  }

  /** A copy of the next `length` bytes. */
  take(length: number, max = 0xff): Uint8Array {
    if (length > max) throw new InvalidSnapshotError(`a key or value of at most ${max} bytes`, String(length));
    const bytes = new Uint8Array(length);
    for (let filled = 0; filled < length; ) {
      if (!this.more()) throw new InvalidSnapshotError("more bytes", "the end; it is cut");
      const part = this.#rest.subarray(0, length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#rest = this.#rest.subarray(part.length);
    }
    return bytes;
  }

  /** The next number of so many bytes, big-endian. */
  uint(length: number): number {
    return this.take(length).reduce((sum, byte) => sum * 256 + byte, 0);
  }

  /** Whether anything is left. */
  more(): boolean {
    if (this.#rest.length > 0) return true;
    if (this.#done) return false;
    const result = this.#chunks.next();
    if (result.done) {
      this.#done = true;
      return false;
    }
    if (!(result.value instanceof Uint8Array) || result.value.length === 0) {
      throw new InvalidSnapshotError("chunks of at least one byte", "something else");
    }
    this.#rest = result.value;
    return true;
  }

  /** Tells the source that no more is wanted, so that it can clean up. */
  close(): void {
    if (!this.#done) this.#chunks.return?.();
    this.#done = true;
  }
}
