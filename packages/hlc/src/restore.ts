import { InvalidSnapshotError, InvalidTimestampError } from "./errors.ts";
import { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "./entry-format.ts";
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
    reader.end();
    return index;
  } finally {
    reader.close();
  }
}

function read(reader: ChunkReader): VersionIndex {
  const magic = reader.take(SNAPSHOT_MAGIC.length, "the snapshot's kind");
  if (SNAPSHOT_MAGIC.some((byte, index) => magic[index] !== byte)) {
    throw new InvalidSnapshotError("expected a snapshot of version 1, got other bytes");
  }
  const index = new VersionIndex();
  const length = reader.u8();
  const newest = length === 0 ? undefined : stamp(reader, length);
  const entries = reader.u32();
  let before: string | undefined;
  for (let entry = 0; entry < entries; entry++) {
    const key = text(reader.take(bounded(reader.u32(), KEY_BYTES_MAX, "key"), "a key"));
    if (before !== undefined && key <= before) {
      throw new InvalidSnapshotError("expected keys in rising order, got others");
    }
    const at = stamp(reader, reader.u8());
    if (!newest || compareTimestamps(at, newest) > 0) {
      throw new InvalidSnapshotError(`expected entries no newer than ${newest ?? "never"}, got ${at}`);
    }
    index.append(key, at, reader.take(bounded(reader.u32(), VALUE_BYTES_MAX, "value"), "a value"));
    before = key;
  }
  if (newest) {
    index.newest = newest;
    index.prune(newest);
  }
  return index;
}

function stamp(reader: ChunkReader, length: number): HLCTimestamp {
  try {
    return decodeTimestamp(reader.take(length, "a timestamp"));
  } catch (cause) {
    if (!(cause instanceof InvalidTimestampError)) throw cause;
    throw new InvalidSnapshotError(`expected a timestamp: ${cause.message}`, { cause });
  }
}

function text(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new InvalidSnapshotError("expected a key in UTF-8, got other bytes", { cause });
  }
}

function bounded(length: number, max: number, what: string): number {
  if (length > max) throw new InvalidSnapshotError(`expected a ${what} of at most ${max} bytes, got ${length}`);
  return length;
}

/** Bytes out of chunks, wherever the chunks were cut. */
class ChunkReader {
  readonly #chunks: Iterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #offset = 0;
  #done = false;

  constructor(chunks: Iterable<Uint8Array>) {
    this.#chunks = chunks[Symbol.iterator]();
  }

  /** A copy of the next `length` bytes. */
  take(length: number, what: string): Uint8Array {
    const bytes = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (this.#offset === this.#chunk.length && !this.#next()) {
        throw new InvalidSnapshotError(`expected ${what} of ${length} bytes, got the end after ${filled}; it is cut`);
      }
      const part = this.#chunk.subarray(this.#offset, this.#offset + length - filled);
      bytes.set(part, filled);
      filled += part.length;
      this.#offset += part.length;
    }
    return bytes;
  }

  u8(): number {
    return this.take(1, "a length")[0] ?? 0;
  }

  u32(): number {
    return new DataView(this.take(4, "a length").buffer).getUint32(0);
  }

  /** Refuses anything that is left. */
  end(): void {
    if (this.#offset < this.#chunk.length || this.#next()) {
      throw new InvalidSnapshotError("expected the end of the snapshot, got more bytes");
    }
  }

  /** Tells the source that no more is wanted, so that it can clean up. */
  close(): void {
    if (!this.#done) this.#chunks.return?.();
    this.#done = true;
  }

  #next(): boolean {
    if (this.#done) return false;
    const result = this.#chunks.next();
    if (result.done) {
      this.#done = true;
      return false;
    }
    if (!(result.value instanceof Uint8Array) || result.value.length === 0) {
      throw new InvalidSnapshotError("expected chunks of at least one byte, got something else");
    }
    this.#chunk = result.value;
    this.#offset = 0;
    return true;
  }
}
