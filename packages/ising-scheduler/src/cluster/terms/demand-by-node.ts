import { UTILISATION_UNITS } from "../../compile/fixed-point.ts";
import { rowOf } from "../../compile/arrays.ts";
import type { Problem } from "../../compile/arrays.ts";
import type { Term, Tracked } from "../../compile/arrays.ts";

/** Overload, where what a task needs depends on the node. */
export const overloadByNode: Term = byLoad(
  true,
  ({ demandUnits }, row) => demandUnits[row] ?? 0,
  ({ capacityUnits, overloadCost }, at, load) => Math.max(0, load - (capacityUnits[at] ?? 0)) ** 2 * overloadCost,
);

/** Unevenness, where what a task needs depends on the node. */
export const balanceByNode: Term = byLoad(
  false,
  ({ demand, utilisationScale }, row, at) => {
    const used = (demand[row] ?? 0) * (utilisationScale[at] ?? 0);
    return used >= UTILISATION_UNITS ? UTILISATION_UNITS : Math.trunc(used + 0.5);
  },
  ({ capacity, resources, mean, balanceCost }, at, load) => ((capacity[at] ?? 0) > 0 ? (load - (mean[at % resources.length] ?? 0)) ** 2 * balanceCost : 0),
);

/** The sum of costs of the loads of nodes. `[n, r]` is at `n * resources + r`. */
function byLoad(
  hard: boolean,
  need: (problem: Problem, row: number, at: number) => number,
  cost: (problem: Problem, at: number, load: number) => number,
): Term {
  return {
    hard,
    of(problem, place) {
      const { loads, add } = loadsOf(problem, need);
      place.forEach((node, task) => add(task, node, 1));
      return loads.reduce((sum, load, at) => sum + cost(problem, at, load), 0);
    },
    track(problem): Tracked {
      const { loads, add } = loadsOf(problem, need);
      const resources = problem.resources.length;
      const nodeCost = (node: number): number => {
        let sum = 0;
        for (let at = node * resources; at < (node + 1) * resources && node >= 0; at++) sum += cost(problem, at, loads[at] ?? 0);
        return sum;
      };
      const change = (nodes: readonly [number, number], make: (sign: 1 | -1) => void): number => {
        const before = nodeCost(nodes[0]) + nodeCost(nodes[1]);
        make(1);
        const after = nodeCost(nodes[0]) + nodeCost(nodes[1]);
        make(-1);
        return after - before;
      };
      const move = (task: number, from: number, to: number, sign: 1 | -1 = 1): void => {
        add(task, to, sign);
        add(task, from, sign === 1 ? -1 : 1);
      };
      return {
        change: (task, from, to) => change([from, to], (sign) => move(task, from, to, sign)),
        exchange: (a, nodeA, b, nodeB) =>
          change([nodeA, nodeB], (sign) => {
            move(a, nodeA, nodeB, sign);
            move(b, nodeB, nodeA, sign);
          }),
        move,
      };
    },
  };
}

function loadsOf(
  problem: Problem,
  need: (problem: Problem, row: number, at: number) => number,
): { readonly loads: Float64Array; readonly add: (task: number, node: number, sign: 1 | -1) => void } {
  const resources = problem.resources.length;
  const loads = new Float64Array(problem.nodes.length * resources);
  const add = (task: number, node: number, sign: 1 | -1): void => {
    const row = node < 0 ? 0 : rowOf(problem, task, node) * resources;
    for (let r = 0, at = node * resources; r < resources && node >= 0; r++, at++) loads[at] = (loads[at] ?? 0) + sign * need(problem, row + r, at);
  };
  return { loads, add };
}
