import { byTerm } from "./search/assignment.ts";
import { arraysOf } from "./compile.ts";
import type { CompiledProblem } from "./compile.ts";
import { UnknownNameError } from "./errors.ts";
import { UNPLACED } from "./partners.ts";
import { placeOf, positionOf } from "./place.ts";
import { inUnits } from "./report.ts";
import type { Alternative, TaskExplanation } from "./result.ts";
import { shortagesIf } from "./shortages.ts";
import type { Problem } from "./tabulate.ts";
import { TERMS } from "./terms/terms.ts";

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
  const tracked = byTerm((name) => {
    const copy = new Int32Array(place.length).fill(UNPLACED);
    const term = TERMS[name].track(problem, copy);
    place.forEach((node, at) => {
      term?.move(at, UNPLACED, node);
      copy[at] = node;
    });
    return term;
  });
  const from = place[task] ?? UNPLACED;
  const shortages = shortagesIf(problem, place, task);
  const clashes = conflictsByNode(problem, place, task);
  const alternatives = nodes.map((node, to): Alternative => ({
    node,
    delta: inUnits(byTerm((name) => (to === from ? 0 : (tracked[name]?.change(task, from, to) ?? 0)))),
    shortages: shortages(to),
    conflicts: clashes.get(to) ?? [],
  }));
  alternatives.sort((a, b) => blocked(a) - blocked(b) || a.delta.total - b.delta.total);
  return { task: tasks[task] ?? "", node: nodes[from] ?? "", alternatives };
}

/** Tasks on each node that a task must be apart from. */
function conflictsByNode({ tasks, conflicts }: Problem, place: Int32Array, task: number): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>();
  for (let at = conflicts.start[task] ?? 0; at < (conflicts.start[task + 1] ?? 0); at++) {
    const other = conflicts.task[at] ?? 0;
    const node = place[other] ?? UNPLACED;
    found.set(node, [...(found.get(node) ?? []), tasks[other] ?? ""]);
  }
  return found;
}

function blocked({ shortages, conflicts }: Alternative): number {
  return Number(shortages.length + conflicts.length > 0);
}
