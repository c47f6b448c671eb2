import type { Problem } from "../tabulate.ts";
import { forEachPair } from "../partners.ts";
import { coupleOnEveryNode } from "./apart.ts";
import type { Polynomial } from "../qubo/polynomial.ts";
import type { Term, Tracked } from "./term.ts";

/** Pairs of tasks that must be apart, on one node. */
export const conflicts: Term = {
  hard: true,
  track: (problem, place) => (problem.conflicts.task.length === 0 ? undefined : new Conflicts(problem, place)),
  of({ conflicts, conflictCost }, place) {
    let together = 0;
    forEachPair(conflicts, place, true, () => together++);
    return together * conflictCost;
  },
};

/** Adds the term to a polynomial of the variables `task on node`. */
export function expandConflicts(problem: Problem, polynomial: Polynomial): void {
  const { start, task } = problem.conflicts;
  for (let a = 0; a < problem.tasks.length; a++) {
    for (let at = start[a] ?? 0; at < (start[a + 1] ?? 0); at++) {
      const b = task[at] ?? 0;
      if (a < b) coupleOnEveryNode(polynomial, problem, a, b, problem.conflictCost);
    }
  }
}

class Conflicts implements Tracked {
  readonly #problem: Problem;
  readonly #place: Int32Array;

  constructor(problem: Problem, place: Int32Array) {
    this.#problem = problem;
    this.#place = place;
  }

  change(task: number, from: number, to: number): number {
    return this.#change(task, from, to, -1);
  }

  exchange(a: number, nodeA: number, b: number, nodeB: number): number {
    return this.#change(a, nodeA, nodeB, b) + this.#change(b, nodeB, nodeA, a);
  }

  #change(task: number, from: number, to: number, except: number): number {
    const { conflicts, conflictCost } = this.#problem;
    const end = conflicts.start[task + 1] ?? 0;
    let met = 0;
    for (let at = conflicts.start[task] ?? 0; at < end; at++) {
      const partner = conflicts.task[at] ?? 0;
      const node = this.#place[partner] ?? 0;
      if (node >= 0 && partner !== except) met += Number(node === to) - Number(node === from);
    }
    return met * conflictCost;
  }

  move(): void {
    // The placement is all that there is to follow.
  }
}
