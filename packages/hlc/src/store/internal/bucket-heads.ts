/** Heads of one block. */
const BLOCK_HEADS = 1_024;
const BLOCK_BITS = 10;

/**
 * The newest position of each bucket of hashes (linear hashing by blocks). Growth copies one block: both halves of a bucket
 * begin with the same head, so the chain of a head may have other hashes in it.
 */
export class BucketHeads {
  #blocks: Float64Array[] = [];
  /** Blocks of this round before it split any: a power of two. */
  #round = 1;

  /** Number of heads. */
  get size(): number {
    return this.#blocks.length * BLOCK_HEADS;
  }

  /** Returns the head of a hash, 0 if there is none. */
  get(hash: number): number {
    return this.#blocks[this.#blockOf(hash)]?.[hash & (BLOCK_HEADS - 1)] ?? 0;
  }

  /** Sets the head of a hash, and returns the one before. */
  replace(hash: number, position: number): number {
    if (this.#blocks.length === 0) this.#blocks.push(new Float64Array(BLOCK_HEADS));
    const block = this.#blocks[this.#blockOf(hash)];
    const slot = hash & (BLOCK_HEADS - 1);
    const before = block?.[slot] ?? 0;
    if (block) block[slot] = position;
    return before;
  }

  /** Adds a block. */
  grow(): void {
    const block = this.#blocks[this.#blocks.length - this.#round];
    this.#blocks.push(block ? block.slice() : new Float64Array(BLOCK_HEADS));
    if (this.#blocks.length === this.#round * 2) this.#round *= 2;
  }

  /** Drops all heads. */
  clear(): void {
    this.#blocks = [];
    this.#round = 1;
  }

  #blockOf(hash: number): number {
    const block = (hash >>> BLOCK_BITS) & (this.#round * 2 - 1);
    return block < this.#blocks.length ? block : block & (this.#round - 1);
  }
}
