import type { Problem } from "../compile/arrays.ts";
import { forEachPair } from "../compile/partners.ts";
import type { Partners } from "../compile/partners.ts";
import type { Polynomial } from "../qubo/polynomial.ts";
import type { Term, Tracked } from "../compile/arrays.ts";

/** The term of pairs that cost while their tasks are together on a node, or while they are apart. A task on no node costs nothing here. */
export function pairs(hard: boolean, together: boolean, partnersOf: (problem: Problem) => Partners): Term {
  return {
    hard,
    track(problem, place) {
      const partners = partnersOf(problem);
      return partners.task.length === 0 ? undefined : new Pairs(partners, place, together);
    },
    of(problem, place) {
      const partners = partnersOf(problem);
      let sum = 0;
      forEachPair(partners, place, together, (_a, _b, at) => (sum += partners.cost[at] ?? 0));
      return sum;
    },
  };
}

/** Adds the term of such pairs to a polynomial of the variables `task on node`. */
export function expandApart({ start, task, cost }: Partners, problem: Problem, polynomial: Polynomial): void {
  for (let a = 0; a < problem.tasks.length; a++) {
    for (let at = start[a] ?? 0; at < (start[a + 1] ?? 0); at++) {
      const [b, weight] = [task[at] ?? 0, cost[at] ?? 0];
      if (b < a) continue;
      polynomial.offset += weight;
      coupleOnEveryNode(polynomial, problem, a, b, -weight);
    }
  }
}

/** Adds `coefficient` for two tasks on one node, whichever it is. */
export function coupleOnEveryNode(polynomial: Polynomial, { nodes }: Problem, a: number, b: number, coefficient: number): void {
  for (let node = 0; node < nodes.length; node++) polynomial.couple(a * nodes.length + node, b * nodes.length + node, coefficient);
}

class Pairs implements Tracked {
  readonly #start: Int32Array;
  readonly #partner: Int32Array;
  readonly #cost: Float64Array;
  readonly #place: Int32Array;
  readonly #together: boolean;

  constructor({ start, task, cost }: Partners, place: Int32Array, together: boolean) {
    this.#start = start;
    this.#partner = task;
    this.#cost = cost;
    this.#place = place;
    this.#together = together;
  }

  change(task: number, from: number, to: number): number {
    return this.#change(task, from, to, -1);
  }

  exchange(a: number, nodeA: number, b: number, nodeB: number): number {
    // The two are apart before and after.
    return this.#change(a, nodeA, nodeB, b) + this.#change(b, nodeB, nodeA, a);
  }

  #change(task: number, from: number, to: number, except: number): number {
    let [met, placed] = [0, 0];
    const end = this.#start[task + 1] ?? 0;
    for (let at = this.#start[task] ?? 0; at < end; at++) {
      const partner = this.#partner[at] ?? 0;
      const node = this.#place[partner] ?? 0;
      if (node < 0 || partner === except) continue;
      const cost = this.#cost[at] ?? 0;
      placed += cost;
      if (node === to) met += cost;
      else if (node === from) met -= cost;
    }
    if (this.#together) return met;
    // A pair that is not together is apart, if both are placed.
    return (to >= 0 ? placed : 0) - (from >= 0 ? placed : 0) - met;
  }

  move(): void {
    // The placement is all that there is to follow.
  }
}
