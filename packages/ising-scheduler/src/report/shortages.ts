import { rowOf } from "../compile/arrays.ts";
import type { Problem } from "../compile/arrays.ts";
import type { Shortage } from "../shortage.ts";

/** Shortages that no placement can avoid: a task larger than every node, or all tasks larger than all nodes. */
export function impossible(problem: Problem): readonly Shortage[] {
  const { tasks, nodes, resources, demand, capacity, totalDemand, totalCapacity, rows, more } = problem;
  // If demands depend on the node, or tasks may wait, no sum is a proof.
  if (rows || more?.waiting) return [];
  return resources.flatMap((resource, r): readonly Shortage[] => {
    let largest = 0;
    for (let n = 0; n < nodes.length; n++) largest = Math.max(largest, capacity[n * resources.length + r] ?? 0);
    const large = tasks.flatMap((task, t): Shortage[] => {
      const needed = demand[t * resources.length + r] ?? 0;
      return needed > largest ? [{ resource, task, ...gap(needed, largest) }] : [];
    });
    const [needed, available] = [totalDemand[r] ?? 0, totalCapacity[r] ?? 0];
    // The sums are rounded; only a clear excess is a proof.
    return needed > available * (1 + 1e-9) ? large.concat({ resource, ...gap(needed, available) }) : large;
  });
}

/** Shortages of a placement, node by node. */
export function shortagesOf(problem: Problem, place: Int32Array): readonly Shortage[] {
  const loads = new Loads(problem, place);
  return problem.nodes.flatMap((_, n) => loads.shortages(n));
}

/** Returns the capacity that a node would lack if only this task went there. */
export function shortagesIf(problem: Problem, place: Int32Array, task: number): (node: number) => readonly Shortage[] {
  const loads = new Loads(problem, place);
  return (node) => loads.shortages(node, place[task] === node ? undefined : task);
}

/** Demands on `[n, r]`, as they were given and in units. */
class Loads {
  readonly #problem: Problem;
  readonly #amounts: Float64Array;
  readonly #units: Float64Array;

  constructor(problem: Problem, place: Int32Array) {
    const { resources, capacity, demand, demandUnits } = problem;
    this.#problem = problem;
    [this.#amounts, this.#units] = [new Float64Array(capacity.length), new Float64Array(capacity.length)];
    place.forEach((node, task) => {
      const row = node < 0 ? 0 : rowOf(problem, task, node) * resources.length;
      for (let r = 0; r < resources.length && node >= 0; r++) {
        const at = node * resources.length + r;
        this.#amounts[at] = (this.#amounts[at] ?? 0) + (demand[row + r] ?? 0);
        this.#units[at] = (this.#units[at] ?? 0) + (demandUnits[row + r] ?? 0);
      }
    });
  }

  /** Resources that are short on a node, with one more task if there is one. */
  shortages(node: number, more?: number): readonly Shortage[] {
    const { nodes, resources, capacity, capacityUnits, demand, demandUnits } = this.#problem;
    return resources.flatMap((resource, r): Shortage[] => {
      const at = node * resources.length + r;
      const of = more === undefined ? 0 : rowOf(this.#problem, more, node) * resources.length + r;
      const units = (this.#units[at] ?? 0) + (more === undefined ? 0 : (demandUnits[of] ?? 0));
      if (units <= (capacityUnits[at] ?? 0)) return [];
      const amount = (this.#amounts[at] ?? 0) + (more === undefined ? 0 : (demand[of] ?? 0));
      return [{ resource, node: nodes[node] ?? "", ...gap(amount, capacity[at] ?? 0) }];
    });
  }
}

/** Needed, available and missing, without the noise of adding decimals. */
function gap(needed: number, available: number): Pick<Shortage, "needed" | "available" | "missing"> {
  return { needed: clean(needed), available: clean(available), missing: clean(Math.max(0, needed - available)) };
}

function clean(value: number): number {
  return Number(value.toPrecision(12));
}
