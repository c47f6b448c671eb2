import { concat, uint } from "../internal/bytes.ts";
import type { Bundle, DigestTree } from "./internal/digest-tree.ts";
import { encodeEntry, stampBlock } from "./entry-format.ts";
import { InvalidOptionError, ReleasedError } from "../errors.ts";
import type { HLCTimestamp } from "../timestamp/timestamp.ts";
import type { VersionIndex } from "./internal/version-index.ts";

/** First bytes of a snapshot: its kind, and its version 2. */
export const SNAPSHOT_MAGIC: Uint8Array = /* @__PURE__ */ Uint8Array.of(0x56, 0x48, 0x53, 0x02);

/**
 * The live state of a store at one time, as chunks. Later writes and prunes of the store do not change it, and equal states
 * give equal chunks. The hashes of the chunks come from the store's digest, and their bytes are made on request. While a
 * snapshot is open, the store keeps the versions it needs and refuses writes at or before its time, so release it.
 *
 * Made by {@link HLCVersionStore.snapshot}. Iterating it yields the chunks in order.
 */
export class StoreSnapshot implements Iterable<Uint8Array> {
  /** Time of the latest write to the store, or undefined if there was none. */
  readonly at: HLCTimestamp | undefined;
  /** Number of chunks, at least one. */
  readonly chunks: number;
  /** Length of all chunks together. */
  readonly bytes: number;

  readonly #index: VersionIndex;
  readonly #header: Uint8Array;
  readonly #headerHash: Uint8Array;
  readonly #bundles: readonly Bundle[];
  readonly #unpin: (() => void) | undefined;
  #released = false;

  /** @hidden */
  constructor(index: VersionIndex, tree: DigestTree, chunkBytes: number) {
    this.#index = index;
    this.at = index.newest;
    this.#header = header(index.newest, tree.count);
    this.#headerHash = tree.headerHash(this.#header);
    this.#bundles = tree.bundles(chunkBytes);
    this.bytes = this.#header.length + tree.bytes;
    this.chunks = this.#bundles.length + 1;
    this.#unpin = this.at && index.pin(this.at);
  }

  /**
   * Returns one chunk. Chunks may be read in any order.
   *
   * @throws {@link ReleasedError} after {@link StoreSnapshot.release}.
   * @throws {@link InvalidOptionError} if the index is not that of a chunk.
   */
  chunk(index: number): Uint8Array {
    const bundle = this.#find(index);
    if (!bundle) return concat([this.#header]);
    const entries = [];
    for (const key of bundle.keys()) {
      const version = this.#index.visible(key, this.at);
      if (version?.value) entries.push(encodeEntry(key, version.at, version.value));
    }
    return concat(entries);
  }

  /**
   * Returns the hash that {@link HLCVersionStore.chunkHash} computes for the chunk, without making the chunk.
   *
   * @throws {@link ReleasedError} and {@link InvalidOptionError}, as `chunk` does.
   */
  chunkHash(index: number): Uint8Array {
    return concat([this.#find(index)?.hash ?? this.#headerHash]);
  }

  /** Yields all chunks in order. */
  *[Symbol.iterator](): Generator<Uint8Array, void, undefined> {
    for (let index = 0; index < this.chunks; index++) yield this.chunk(index);
  }

  /** Lets the store drop the versions that only this snapshot needed. A second call does nothing. */
  release(): void {
    this.#released = true;
    this.#unpin?.();
  }

  /** Returns the bundle of a chunk, or undefined for the first chunk, which is the header. */
  #find(index: number): Bundle | undefined {
    if (this.#released) throw new ReleasedError("snapshot");
    const bundle = this.#bundles[index - 1];
    if (!bundle && index !== 0) throw new InvalidOptionError("index", `a chunk in 0..${this.chunks - 1}`, index);
    return bundle;
  }
}

/** `magic | u8 timestamp length | timestamp | u32 entries`. An unwritten store has no timestamp, so its length is 0. */
export function header(newest: HLCTimestamp | undefined, entries: number): Uint8Array {
  return concat([SNAPSHOT_MAGIC, stampBlock(newest), uint(entries, 4)]);
}
