import { arraysOf } from "../compile/compile.ts";
import type { CompiledProblem } from "../compile/compile.ts";
import { quote } from "../errors.ts";
import type { SchedulingResult } from "../result.ts";
import { impossible } from "./shortages.ts";
import type { Problem } from "../compile/arrays.ts";

/** The smallest reason that was found for which there is no placement, or none was found. */
export interface Infeasibility {
  /** True if the reason alone proves that there is no placement. */
  readonly proved: boolean;
  /** The reason in words. */
  readonly reason: string;
  /** Advice for this reason. */
  readonly advice: string;
  /** Tasks that the reason is about. */
  readonly tasks: readonly string[];
}

/** Most tasks that a reason names. */
const NAMED_MAX = 5;
/** Most tasks from which a set of tasks that are all apart is grown. */
const CLIQUES_MAX = 200;

/**
 * Returns the smallest reason for which a result is not feasible: one task that fits on no node, more tasks that must be
 * apart than there are nodes, more tasks of over half a node than nodes, all tasks together, else what the result lacks.
 * Returns undefined for a feasible result.
 *
 * @example
 * ```ts
 * import { compile, solve, whyInfeasible } from "@void-system/ising-scheduler";
 * const ids = ["w", "x", "y", "z"];
 * const tasks = ids.map((id) => ({ id, demand: {}, antiAffinity: ids.filter((other) => other !== id) }));
 * const compiled = compile({ tasks, nodes: ["a", "b", "c"].map((id) => ({ id, capacity: {} })) });
 * whyInfeasible(compiled, solve(compiled))?.reason; // => '4 tasks must be apart ("w", "x", "y", "z"), 3 nodes'
 * ```
 */
export function whyInfeasible(compiled: CompiledProblem, result: SchedulingResult): Infeasibility | undefined {
  if (result.feasible) return undefined;
  const problem = arraysOf(compiled);
  return tooLarge(problem) ?? nowhereAllowed(problem) ?? tooManyApart(problem) ?? tooManyHalves(problem) ?? tooMuchInAll(problem) ?? lacking(problem, result);
}

/** One task that is larger than every node. */
function tooLarge(problem: Problem): Infeasibility | undefined {
  const short = impossible(problem).find(({ task }) => task !== undefined);
  if (short?.task === undefined) return undefined;
  const { task, resource, needed, available } = short;
  if (available === 0) {
    return { proved: true, reason: `no node has any ${quote(resource)}, ${quote(task)} needs ${needed}`, advice: `add a node with ${quote(resource)}, or check its name`, tasks: [task] };
  }
  const reason = `the largest node has ${available} ${quote(resource)}, ${quote(task)} needs ${needed}`;
  return { proved: true, reason, advice: "add a larger node, or make the task smaller: more nodes of the same size do not help", tasks: [task] };
}

/** One task that the rules of `/cluster` forbid on every node, even alone. */
function nowhereAllowed(problem: Problem): Infeasibility | undefined {
  const { more, tasks, nodes } = problem;
  const rule = more?.terms["eligibility"];
  if (!more || !rule) return undefined;
  const empty = new Int32Array(tasks.length).fill(-1);
  const tracked = rule.track(problem, empty);
  const at = tasks.findIndex((_, task) => !more.waiting?.may(task) && nodes.every((_node, node) => (tracked?.change(task, -1, node) ?? 0) > 0));
  const task = tasks[at];
  if (task === undefined) return undefined;
  const rules = new Set(nodes.flatMap((_, node) => more.forbids(problem, empty, at)(node)));
  return { proved: true, reason: `no node may have ${quote(task)}: it ${[...rules].slice(0, NAMED_MAX).join(", or ")}`, advice: "add such a node, or loosen the rules of the task", tasks: [task] };
}

