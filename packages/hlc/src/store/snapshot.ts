import { InvalidOptionError, ReleasedError } from "../errors.ts";
import { checkNumber } from "../internal/options.ts";
import type { HLCTimestamp } from "../timestamp/timestamp.ts";
import type { Hash } from "./hash.ts";
import { type DigestTree, headerHash, type TrieNode } from "./internal/digest-tree.ts";

/**
 * The live state of a store at one time, as chunks: a header, then subtrees of pages. Taking it is one short step. Later writes
 * and prunes of the store do not change it, and equal states give equal chunks. While a snapshot is open, pages that are
 * written to are copied first, so release it.
 *
 * Made by {@link HLCVersionStore.snapshot}. Iterating it yields the chunks in order.
 */
export class StoreSnapshot implements Iterable<Uint8Array> {
  /** Time of the latest write to the store, or undefined if there was none. */
  readonly at: HLCTimestamp | undefined;

  readonly #capture: { readonly root: number; release(): void };
  readonly #header: Uint8Array;
  readonly #tree: DigestTree;
  readonly #hash: Hash;
  readonly #chunkBytes: number;
  #nodes: readonly TrieNode[] | undefined;
  #released = false;

  /** @hidden */
  constructor(
    capture: { readonly root: number; release(): void },
    at: HLCTimestamp | undefined,
    header: Uint8Array,
    tree: DigestTree,
    hash: Hash,
    chunkBytes: number,
  ) {
    this.#capture = capture;
    this.at = at;
    this.#header = header;
    this.#tree = tree;
    this.#hash = hash;
    this.#chunkBytes = chunkBytes;
  }

  /** Number of chunks, at least two. Hashes what is not hashed yet. */
  get chunks(): number {
    return this.#chunkNodes().length + 1;
  }

  /** Length of all chunks together, in bytes. Hashes what is not hashed yet. */
  get bytes(): number {
    this.#settle();
    return this.#header.length + this.#tree.bytes(this.#capture.root);
  }

  /**
   * Hashes at most so many of the pages that have changed since they were hashed last, and of the nodes above them. Returns
   * true if all is hashed. Everything else here does the rest at once, so call it between other work first.
   *
   * @throws {@link ReleasedError} after {@link StoreSnapshot.release}.
   * @throws {@link InvalidOptionError} if the number is not at least 1.
   * @example
   * ```ts
   * import { createHash } from "node:crypto";
   * import { HLCVersionStore, merkleDigest } from "@void-system/hlc";
   *
   * const digest = merkleDigest((bytes) => createHash("sha256").update(bytes).digest());
   * const store = new HLCVersionStore({ digest });
   * const snapshot = store.snapshot();
   * while (!snapshot.hashSome(256)) {
   *   // Writes go on here.
   * }
   * snapshot.digest().length; // => 32
   * snapshot.release();
   * ```
   */
  hashSome(pagesMax: number): boolean {
    this.#open();
    checkNumber("pagesMax", pagesMax, 1, "pages");
    return this.#tree.settle(this.#capture.root, pagesMax);
  }

  /**
   * Returns the digest of the store when the snapshot was taken.
   *
   * @throws {@link ReleasedError} after {@link StoreSnapshot.release}.
   */
  digest(): Uint8Array {
    this.#settle();
    return this.#tree.digest(this.#capture.root, this.#header);
  }

  /**
   * Returns one chunk. Chunks may be read in any order.
   *
   * @throws {@link ReleasedError} after {@link StoreSnapshot.release}.
   * @throws {@link InvalidOptionError} if the index is not that of a chunk.
   */
  chunk(index: number): Uint8Array {
    const node = this.#find(index);
    return node ? this.#tree.chunk(node) : this.#header.slice();
  }

  /**
   * Returns the hash that {@link HLCVersionStore.chunkHash} computes for the chunk, without making the chunk.
   *
   * @throws {@link ReleasedError} and {@link InvalidOptionError}, as `chunk` does.
   */
  chunkHash(index: number): Uint8Array {
    const node = this.#find(index);
    return node ? this.#tree.hashOf(node) : headerHash(this.#hash, this.#header);
  }

  /** Yields all chunks in order. */
  *[Symbol.iterator](): Generator<Uint8Array, void, undefined> {
    for (let index = 0; index < this.chunks; index++) yield this.chunk(index);
  }

  /** Lets the store write to its pages in place again. A second call does nothing. */
  release(): void {
    this.#released = true;
    this.#capture.release();
  }

  /** Returns the node of a chunk, or undefined for the first chunk, which is the header. */
  #find(index: number): TrieNode | undefined {
    const nodes = this.#chunkNodes();
    const node = nodes[index - 1];
    if (!node && index !== 0) throw new InvalidOptionError("index", `a chunk in 0..${nodes.length}`, index);
    return node;
  }

  #chunkNodes(): readonly TrieNode[] {
    this.#settle();
    this.#nodes ??= this.#tree.chunks(this.#capture.root, this.#chunkBytes);
    return this.#nodes;
  }

  #settle(): void {
    this.#open();
    this.#tree.settle(this.#capture.root);
  }

  #open(): void {
    if (this.#released) throw new ReleasedError("snapshot");
  }
}
