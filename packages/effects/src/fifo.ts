/**
 * First in, first out, in constant time over many: what comes in is turned round whenever nothing is left to go out.
 * Unbounded: its users bound it.
 */
export class Fifo<T> {
  readonly #in: T[] = [];
  /** Turned round: the oldest is last. */
  readonly #out: T[] = [];

  /** How many wait. */
  get length(): number {
    return this.#in.length + this.#out.length;
  }

  /** Adds one at the end. */
  push(item: T): void {
    this.#in.push(item);
  }

  /** The oldest, left where it is. */
  peek(): T | undefined {
    if (this.#out.length === 0) while (this.#in.length > 0) this.#out.push(this.#in.pop() as T);
    return this.#out.at(-1);
  }

  /** Takes the oldest out. */
  shift(): T | undefined {
    this.peek();
    return this.#out.pop();
  }

  /** Drops all. */
  clear(): void {
    this.#in.length = this.#out.length = 0;
  }
}
