import { checkKeys, refuse } from "./check.ts";
import type { SchedulingProblem } from "../problem.ts";
import type { StartName } from "../starts/starts.ts";
import { bestFit } from "../starts/best-fit.ts";
import type { Start } from "../starts/start.ts";
import { tabulate } from "./tabulate.ts";
import type { Problem } from "./arrays.ts";

/** A problem that was checked and put in flat arrays, with a first complete placement: made once, solved many times. */
export interface CompiledProblem {
  /** Number of tasks. */
  readonly tasks: number;
  /** Number of nodes. */
  readonly nodes: number;
  /** Bytes of its arrays. */
  readonly bytes: number;
}

/** Arrays of a compiled problem and its first placement, as they go to a worker. */
export interface Held {
  readonly problem: Problem;
  readonly first: Int32Array;
  /** The start that made it. */
  readonly made: StartName;
}

const PROBLEM_KEYS: ReadonlySet<string> = new Set(
  ["tasks", "nodes", "links", "previous", "weights"] satisfies (keyof SchedulingProblem)[],
);

/** The arrays behind each handle. */
const compiledOnes = new WeakMap<CompiledProblem, Held>();

/**
 * Checks a problem once, and places every task a first time (best fit decreasing), so that each `solve` has a
 * complete placement from its first moment.
 *
 * @throws {@link InvalidProblemError} if it contradicts itself or is beyond a limit.
 * @example
 * ```ts
 * import { compile, solve } from "@void-system/ising-scheduler";
 * const tasks = [{ id: "x", demand: { cpu: 1 } }, { id: "y", demand: { cpu: 1 } }];
 * const nodes = [{ id: "a", capacity: { cpu: 2 } }, { id: "b", capacity: { cpu: 2 } }];
 * const compiled = compile({ tasks, nodes, links: [{ a: "x", b: "y", weight: 5 }] });
 * const { placement } = solve(compiled, { deadlineMs: 20 });
 * placement["x"] === placement["y"]; // => true
 * ```
 */
export function compile(problem: SchedulingProblem): CompiledProblem {
  checkKeys("problem", problem, PROBLEM_KEYS);
  return hold(tabulate(problem));
}

/** Makes the first placement of a problem, by best fit unless another start is given, and a handle of both. */
export function hold(problem: Problem, start: Start = bestFit, made: StartName = "bestFit"): CompiledProblem {
  const first = start(problem, () => false) ?? bestFit(problem, () => false) ?? new Int32Array(problem.tasks.length);
  const compiled = { tasks: problem.tasks.length, nodes: problem.nodes.length, bytes: bytesOf([first, problem]) };
  compiledOnes.set(compiled, { problem, first, made });
  return compiled;
}

/** Bytes of all arrays of numbers within a value. */
function bytesOf(value: unknown): number {
  if (ArrayBuffer.isView(value)) return value.byteLength;
  return typeof value === "object" && value !== null ? Object.values(value).reduce((sum: number, one) => sum + bytesOf(one), 0) : 0;
}

/** The arrays of a compiled problem. */
export function arraysOf(compiled: CompiledProblem): Problem {
  return heldBy(compiled).problem;
}

/** Arrays and first placement of a compiled problem. */
export function heldBy(compiled: CompiledProblem): Held {
  const held = compiledOnes.get(compiled);
  return held ?? refuse("the problem", "one from compile()", compiled);
}

/** Makes a handle of arrays that came from another thread. */
export function adopt(held: Held): CompiledProblem {
  const compiled = { tasks: held.problem.tasks.length, nodes: held.problem.nodes.length, bytes: 0 };
  compiledOnes.set(compiled, held);
  return compiled;
}
