import type { Problem } from "../../compile/arrays.ts";
import type { Term, Tracked } from "../../compile/arrays.ts";
import type { Importance } from "../parts.ts";

/**
 * Tasks in the room of a running task that waits, without the right to it: they did not run there, and may not displace it.
 * So a running task waits only for one of higher priority that may preempt.
 */
export function displacement(importance: Importance): Term {
  return {
    hard: true,
    of({ home, conflictCost }, place) {
      let pairs = 0;
      place.forEach((waits, task) => {
        if (waits >= 0 || importance.runs[task] === 0) return;
        place.forEach((node, other) => (pairs += Number(node === home[task] && intrudes(importance, home, other, task))));
      });
      return pairs * conflictCost;
    },
    track: (problem) => new Displacement(problem, importance),
  };
}

/** Returns true if a task has no right to the room of a running one. */
export function intrudes({ priority, preempts }: Importance, home: Int32Array, other: number, task: number): boolean {
  return home[other] !== home[task] && !(preempts[other] === 1 && (priority[other] ?? 0) > (priority[task] ?? 0));
}

class Displacement implements Tracked {
  readonly #home: Int32Array;
  readonly #cost: number;
  readonly #importance: Importance;
  /** Running tasks of each node that wait. */
  readonly #waiting: readonly Set<number>[];
  /** Tasks on each node that did not run there. */
  readonly #others: readonly Set<number>[];

  constructor({ nodes, home, conflictCost }: Problem, importance: Importance) {
    [this.#home, this.#cost, this.#importance] = [home, conflictCost, importance];
    this.#others = nodes.map(() => new Set<number>());
    this.#waiting = nodes.map(() => new Set<number>());
    home.forEach((node, task) => importance.runs[task] === 1 && this.#waiting[node]?.add(task));
  }

  change(task: number, from: number, to: number): number {
    return this.#cost * (this.#pairs(task, to) - this.#pairs(task, from));
  }

  exchange(a: number, nodeA: number, b: number, nodeB: number): number {
    return this.change(a, nodeA, nodeB) + this.change(b, nodeB, nodeA);
  }

  move(task: number, from: number, to: number): void {
    const home = this.#home[task] ?? -1;
    if (this.#importance.runs[task] === 1) {
      if (to < 0) this.#waiting[home]?.add(task);
      else if (from < 0) this.#waiting[home]?.delete(task);
    }
    if (from !== home) this.#others[from]?.delete(task);
    if (to !== home) this.#others[to]?.add(task);
  }

  /** Pairs of a task, if it was on a node and all others stayed where they are. */
  #pairs(task: number, node: number): number {
    let pairs = 0;
    const home = this.#home[task] ?? -1;
    if (node < 0) {
      if (this.#importance.runs[task] === 0) return 0;
      for (const other of this.#others[home] ?? []) pairs += Number(intrudes(this.#importance, this.#home, other, task));
      return pairs;
    }
    if (node === home) return 0;
    for (const runner of this.#waiting[node] ?? []) pairs += Number(intrudes(this.#importance, this.#home, task, runner));
    return pairs;
  }
}
