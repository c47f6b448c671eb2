import type { Hash } from "../hash.ts";
import { InvalidSnapshotError } from "../../errors.ts";
import { StoreSnapshot } from "../snapshot.ts";
import type { DigestedState } from "../state-digest.ts";
import { DigestTree, headerHash, nodeHash } from "./digest-tree.ts";
import { encodeHeader, SNAPSHOT_MAGIC } from "./header.ts";
import { restored } from "./restore.ts";
import type { Versions } from "./versions.ts";

/** The versions of a store, and the hashes of the pages of the live ones. */
export class MerkleState implements DigestedState {
  readonly #versions: Versions;
  readonly #hash: Hash;
  readonly #chunkBytes: number;
  readonly #tree: DigestTree;

  constructor(versions: Versions, hash: Hash, chunkBytes: number) {
    this.#versions = versions;
    this.#hash = hash;
    this.#chunkBytes = chunkBytes;
    this.#tree = new DigestTree(versions.trie, hash);
  }

  digest(): Uint8Array {
    const { root } = this.#versions.trie;
    this.#tree.settle(root);
    return this.#tree.digest(root, this.#header());
  }

  snapshot(): StoreSnapshot {
    const { trie, newest } = this.#versions;
    return new StoreSnapshot(trie.capture(), newest, this.#header(), this.#tree, this.#hash, this.#chunkBytes);
  }

  chunkHash(chunk: Uint8Array): Uint8Array {
    if (!(chunk instanceof Uint8Array)) throw new InvalidSnapshotError("chunks that are Uint8Arrays", chunk);
    // The length of a page is so small that its first byte is always 0.
    if (chunk[0] === SNAPSHOT_MAGIC[0]) return headerHash(this.#hash, chunk);
    try {
      return nodeHash(this.#hash, chunk);
    } catch (cause) {
      throw new InvalidSnapshotError("pages of one node as chunks", chunk, { cause });
    }
  }

  restored(chunks: Iterable<Uint8Array>): Versions {
    return restored(chunks, this.#versions.options);
  }

  #header(): Uint8Array {
    const { trie, newest, options } = this.#versions;
    return encodeHeader({ newest, hashKey: options.hashKey, entries: trie.entries, bytes: trie.bytes });
  }
}
