import { byTerm } from "./assignment.ts";
import { UNPLACED } from "./partners.ts";
import { inUnits } from "./report.ts";
import type { Alternative, TaskExplanation } from "./result.ts";
import { shortagesIf } from "./shortages.ts";
import type { Problem } from "./tabulate.ts";
import { TERMS } from "./terms/terms.ts";

/** Every node for one task, with all others left where they are; what is not blocked first, then by energy. */
export function explainTask(problem: Problem, place: Int32Array, task: number): TaskExplanation {
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
