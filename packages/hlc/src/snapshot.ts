import { concat, uint } from "./bytes.ts";
import type { Hash } from "./digest-tree.ts";
import { encodeEntry, stampBlock } from "./entry-format.ts";
import { InvalidOptionError, ReleasedError } from "./errors.ts";
import type { HLCTimestamp } from "./timestamp.ts";
import type { VersionIndex } from "./version-index.ts";

/** First bytes of a snapshot: its kind, and its version 1. */
export const SNAPSHOT_MAGIC: Uint8Array = Uint8Array.of(0x56, 0x48, 0x53, 0x01);

/** Where a chunk begins: in the entry of a key, so many bytes in. */
interface Mark {
  readonly key: string;
  readonly skip: number;
}

const START: Mark = { key: "", skip: 0 };

/**
 * The live state of a store at one time, as chunks. It stays what it was while the store is written to and pruned;
 * equal states give equal bytes. Chunks are made when they are asked for. While it is open, the store keeps the
 * versions that it needs and refuses writes at or before its time; so release it.
 *
 * Made by {@link HLCVersionStore.snapshot}; the chunks are in order when it is iterated.
 */
export class StoreSnapshot implements Iterable<Uint8Array> {
  /** The latest time at which the store was written, or nothing if it never was. */
  readonly at: HLCTimestamp | undefined;
  /** How many chunks there are: at least one. */
  readonly chunks: number;
  /** Length of all chunks together. */
  readonly bytes: number;

  readonly #index: VersionIndex;
  readonly #hash: Hash;
  readonly #chunkBytes: number;
  readonly #header: Uint8Array;
  /** Where each chunk begins, as far as they have been made. */
  readonly #marks: Mark[] = [START];
  readonly #unpin: (() => void) | undefined;
  #released = false;

  /** @hidden */
  constructor(index: VersionIndex, hash: Hash, chunkBytes: number) {
    this.#index = index;
    this.#hash = hash;
    this.#chunkBytes = chunkBytes;
    this.at = index.newest;
    this.#header = header(index.newest, index.live);
    this.bytes = this.#header.length + index.liveBytes;
    this.chunks = Math.ceil(this.bytes / chunkBytes);
    this.#unpin = this.at && index.pin(this.at);
  }

  /**
   * One chunk. Chunks are quickest in order; one far ahead makes all before it.
   *
   * @throws {@link ReleasedError} after {@link StoreSnapshot.release}.
   * @throws {@link InvalidOptionError} if there is no such chunk.
   */
  chunk(index: number): Uint8Array {
    if (this.#released) throw new ReleasedError("snapshot");
    if (!Number.isInteger(index) || index < 0 || index >= this.chunks) {
      throw new InvalidOptionError("index", `a chunk in 0..${this.chunks - 1}`, index);
    }
    for (let known = this.#marks.length - 1; known < index; known++) this.#fill(known);
    return this.#fill(index);
  }

  /**
   * The hash of one chunk.
   *
   * @throws {@link ReleasedError} and {@link InvalidOptionError}, as `chunk` does.
   */
  chunkHash(index: number): Uint8Array {
    return this.#hash(this.chunk(index));
  }

  /** All chunks in order. */
  *[Symbol.iterator](): Generator<Uint8Array, void, undefined> {
    for (let index = 0; index < this.chunks; index++) yield this.chunk(index);
  }

  /** Lets the store forget what only this snapshot needed. Calling it twice does nothing. */
  release(): void {
    this.#released = true;
    this.#unpin?.();
  }

  /** Makes a chunk whose mark is known, and the mark of the next one. */
  #fill(index: number): Uint8Array {
    const chunk = new Uint8Array(Math.min(this.#chunkBytes, this.bytes - index * this.#chunkBytes));
    let filled = 0;
    if (index === 0) {
      chunk.set(this.#header);
      filled = this.#header.length;
    }
    const mark = this.#marks[index] ?? START;
    for (const key of this.#index.keys.range(mark.key)) {
      const version = this.#index.visible(key, this.at);
      if (!version?.value) continue;
      const skip = key === mark.key ? mark.skip : 0;
      const part = encodeEntry(key, version.at, version.value).subarray(skip, skip + chunk.length - filled);
      chunk.set(part, filled);
      filled += part.length;
      if (filled < chunk.length) continue;
      this.#marks[index + 1] = { key, skip: skip + part.length };
      break;
    }
    return chunk;
  }
}

/** `magic | u8 timestamp length | timestamp | u32 entries`. An unwritten store has no timestamp, so its length is 0. */
export function header(newest: HLCTimestamp | undefined, entries: number): Uint8Array {
  return concat([SNAPSHOT_MAGIC, stampBlock(newest), uint(entries, 4)]);
}
