import type { Problem } from "../compile/arrays.ts";
import { slacksOf } from "../qubo/slack.ts";
import type { Polynomial } from "../qubo/polynomial.ts";
import type { Term, Tracked } from "../compile/arrays.ts";

/** Squared load above capacity, by node and resource. */
export const overload: Term = {
  hard: true,
  track: (problem) => (problem.resources.length === 0 ? undefined : new Overload(problem)),
  of(problem, place) {
    const { resources, capacityUnits, overloadCost } = problem;
    const loads = loadsOf(problem, place);
    let sum = 0;
    for (let at = 0; at < loads.length; at++) sum += Math.max(0, (loads[at] ?? 0) - (capacityUnits[at] ?? 0)) ** 2;
    return resources.length === 0 ? 0 : sum * overloadCost;
  },
};

/** Adds the term to a polynomial of the variables `task on node`. */
export function expandOverload(problem: Problem, polynomial: Polynomial): void {
  const { tasks, nodes, resources, demandUnits, capacityUnits, overloadCost } = problem;
  for (const { at, first, coefficients } of slacksOf(problem)) {
    const [node, r] = [Math.floor(at / resources.length), at % resources.length];
    const loads = tasks.map((_, t) => [t * nodes.length + node, demandUnits[t * resources.length + r] ?? 0] as const);
    const room = coefficients.map((coefficient, k) => [first + k, coefficient] as const);
    polynomial.square(overloadCost, [...loads, ...room], -(capacityUnits[at] ?? 0));
  }
}

/** Units of demand on `[n, r]`. */
function loadsOf({ nodes, resources, demandUnits }: Problem, place: Int32Array): Float64Array {
  const loads = new Float64Array(nodes.length * resources.length);
  place.forEach((node, task) => {
    if (node < 0) return;
    for (let r = 0; r < resources.length; r++) {
      const at = node * resources.length + r;
      loads[at] = (loads[at] ?? 0) + (demandUnits[task * resources.length + r] ?? 0);
    }
  });
  return loads;
}

class Overload implements Tracked {
  readonly #resources: number;
  readonly #demand: Float64Array;
  readonly #cost: number;
  /** Load minus capacity of `[n, r]`, in units. */
  readonly #over: Float64Array;

  constructor({ resources, demandUnits, capacityUnits, overloadCost }: Problem) {
    this.#resources = resources.length;
    this.#demand = demandUnits;
    this.#cost = overloadCost;
    this.#over = capacityUnits.map((room) => -room);
  }

  change(task: number, from: number, to: number): number {
    let change = 0;
    for (let r = 0; r < this.#resources; r++) {
      const need = this.#demand[task * this.#resources + r] ?? 0;
      if (to >= 0) change += step(this.#over[to * this.#resources + r] ?? 0, need);
      if (from >= 0) change += step(this.#over[from * this.#resources + r] ?? 0, -need);
    }
    return change * this.#cost;
  }

  exchange(a: number, nodeA: number, b: number, nodeB: number): number {
    let change = 0;
    for (let r = 0; r < this.#resources; r++) {
      const more = (this.#demand[b * this.#resources + r] ?? 0) - (this.#demand[a * this.#resources + r] ?? 0);
      change += step(this.#over[nodeA * this.#resources + r] ?? 0, more);
      change += step(this.#over[nodeB * this.#resources + r] ?? 0, -more);
    }
    return change * this.#cost;
  }

  move(task: number, from: number, to: number): void {
    for (let r = 0; r < this.#resources; r++) {
      const need = this.#demand[task * this.#resources + r] ?? 0;
      if (to >= 0) this.#over[to * this.#resources + r] = (this.#over[to * this.#resources + r] ?? 0) + need;
      if (from >= 0) this.#over[from * this.#resources + r] = (this.#over[from * this.#resources + r] ?? 0) - need;
    }
  }
}

/** Change of the square of what is above 0. */
function step(before: number, need: number): number {
  const after = before + need;
  return (after > 0 ? after * after : 0) - (before > 0 ? before * before : 0);
}
