import { arraysOf } from "../compile/compile.ts";
import type { CompiledProblem } from "../compile/compile.ts";
import { whyInfeasible } from "./infeasible.ts";
import { UNPLACED } from "../compile/partners.ts";
import { placeOf } from "./place.ts";
import type { SchedulingResult, StopReason } from "../result.ts";
import { rowOf } from "../compile/arrays.ts";

/** Words for the end of a search. */
const ENDINGS: Readonly<Record<StopReason, string>> = {
  proved: "All placements were tried",
  moves: "The search ended",
  deadline: "The search met its deadline",
  abort: "The search was aborted",
};
/** Most tasks that wait of which a text has a line. */
const LINES_MAX = 20;

/**
 * Explains a result as text: whether it fits and is proved, its energy by term, the simple rules beside it, the load of each
 * node, and the tasks that wait with their reasons.
 *
 * @example
 * ```ts
 * import { compile, explainResult, solve } from "@void-system/ising-scheduler";
 * const compiled = compile({ tasks: [{ id: "x", demand: { cpu: 1 } }], nodes: [{ id: "a", capacity: { cpu: 4 } }] });
 * explainResult(compiled, solve(compiled)).split("\n")[0]; // => "Every task is placed, and no placement has less energy."
 * ```
 */
export function explainResult(compiled: CompiledProblem, result: SchedulingResult): string {
  const { energy, starts, unplaced = [], moves, stopped } = result;
  const why = whyInfeasible(compiled, result);
  const { total, ...terms } = energy;
  const parts = Object.entries(terms).filter(([, value]) => value !== 0).map(([name, value]) => `${name} ${short(value)}`);
  const others = starts.map(({ name, feasible, energy: value }) => `${name} ${feasible ? short(value) : "does not fit"}`);
  return [
    why ? `${why.proved ? "There is no placement" : "No placement was found"}: ${why.reason}. To do: ${why.advice}.` : verdict(result),
    `Energy ${short(total)}${parts.length > 0 ? `: ${parts.join(", ")}` : ""}.`,
    `${ENDINGS[stopped]} after ${moves} ${moves === 1 ? "move" : "moves"}. Simple rules: ${others.join(", ")}.`,
    ...loadTable(compiled, result),
    ...unplaced.slice(0, LINES_MAX).map(({ task, priority, reason }) => `${task} (priority ${priority}) waits: ${reason}.`),
    ...(unplaced.length > LINES_MAX ? [`${unplaced.length - LINES_MAX} more tasks wait.`] : []),
  ].join("\n");
}

function verdict({ unplaced = [], proved }: SchedulingResult): string {
  const count = unplaced.length === 0 ? "Every task is placed" : `All tasks but ${unplaced.length} are placed`;
  return `${count}, ${proved ? "and no placement has less energy" : "and a longer search may find less energy"}.`;
}

/** The load of each node by resource as a table, a line a node. */
function loadTable(compiled: CompiledProblem, { placement }: SchedulingResult): readonly string[] {
  const problem = arraysOf(compiled);
  const { tasks, nodes, resources, demand, capacity } = problem;
  const place = placeOf(problem, placement);
  const used = new Float64Array(capacity.length);
  const counts = new Int32Array(nodes.length);
  tasks.forEach((_, task) => {
    const node = place[task] ?? UNPLACED;
    if (node === UNPLACED) return;
    counts[node] = (counts[node] ?? 0) + 1;
    resources.forEach((_resource, r) => {
      const at = node * resources.length + r;
      used[at] = (used[at] ?? 0) + (demand[rowOf(problem, task, node) * resources.length + r] ?? 0);
    });
  });
  const rows = nodes.map((name, node) => [
    name,
    String(counts[node]),
    ...resources.map((_, r) => {
      const [load, has] = [used[node * resources.length + r] ?? 0, capacity[node * resources.length + r] ?? 0];
      return has === 0 && load === 0 ? "-" : `${short(load)}/${short(has)}${has > 0 ? ` ${Math.round((100 * load) / has)}%` : ""}`;
    }),
  ]);
  const table = [["node", "tasks", ...resources], ...rows];
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => (row[column] ?? "").length)));
  return table.map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))).join("  "));
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}
