import { DigestTree, TREE_BYTES_PER_KEY } from "./digest-tree.ts";
import { encodeEntry } from "../entry-format.ts";
import type { Hash } from "../hash.ts";
import { chunkHash, restoreInto } from "./restore.ts";
import { header, StoreSnapshot } from "../snapshot.ts";
import type { DigestedState } from "../state-digest.ts";
import type { VersionIndex } from "./version-index.ts";

/** Keys that may wait to be entered into the tree: beyond it, each write enters two of them. */
const DIRTY_MAX = 1_024;

/** The versions of a store, and the tree over those that are live. */
export class MerkleState implements DigestedState {
  readonly #index: VersionIndex;
  readonly #hash: Hash;
  readonly #chunkBytes: number;
  /** Made by the first `digest`; from then on kept up to date with the keys that are dirty. */
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
    // So that no digest has much to do at once, however much was written since the last.
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

  /** The tree, with every write entered. */
  #settled(): DigestTree {
    let tree = this.#tree;
    if (!tree) {
      tree = this.#tree = new DigestTree(this.#hash);
      for (const key of this.#index.keys.range()) this.#dirty.add(key);
    }
    this.#settle(tree, Infinity);
    return tree;
  }

  /** Enters so many of the keys that wait, those first that have waited longest. */
  #settle(tree: DigestTree, count: number): void {
    for (const key of this.#dirty) {
      if (count-- <= 0) return;
      this.#dirty.delete(key);
      const version = this.#index.visible(key);
      tree.set(key, version?.value && encodeEntry(key, version.at, version.value));
    }
  }
}
