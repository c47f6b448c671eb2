import { ENERGY_QUANTA } from "./fixed-point.ts";

/** For each task its partners, as one slice of flat arrays: those of task t are at start[t] .. start[t + 1] - 1. */
export interface Partners {
  readonly start: Int32Array;
  readonly task: Int32Array;
  /** Quanta of the pair. */
  readonly cost: Float64Array;
}

/** Costs of unordered pairs of tasks; several of the same pair add up, a task with itself costs nothing. */
export class PairCosts {
  readonly #taskCount: number;
  readonly #costs = new Map<number, number>();

  constructor(taskCount: number) {
    this.#taskCount = taskCount;
  }

  add(a: number, b: number, cost: number): void {
    if (a === b) return;
    const pair = Math.min(a, b) * this.#taskCount + Math.max(a, b);
    this.#costs.set(pair, (this.#costs.get(pair) ?? 0) + Math.round(cost * ENERGY_QUANTA));
  }

  has(a: number, b: number): boolean {
    return this.#costs.has(Math.min(a, b) * this.#taskCount + Math.max(a, b));
  }

  /** The pairs from both sides, the partners of each task in ascending order. */
  partners(): Partners {
    const count = this.#taskCount;
    const keys = Float64Array.from(this.#costs.keys()).sort();
    const start = new Int32Array(count + 1);
    for (const key of keys) {
      for (const task of [Math.floor(key / count), key % count]) start[task + 1] = (start[task + 1] ?? 0) + 1;
    }
    for (let at = 0; at < count; at++) start[at + 1] = (start[at + 1] ?? 0) + (start[at] ?? 0);
    const task = new Int32Array(2 * keys.length);
    const cost = new Float64Array(2 * keys.length);
    const next = start.slice();
    const put = (a: number, b: number, value: number): void => {
      const at = next[a] ?? 0;
      next[a] = at + 1;
      task[at] = b;
      cost[at] = value;
    };
    for (const key of keys) {
      const [a, b, value] = [Math.floor(key / count), key % count, this.#costs.get(key) ?? 0];
      put(a, b, value);
      put(b, a, value);
    }
    return { start, task, cost };
  }
}

/**
 * Visits the pairs of partners (a < b) that are on one node, or on two; a task on no node is in no pair. `at` is where the
 * pair stands among the partners of `a`.
 */
export function forEachPair(
  { start, task }: Partners,
  place: Int32Array,
  together: boolean,
  visit: (a: number, b: number, at: number) => void,
): void {
  for (let a = 0; a < place.length; a++) {
    const here = place[a] ?? UNPLACED;
    if (here === UNPLACED) continue;
    const end = start[a + 1] ?? 0;
    for (let at = start[a] ?? 0; at < end; at++) {
      const b = task[at] ?? 0;
      const there = place[b] ?? UNPLACED;
      if (a < b && there !== UNPLACED && (here === there) === together) visit(a, b, at);
    }
  }
}

/** Node of a task that is on none. */
export const UNPLACED = -1;
