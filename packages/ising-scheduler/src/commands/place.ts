import { compile, migrationsOf } from "../cluster/index.ts";
import type { ClusterProblem, Migration } from "../cluster/index.ts";
import { rerun } from "../cluster/replan.ts";
import { explainResult } from "../report/explain-result.ts";
import { Run } from "../run.ts";
import { toSvg } from "../svg.ts";

/** Exit code of a command whose problem has no placement, or none was found. */
export const EXIT_INFEASIBLE = 3;

/** Limits of a search, as commands take them. */
export interface CommandOptions {
  /** Milliseconds of the search. */
  readonly deadlineMs?: number;
  /** Moves of the search. */
  readonly moves?: number;
  /** Seed of the search. */
  readonly seed?: number;
}

/** Output of a command, and its exit code. */
export interface Answer {
  /** Text for people. */
  readonly text: string;
  /** The same for programs. */
  readonly json: object;
  /** Placement as an SVG image. */
  readonly svg: string;
  /** 0, or 3 if the problem has no placement. */
  readonly code: number;
}

/**
 * Places all tasks. Those that ran before stay as far as that can be, and every move has its reason.
 *
 * @throws `InvalidProblemError` if the problem or an option is wrong.
 * @example
 * ```ts
 * import { placeCommand } from "@void-system/ising-scheduler/commands";
 * const { code, json } = placeCommand({ tasks: [{ id: "x", demand: { cpu: 1 } }], nodes: [{ id: "a", capacity: { cpu: 4 } }] });
 * [code, "placement" in json]; // => [0, true]
 * ```
 */
export function placeCommand(problem: ClusterProblem, options: CommandOptions = {}): Answer {
  const { previous } = problem;
  const compiled = compile(problem);
  const run = previous && Object.keys(previous).length > 0 ? rerun(compiled, options) : new Run(compiled, options);
  run.advance(Infinity);
  const result = run.result();
  const migrations = migrationsOf(compiled, result.placement);
  const lines = [explainResult(compiled, result), ...moved(migrations, previous !== undefined)];
  const svg = toSvg(compiled, result.placement, { trace: run.trace, ...(previous && { before: previous }) });
  return { text: `${lines.join("\n")}\n`, json: { ...result, migrations }, svg, code: result.feasible ? 0 : EXIT_INFEASIBLE };
}

function moved(migrations: readonly Migration[], wasPlaced: boolean): readonly string[] {
  if (migrations.length === 0) return wasPlaced ? ["No task moves."] : [];
  return [`${migrations.length} tasks move:`, ...migrations.map(({ task, from, to, reason }) => `  ${task}: ${from} -> ${to}, since ${reason}`)];
}
