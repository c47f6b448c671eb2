import type { Problem } from "../compile/arrays.ts";
import { UTILISATION_UNITS } from "../compile/fixed-point.ts";
import type { Polynomial } from "../qubo/polynomial.ts";
import type { Term, Tracked } from "../compile/arrays.ts";

/** Unevenness: (utilisation - mean utilisation)², by node and resource. */
export const balance: Term = {
  hard: false,
  track: (problem) => (problem.balanceCost === 0 || problem.resources.length === 0 ? undefined : new Balance(problem)),
  of(problem, place) {
    const { nodes, resources, mean, capacity, balanceCost } = problem;
    const used = new Float64Array(nodes.length * resources.length);
    place.forEach((node, task) => {
      for (let r = 0; r < resources.length && node >= 0; r++) {
        const at = node * resources.length + r;
        used[at] = (used[at] ?? 0) + utilisation(problem, task, node, r);
      }
    });
    let sum = 0;
    for (let at = 0; at < used.length; at++) {
      // A node that has nothing of a resource is not uneven in it.
      if ((capacity[at] ?? 0) > 0) sum += ((used[at] ?? 0) - (mean[at % resources.length] ?? 0)) ** 2;
    }
    return sum * balanceCost;
  },
};

/** Adds the term to a polynomial of the variables `task on node`. */
export function expandBalance(problem: Problem, polynomial: Polynomial): void {
  const { tasks, nodes, resources, mean, capacity, balanceCost } = problem;
  for (let at = 0; at < nodes.length * resources.length; at++) {
    if ((capacity[at] ?? 0) === 0) continue;
    const [node, r] = [Math.floor(at / resources.length), at % resources.length];
    const used = tasks.map((_, t) => [t * nodes.length + node, utilisation(problem, t, node, r)] as const);
    polynomial.square(balanceCost, used, -(mean[r] ?? 0));
  }
}

/**
 * Returns the utilisation that a task adds to a node, in whole units. Computed where it is needed: as a table it would be the
 * largest array of the search. More than the node has is an overload, which has its own term: here it is a full node.
 */
function utilisation({ resources, demand, utilisationScale }: Problem, task: number, node: number, r: number): number {
  return part((demand[task * resources.length + r] ?? 0) * (utilisationScale[node * resources.length + r] ?? 0));
}

function part(used: number): number {
  return used >= UTILISATION_UNITS ? UTILISATION_UNITS : Math.trunc(used + 0.5);
}

class Balance implements Tracked {
  readonly #resources: number;
  readonly #demand: Float64Array;
  readonly #scale: Float64Array;
  readonly #cost: number;
  /** Twice the utilisation minus the mean of `[n, r]`. */
  readonly #off: Float64Array;

  constructor({ nodes, resources, demand, utilisationScale, mean, balanceCost }: Problem) {
    this.#resources = resources.length;
    this.#demand = demand;
    this.#scale = utilisationScale;
    this.#cost = balanceCost;
    this.#off = Float64Array.from({ length: nodes.length * resources.length }, (_, at) => -2 * (mean[at % resources.length] ?? 0));
  }

  change(task: number, from: number, to: number): number {
    let change = 0;
    for (let r = 0; r < this.#resources; r++) {
      const need = this.#demand[task * this.#resources + r] ?? 0;
      if (to >= 0) {
        const at = to * this.#resources + r;
        const more = part(need * (this.#scale[at] ?? 0));
        change += more * ((this.#off[at] ?? 0) + more);
      }
      if (from >= 0) {
        const at = from * this.#resources + r;
        const less = part(need * (this.#scale[at] ?? 0));
        change -= less * ((this.#off[at] ?? 0) - less);
      }
    }
    return change * this.#cost;
  }

  exchange(a: number, nodeA: number, b: number, nodeB: number): number {
    let change = 0;
    for (let r = 0; r < this.#resources; r++) {
      const needA = this.#demand[a * this.#resources + r] ?? 0;
      const needB = this.#demand[b * this.#resources + r] ?? 0;
      change += this.#replace(nodeA * this.#resources + r, needA, needB) + this.#replace(nodeB * this.#resources + r, needB, needA);
    }
    return change * this.#cost;
  }

  move(task: number, from: number, to: number): void {
    for (let r = 0; r < this.#resources; r++) {
      const need = this.#demand[task * this.#resources + r] ?? 0;
      if (to >= 0) this.#add(to * this.#resources + r, need, 2);
      if (from >= 0) this.#add(from * this.#resources + r, need, -2);
    }
  }

  /** Change if one demand took the place of another. */
  #replace(at: number, gone: number, come: number): number {
    const scale = this.#scale[at] ?? 0;
    const more = part(come * scale) - part(gone * scale);
    return more * ((this.#off[at] ?? 0) + more);
  }

  #add(at: number, need: number, sign: number): void {
    this.#off[at] = (this.#off[at] ?? 0) + sign * part(need * (this.#scale[at] ?? 0));
  }
}
