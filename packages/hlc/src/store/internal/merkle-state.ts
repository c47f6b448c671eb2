import { DigestTree, TREE_BYTES_PER_KEY } from "./digest-tree.ts";
import { encodeEntry } from "../entry-format.ts";
import type { Hash } from "../hash.ts";
import { chunkHash, restoreInto } from "./restore.ts";
import { header, StoreSnapshot } from "../snapshot.ts";
import type { DigestedState } from "../state-digest.ts";
import type { VersionIndex } from "./version-index.ts";

/** Maximum of keys pending for the tree. Beyond it, each write also enters two of them. */
const DIRTY_MAX = 1_024;

/** The versions of a store, and the tree over the live ones. */
export class MerkleState implements DigestedState {
  readonly #index: VersionIndex;
  readonly #hash: Hash;
  readonly #chunkBytes: number;
  /** Made by the first `digest`, then kept up to date with the dirty keys. */
  #tree: DigestTree | undefined;
  readonly #dirty = new Set<string>();

  constructor(index: VersionIndex, hash: Hash, chunkBytes: number, tree?: DigestTree) {
    this.#index = index;
    this.#hash = hash;
    this.#chunkBytes = chunkBytes;
    this.#tree = tree;
  }

  get bytes(): number {
    return (this.#tree?.count ?? 0) * TREE_BYTES_PER_KEY;
  }

  written(key: string): void {
    if (!this.#tree) return;
    this.#dirty.add(key);
    // Bounds the work of the next digest, however much was written since the last.
    if (this.#dirty.size > DIRTY_MAX) this.#settle(this.#tree, 2);
  }

  digest(): Uint8Array {
    const tree = this.#settled();
    return tree.digest(header(this.#index.newest, tree.count));
  }

  snapshot(): StoreSnapshot {
    return new StoreSnapshot(this.#index, this.#settled(), this.#chunkBytes);
  }

  chunkHash(chunk: Uint8Array): Uint8Array {
    return chunkHash(chunk, this.#hash);
  }

  restored(chunks: Iterable<Uint8Array>, index: VersionIndex): MerkleState {
    return new MerkleState(index, this.#hash, this.#chunkBytes, restoreInto(index, chunks, this.#hash));
  }

  /** Returns the tree with every write entered. */
  #settled(): DigestTree {
    let tree = this.#tree;
    if (!tree) {
      tree = this.#tree = new DigestTree(this.#hash);
      for (const key of this.#index.keys.range()) this.#dirty.add(key);
    }
    this.#settle(tree, Infinity);
    return tree;
  }

  /** Enters up to `count` pending keys, oldest first. */
  #settle(tree: DigestTree, count: number): void {
    for (const key of this.#dirty) {
      if (count-- <= 0) return;
      this.#dirty.delete(key);
      const version = this.#index.visible(key);
      tree.set(key, version?.value && encodeEntry(key, version.at, version.value));
    }
  }
}
