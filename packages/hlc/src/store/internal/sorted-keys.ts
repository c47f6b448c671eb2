import { count } from "./count.ts";

/** Maximum of keys in one block. A full block is split in half. */
const BLOCK_KEYS_MAX = 512;

/**
 * The keys of the store in order (by UTF-16 code unit), in blocks of sorted arrays, so that an insertion moves few
 * keys. Keys may be added and removed during an iteration: it continues after the last key it yielded.
 */
export class SortedKeys {
  /** No block is empty, and each ends before the next begins. */
  readonly #blocks: string[][] = [];
  #changes = 0;

  /** Adds a key that is not present. */
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

  /** Removes a key that is present. */
  remove(key: string): void {
    this.#changes += 1;
    const [at, index] = this.#find(key);
    this.#blocks[at]?.splice(index, 1);
    if (this.#blocks[at]?.length === 0) this.#blocks.splice(at, 1);
  }

  /** Yields keys from `from` (included) to `to` (excluded, by default the end), rising, or falling if `reverse`. */
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
      let present = true;
      if (changes !== this.#changes) {
        [at, index] = this.#find(key);
        present = blocks[at]?.[index] === key;
      }
      if (reverse) index -= 1;
      else if (present) index += 1;
    }
  }

  /**
   * Finds the position of a key, present or not: the last block that begins at or before it, or the first, and the
   * index there.
   */
  #find(key: string | undefined): [at: number, index: number] {
    if (key === undefined) return [this.#blocks.length, 0];
    const at = Math.max(0, count(this.#blocks.length, (block) => (this.#blocks[block]?.[0] ?? "") <= key) - 1);
    const block = this.#blocks[at] ?? [];
    return [at, count(block.length, (index) => (block[index] ?? "") < key)];
  }
}
