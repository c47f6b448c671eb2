/**
 * A queue in amortized constant time: when the outgoing array is empty, the incoming one is reversed into it. The queue
 * has no bound of its own, so its users must bound it.
 */
export class Fifo<T> {
  #in: T[] = [];
  /** Reversed: the oldest item is last. */
  #out: T[] = [];

  /** Number of items in the queue. */
  get length(): number {
    return this.#in.length + this.#out.length;
  }

  /** Adds an item at the end. */
  push(item: T): void {
    this.#in.push(item);
  }

  /** Removes and returns the oldest item. */
  shift(): T | undefined {
    if (this.#out.length === 0) {
      this.#out = this.#in.toReversed();
      this.#in = [];
    }
    return this.#out.pop();
  }
}
