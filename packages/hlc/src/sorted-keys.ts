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
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    if (!block) {
      this.#blocks.push([key]);
      return;
    }
    block.splice(lowerBound(block, key), 0, key);
    if (block.length > BLOCK_KEYS_MAX) this.#blocks.splice(at + 1, 0, block.splice(BLOCK_KEYS_MAX >> 1));
  }

  /** Removes a key that is there. */
  remove(key: string): void {
    const at = this.#blockOf(key);
    const block = this.#blocks[at];
    const index = block ? lowerBound(block, key) : -1;
    if (!block || block[index] !== key) return;
    this.#changes += 1;
    block.splice(index, 1);
    if (block.length === 0) this.#blocks.splice(at, 1);
  }

  /** Keys from `from` (included) to `to` (excluded), rising. */
  *ascending(from = "", to?: string): Generator<string, void, undefined> {
    let at = this.#blockOf(from);
    let index = lowerBound(this.#blocks[at] ?? [], from);
    let changes = this.#changes;
    for (;;) {
      const block = this.#blocks[at];
      const key = block?.[index];
      if (block && key === undefined) {
        at += 1;
        index = 0;
        continue;
      }
      if (key === undefined || (to !== undefined && key >= to)) return;
      yield key;
      index += 1;
      if (changes === this.#changes) continue;
      changes = this.#changes;
      at = this.#blockOf(key);
      const moved = this.#blocks[at] ?? [];
      index = lowerBound(moved, key);
      if (moved[index] === key) index += 1;
    }
  }

  /** Keys before `to` (excluded; all if there is none) down to `from` (included), falling. */
  *descending(from = "", to?: string): Generator<string, void, undefined> {
    let at = to === undefined ? this.#blocks.length - 1 : this.#blockOf(to);
    let index = to === undefined ? (this.#blocks[at]?.length ?? 0) - 1 : lowerBound(this.#blocks[at] ?? [], to) - 1;
    let changes = this.#changes;
    while (at >= 0) {
      const key = this.#blocks[at]?.[index];
      if (key === undefined) {
        at -= 1;
        index = (this.#blocks[at]?.length ?? 0) - 1;
        continue;
      }
      if (key < from) return;
      yield key;
      index -= 1;
      if (changes === this.#changes) continue;
      changes = this.#changes;
      at = this.#blockOf(key);
      index = lowerBound(this.#blocks[at] ?? [], key) - 1;
    }
  }

  /** The last block that begins at or before `key`, or the first. */
  #blockOf(key: string): number {
    let low = 0;
    let high = this.#blocks.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      const first = this.#blocks[middle]?.[0];
      if (first !== undefined && first <= key) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

/** The index of the first key that is not before `key`. */
function lowerBound(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const found = keys[middle];
    if (found !== undefined && found < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
