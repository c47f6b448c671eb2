import { arraysOf } from "../compile/compile.ts";
import type { CompiledProblem } from "../compile/compile.ts";
import { UnknownNameError } from "../errors.ts";
import { UNPLACED } from "../compile/partners.ts";
import { placeOf, positionOf } from "./place.ts";
import { inUnits } from "./report.ts";
import type { Alternative, TaskExplanation } from "../result.ts";
import { shortagesIf } from "./shortages.ts";
import type { EnergyQuanta } from "../search/assignment.ts";
import type { Problem } from "../compile/arrays.ts";
import { termsOf } from "../terms/terms.ts";

/**
 * Why a task is where it is: for each node, what would change if only this task went there, and what forbids it. What is
 * not blocked comes first, then by energy.
 *
 * @throws {@link UnknownNameError} if there is no such task.
 * @throws {@link InvalidProblemError} if the placement leaves out a task.
 * @example
 * ```ts
 * import { compile, explain, solve } from "@void-system/ising-scheduler";
 * const nodes = [{ id: "a", capacity: { cpu: 4 } }, { id: "b", capacity: { cpu: 1 } }];
 * const compiled = compile({ tasks: [{ id: "x", demand: { cpu: 2 } }], nodes });
 * const { alternatives } = explain(compiled, solve(compiled).placement, "x");
 * alternatives[1]?.shortages; // => [{ resource: "cpu", node: "b", needed: 2, available: 1, missing: 1 }]
 * ```
 */
export function explain(compiled: CompiledProblem, placement: Readonly<Record<string, string>>, taskId: string): TaskExplanation {
  const problem = arraysOf(compiled);
  const task = positionOf(problem.tasks, taskId);
  if (task === undefined) throw new UnknownNameError("task", taskId);
  return explainTask(problem, placeOf(problem, placement), task);
}

function explainTask(problem: Problem, place: Int32Array, task: number): TaskExplanation {
  const { tasks, nodes } = problem;
  const tracked = termsOf(problem).map(([name, term]) => {
    const copy = new Int32Array(place.length).fill(UNPLACED);
    const followed = term.track(problem, copy);
    place.forEach((node, at) => {
      if (node !== UNPLACED) followed?.move(at, UNPLACED, node);
      copy[at] = node;
    });
    return [name, followed] as const;
  });
  const from = place[task] ?? UNPLACED;
  const shortages = shortagesIf(problem, place, task);
  const { start, task: partners } = problem.conflicts;
  const apart = [...partners.subarray(start[task], start[task + 1])];
  const forbidden = problem.more?.forbids(problem, place, task);
  const alternatives = nodes.map((node, to): Alternative => {
    const change = tracked.map(([name, term]) => [name, to === from ? 0 : (term?.change(task, from, to) ?? 0)]);
    return {
      node,
      delta: inUnits(Object.fromEntries(change) as EnergyQuanta), // Every term is among them.
      shortages: shortages(to),
      conflicts: apart.filter((other) => place[other] === to).map((other) => tasks[other] ?? ""),
      ...(forbidden && { forbidden: forbidden(to) }),
    };
  });
  alternatives.sort((a, b) => blocked(a) - blocked(b) || a.delta.total - b.delta.total);
  return { task: tasks[task] ?? "", node: nodes[from] ?? "", alternatives };
}

function blocked({ shortages, conflicts, forbidden = [] }: Alternative): number {
  return Number(shortages.length + conflicts.length + forbidden.length > 0);
}
