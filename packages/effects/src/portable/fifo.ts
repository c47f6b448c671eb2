/**
 * First in, first out, in constant time over many: what came in is turned round whenever nothing is left to go out.
 * Unbounded: its users bound it.
 */
export class Fifo<T> {
  #in: T[] = [];
  /** Turned round: the oldest is last. */
  #out: T[] = [];

  /** How many wait. */
  get length(): number {
    return this.#in.length + this.#out.length;
  }

  /** Adds one at the end. */
  push(item: T): void {
    this.#in.push(item);
  }

  /** Takes the oldest out. */
  shift(): T | undefined {
    if (this.#out.length === 0) {
      this.#out = this.#in.toReversed();
      this.#in = [];
    }
    return this.#out.pop();
  }
}
