const COMPACT_AT = 1024;

/**
 * First in, first out, in constant time: an array with a moving head, compacted now and then. Unbounded: its users
 * bound it.
 */
export class Fifo<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  /** How many wait. */
  get length(): number {
    return this.#items.length - this.#head;
  }

  /** Adds one at the end. */
  push(item: T): void {
    this.#items.push(item);
  }

  /** The oldest, left where it is. */
  peek(): T | undefined {
    return this.#items[this.#head];
  }

  /** Takes the oldest out. */
  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    // The usual case, and setting the length is slow.
    if (this.#head === 0 && this.#items.length === 1) return this.#items.pop();
    const item = this.#items[this.#head];
    this.#items[this.#head] = undefined;
    this.#head += 1;
    if (this.#head === this.#items.length) {
      this.#items.length = 0;
      this.#head = 0;
    } else if (this.#head >= COMPACT_AT && this.#head * 2 >= this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  /** Drops all. */
  clear(): void {
    this.#items = [];
    this.#head = 0;
  }
}
