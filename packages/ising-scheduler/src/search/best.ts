/** Changes of a placement since the best one, before the best one is copied. */
const LENGTH_MIN = 64;

/**
 * The best placement of a walk. A walk that goes downhill meets a better one at every step, so it is not copied each time:
 * the moves since then are noted, and undone when it is asked for.
 */
export class Best {
  hard: number = Infinity;
  waits: number = Infinity;
  soft: number = Infinity;
  readonly #place: Int32Array;
  readonly #current: Int32Array;
  readonly #tasks: Int32Array;
  readonly #from: Int32Array;
  /** Moves since the best placement; -1 once it is copied. */
  #moves = -1;

  /** @param current - the placement that moves. */
  constructor(current: Int32Array) {
    this.#current = current;
    this.#place = current.slice();
    this.#tasks = new Int32Array(Math.max(LENGTH_MIN, current.length));
    this.#from = new Int32Array(this.#tasks.length);
  }

  /** Node of each task in the best placement. */
  get place(): Int32Array {
    if (this.#moves >= 0) this.#copy();
    return this.#place;
  }

  /** Notes a move, before it is made. */
  note(task: number): void {
    if (this.#moves === this.#tasks.length) this.#copy();
    if (this.#moves < 0) return;
    this.#tasks[this.#moves] = task;
    this.#from[this.#moves++] = this.#current[task] ?? 0;
  }

  /** Takes the placement as it is now if it is better: less overload first, then those that wait, then by energy. The first of equals is kept. */
  offer(hard: number, waits: number, soft: number): void {
    if (hard > this.hard || (hard === this.hard && (waits > this.waits || (waits === this.waits && soft >= this.soft)))) return;
    this.hard = hard;
    this.waits = waits;
    this.soft = soft;
    this.#moves = 0;
  }

  #copy(): void {
    this.#place.set(this.#current);
    for (let at = this.#moves - 1; at >= 0; at--) this.#place[this.#tasks[at] ?? 0] = this.#from[at] ?? 0;
    this.#moves = -1;
  }
}
