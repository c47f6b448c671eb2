import { count } from "./count.ts";

/** Most keys in one block. A block is cut in half when it is full. */
const BLOCK_KEYS_MAX = 512;

/**
 * The keys of the store in order (by UTF-16 code unit): blocks of sorted arrays, so that an insertion moves few keys.
 * Iteration goes on rightly when keys are added or removed meanwhile: it continues after the last key it gave.
 */
export class SortedKeys {
  /** No block is empty, and each ends before the next begins. */
  readonly #blocks: string[][] = [];
  #changes = 0;

  /** Adds a key that is not there yet. */
  add(key: string): void {
    this.#changes += 1;
    const [at, index] = this.#find(key);
    const block = this.#blocks[at];
    if (!block) {
      this.#blocks.push([key]);
      return;
    }
    block.splice(index, 0, key);
    if (block.length > BLOCK_KEYS_MAX) this.#blocks.splice(at + 1, 0, block.splice(BLOCK_KEYS_MAX >> 1));
  }

  /** Removes a key that is there. */
  remove(key: string): void {
    this.#changes += 1;
    const [at, index] = this.#find(key);
    this.#blocks[at]?.splice(index, 1);
    if (this.#blocks[at]?.length === 0) this.#blocks.splice(at, 1);
  }

  /** Keys from `from` (included) to `to` (excluded; the end if there is none), rising, or falling if `reverse`. */
  *range(from = "", to?: string, reverse = false): Generator<string, void, undefined> {
    const blocks = this.#blocks;
    let [at, index] = this.#find(reverse ? to : from);
    if (reverse) index -= 1;
    for (;;) {
      const key = blocks[at]?.[index];
      if (key === undefined) {
        at += reverse ? -1 : 1;
        const next = blocks[at];
        if (!next) return;
        index = reverse ? next.length - 1 : 0;
        continue;
      }
      if (reverse ? key < from : to !== undefined && key >= to) return;
      const changes = this.#changes;
      yield key;
      let stands = true;
      if (changes !== this.#changes) {
        [at, index] = this.#find(key);
        stands = blocks[at]?.[index] === key;
      }
      if (reverse) index -= 1;
      else if (stands) index += 1;
    }
  }

  /** Where a key stands or belongs: the last block that begins at or before it, or the first; the index in there. */
  #find(key: string | undefined): [at: number, index: number] {
    if (key === undefined) return [this.#blocks.length, 0];
    const at = Math.max(0, count(this.#blocks.length, (block) => (this.#blocks[block]?.[0] ?? "") <= key) - 1);
    const block = this.#blocks[at] ?? [];
    return [at, count(block.length, (index) => (block[index] ?? "") < key)];
  }
}