/** More tasks that must all be apart than there are nodes: a clique, grown greedily from the tasks with most conflicts. */
function tooManyApart({ tasks, nodes, conflicts: { start, task: partner } }: Problem): Infeasibility | undefined {
  const degree = (task: number): number => (start[task + 1] ?? 0) - (start[task] ?? 0);
  const order = [...tasks.keys()].filter((task) => degree(task) >= nodes.length).sort((a, b) => degree(b) - degree(a) || a - b);
  for (const first of order.slice(0, CLIQUES_MAX)) {
    const apart = (task: number): ReadonlySet<number> => new Set(partner.subarray(start[task] ?? 0, start[task + 1] ?? 0));
    const clique = [first];
    let candidates = order.filter((task) => apart(first).has(task));
    while (candidates.length > 0 && clique.length <= nodes.length) {
      const [next = 0] = candidates;
      clique.push(next);
      const others = apart(next);
      candidates = candidates.filter((task) => others.has(task));
    }
    if (clique.length <= nodes.length) continue;
    const names = clique.sort((a, b) => a - b).map((task) => tasks[task] ?? "");
    const advice = `add ${names.length - nodes.length === 1 ? "a node" : "nodes"}, or let some of them share one: more capacity does not help`;
    return { proved: true, reason: `${names.length} tasks must be apart (${listed(names)}), ${nodes.length} nodes`, advice, tasks: names };
  }
  return undefined;
}

/** More tasks that need over half of the largest node than nodes that have so much. */
function tooManyHalves({ tasks, nodes, resources, demandUnits, capacityUnits, exact, rows, more }: Problem): Infeasibility | undefined {
  // Rounded units could make a half of less.
  if (rows || !exact) return undefined;
  for (const [r, resource] of resources.entries()) {
    const column = (values: Float64Array): number[] => [...values].filter((_, at) => at % resources.length === r);
    const half = Math.max(...column(capacityUnits)) / 2;
    const large = column(demandUnits).flatMap((need, task) => (need > half && !more?.waiting?.may(task) ? [tasks[task] ?? ""] : []));
    const room = column(capacityUnits).filter((has) => has > half).length;
    if (large.length <= room) continue;
    const names = large.slice(0, room + 1);
    const reason = `${names.length} tasks need more than half of the largest node's ${quote(resource)} each (${listed(names)}), ${room === nodes.length ? "" : "only "}${room} nodes have as much`;
    return { proved: true, reason, advice: "add a node of that size, or make these tasks smaller", tasks: names };
  }
  return undefined;
}

function tooMuchInAll(problem: Problem): Infeasibility | undefined {
  const short = impossible(problem).find(({ task }) => task === undefined);
  if (!short) return undefined;
  const { resource, needed, available, missing } = short;
  return { proved: true, reason: `all tasks need ${needed} ${quote(resource)}, all nodes have ${available}`, advice: `add ${missing} ${quote(resource)} or reduce demand`, tasks: [] };
}

/** Shortages of the best placement found. */
function lacking({ more }: Problem, { shortages, conflicts, proved, energy }: SchedulingResult): Infeasibility {
  const rules = Object.keys(more?.terms ?? {}).filter((name) => more?.terms[name as keyof typeof more.terms]?.hard && Reflect.get(energy, name) > 0);
  const parts = [
    ...shortages.map(({ resource, node, missing }) => (missing > 0 ? `${quote(resource)} lacks ${missing} on ${quote(node ?? "")}` : `${quote(resource)} has no room to spare for rounding on ${quote(node ?? "")}`)),
    ...conflicts.map(([a, b]) => `${quote(a)} and ${quote(b)} share a node`),
    ...rules.map((name) => `rules of ${name} are broken`),
  ];
  const reason = `the best placement found is short: ${listed(parts, (part) => part)}`;
  return { proved, reason, advice: proved ? "add capacity or reduce demand" : "search longer, or add capacity", tasks: [] };
}

function listed(names: readonly string[], shown: (name: string) => string = quote): string {
  const some = names.slice(0, NAMED_MAX).map(shown).join(", ");
  return names.length > NAMED_MAX ? `${some} and ${names.length - NAMED_MAX} more` : some;
}
