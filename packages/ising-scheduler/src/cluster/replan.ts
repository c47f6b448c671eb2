import { arraysOf } from "../compile/compile.ts";
import { heldBy, adopt } from "../compile/compile.ts";
import type { CompiledProblem } from "../compile/compile.ts";
import { quote } from "../errors.ts";
import { explain } from "../report/explain.ts";
import { UNPLACED } from "../compile/partners.ts";
import { placeOf } from "../report/place.ts";
import type { Energy, SchedulingResult } from "../result.ts";
import { Run } from "../run.ts";
import type { SolveOptions } from "../run.ts";
import { previous } from "../starts/previous.ts";
import type { Problem } from "../compile/arrays.ts";
import type { Parts } from "./parts.ts";

/** A task that leaves its node. */
export interface Migration {
  /** The task. */
  readonly task: string;
  /** Node that it was on. */
  readonly from: string;
  /** Node that it goes to. */
  readonly to: string;
  /** Reason in words. */
  readonly reason: string;
}

/** A placement that keeps what runs where it runs, as far as that can be. */
export interface Replan extends SchedulingResult {
  /** Every task that leaves its node of `previous`, with the reason. */
  readonly migrations: readonly Migration[];
}

/**
 * Places tasks again after nodes were lost or added, or tasks have changed: compile the problem of now with the placement
 * of before as `previous`. What runs stays, tasks without a node go where they fit, and other tasks move only if that makes
 * room or saves more energy than the weight of a migration. Without `moves` and `deadlineMs` it takes the moves of single
 * tasks that save energy, and searches on only while something does not fit.
 *
 * @throws `InvalidProblemError` if an option is unknown or out of range.
 * @example
 * ```ts
 * import { compile, replan } from "@void-system/ising-scheduler/cluster";
 * const nodes = [{ id: "b", capacity: { cpu: 4 } }, { id: "c", capacity: { cpu: 4 } }];
 * const tasks = ["x", "y", "z"].map((id) => ({ id, demand: { cpu: 2 } }));
 * const previous = { x: "a", y: "b", z: "c" };
 * const { migrations } = replan(compile({ tasks, nodes, previous, maxMigrations: 0 }));
 * migrations; // => [{ task: "x", from: "a", to: "b", reason: '"a" is gone' }]
 * ```
 */
export function replan(compiled: CompiledProblem, options: SolveOptions = {}): Replan {
  const run = rerun(compiled, options);
  run.advance(Infinity);
  const result = run.result();
  return { ...result, migrations: migrationsOf(compiled, result.placement) };
}

/** The search of {@link replan}. */
export function rerun(compiled: CompiledProblem, options: SolveOptions): Run {
  const { problem, first } = heldBy(compiled);
  const kept = previous(problem, () => false);
  return new Run(adopt({ problem, first: kept ?? first, made: kept ? "previous" : "bestFit" }), options, true);
}

/** Every task that leaves its node of `previous`, with the reason. */
export function migrationsOf(compiled: CompiledProblem, placement: Readonly<Record<string, string>>): readonly Migration[] {
  const problem = arraysOf(compiled);
  const place = placeOf(problem, placement);
  // Only compile() of this entry makes parts.
  const gone = (problem.more?.parts as Parts | undefined)?.gone ?? {};
  return problem.tasks.flatMap((task, at): Migration[] => {
    const [home, node] = [problem.home[at] ?? UNPLACED, place[at] ?? UNPLACED];
    const lost = Object.hasOwn(gone, task) ? gone[task] : undefined;
    if (node === UNPLACED || node === home) return [];
    const to = problem.nodes[node] ?? "";
    if (lost !== undefined) return [{ task, from: lost, to, reason: `${quote(lost)} is gone` }];
    return home === UNPLACED ? [] : [{ task, from: problem.nodes[home] ?? "", to, reason: reasonOf(compiled, problem, place, placement, at) }];
  });
}

/** Reason for which a task does not stay. */
function reasonOf(compiled: CompiledProblem, { tasks, nodes, home }: Problem, place: Int32Array, placement: Readonly<Record<string, string>>, task: number): string {
  const from = nodes[home[task] ?? 0] ?? "";
  const back = explain(compiled, placement, tasks[task] ?? "").alternatives.find(({ node }) => node === from);
  const came = [...place.keys()].filter((other) => place[other] === home[task] && home[other] !== home[task]).map((other) => quote(tasks[other] ?? ""));
  const blocked = [
    ...(back?.forbidden ?? []),
    ...(back?.conflicts ?? []).map((other) => `must be apart from ${quote(other)}`),
    ...(back?.shortages ?? []).map(({ missing, resource }) => `lacks ${missing} ${quote(resource)}`),
  ];
  if (blocked.length === 0) return `saves ${savings(back?.delta)}`;
  return came.length > 0 ? `makes room on ${quote(from)} for ${came.join(", ")}: there it ${blocked.join(", ")}` : `cannot stay on ${quote(from)}: ${blocked.join(", ")}`;
}

/** The energy that going back would cost, by term. */
function savings(delta: Energy | undefined): string {
  const { total = 0, ...terms } = delta ?? {};
  const parts = Object.entries(terms).filter(([, change]) => change !== 0).map(([name, change]) => `${name} ${short(-change)}`);
  return `${short(total)} of energy (${parts.join(", ")})`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)));
}
