import type { Problem } from "./compile.ts";
import type { Shortage } from "./result.ts";

/** Shortages that no placement can avoid: a task larger than every node, or all tasks larger than all nodes. */
export function impossible(problem: Problem): readonly Shortage[] {
  const { tasks, nodes, resources, demand, capacity, totalDemand, totalCapacity } = problem;
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

/** What is missing on which node of a placement. */
export function shortagesOf(problem: Problem, place: Int32Array): readonly Shortage[] {
  const { nodes, resources, demand, capacity, demandUnits, capacityUnits } = problem;
  const [loads, units] = [new Float64Array(capacity.length), new Float64Array(capacity.length)];
  place.forEach((node, task) => {
    for (let r = 0; r < resources.length; r++) {
      const at = node * resources.length + r;
      loads[at] = (loads[at] ?? 0) + (demand[task * resources.length + r] ?? 0);
      units[at] = (units[at] ?? 0) + (demandUnits[task * resources.length + r] ?? 0);
    }
  });
  return nodes.flatMap((node, n) =>
    resources.flatMap((resource, r): Shortage[] => {
      const at = n * resources.length + r;
      if ((units[at] ?? 0) <= (capacityUnits[at] ?? 0)) return [];
      return [{ resource, node, ...gap(loads[at] ?? 0, capacity[at] ?? 0) }];
    }),
  );
}

/** Needed, available and missing, without the noise of adding decimals. */
function gap(needed: number, available: number): Pick<Shortage, "needed" | "available" | "missing"> {
  return { needed: clean(needed), available: clean(available), missing: clean(Math.max(0, needed - available)) };
}

function clean(value: number): number {
  return Number(value.toPrecision(12));
}
