/** Names by the time at which they expire, the earliest first: a binary heap. */
export class ExpiryQueue {
  readonly #names: string[] = [];
  readonly #times: number[] = [];

  /** Adds a name. */
  push(name: string, atMs: number): void {
    let at = this.#names.length;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.#time(parent) <= atMs) break;
      this.#move(parent, at);
      at = parent;
    }
    this.#names[at] = name;
    this.#times[at] = atMs;
  }

  /** Removes and returns the earliest name, if it expires at `nowMs` or before. */
  popUntil(nowMs: number): string | undefined {
    const first = this.#names[0];
    if (first === undefined || !(this.#time(0) <= nowMs)) return undefined;
    const name = this.#names.pop() ?? first;
    const time = this.#times.pop() ?? 0;
    const length = this.#names.length;
    if (length === 0) return first;
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child + 1 < length && this.#time(child + 1) < this.#time(child)) child += 1;
      if (child >= length || this.#time(child) >= time) break;
      this.#move(child, at);
      at = child;
    }
    this.#names[at] = name;
    this.#times[at] = time;
    return first;
  }

  #time(at: number): number {
    return this.#times[at] ?? Number.POSITIVE_INFINITY;
  }

  #move(from: number, to: number): void {
    this.#names[to] = this.#names[from] ?? "";
    this.#times[to] = this.#time(from);
  }
}
