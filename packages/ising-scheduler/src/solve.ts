import type { CompiledProblem } from "./compile/compile.ts";
import type { SchedulingResult } from "./result.ts";
import { Run } from "./run.ts";
import type { SolveOptions } from "./run.ts";

/** Milliseconds that {@link anytime} keeps the thread before others get their turn. */
const TURN_MS = 4;

/**
 * Searches for a placement of low energy until its moves or its time are used up, and returns the best.
 *
 * A number of moves gives the same placement everywhere. A deadline does not, so `replay` of the result has the seed and
 * the moves that give its placement again.
 *
 * @throws {@link InvalidProblemError} if an option is unknown or out of range.
 * @example
 * ```ts
 * import { compile, solve } from "@void-system/ising-scheduler";
 * const tasks = Array.from({ length: 20 }, (_, at) => ({ id: `t${at}`, demand: { cpu: 1 + (at % 3) } }));
 * const nodes = Array.from({ length: 4 }, (_, at) => ({ id: `n${at}`, capacity: { cpu: 14 } }));
 * const compiled = compile({ tasks, nodes });
 * const quick = solve(compiled, { deadlineMs: 2 });
 * const again = solve(compiled, quick.replay);
 * again.energy.total === quick.energy.total; // => true
 * ```
 */
export function solve(compiled: CompiledProblem, options: SolveOptions = {}): SchedulingResult {
  const run = new Run(compiled, options);
  run.advance(Infinity);
  return run.result();
}

/**
 * Searches as {@link solve} does, and gives other work its turn every few milliseconds. Yields the first placement and
 * each better one. The search ends when its moves or its time are used up, when it is aborted, or when the loop is left.
 *
 * @throws {@link InvalidProblemError} if an option is unknown or out of range.
 * @example
 * ```ts
 * import { anytime, compile } from "@void-system/ising-scheduler";
 * const tasks = Array.from({ length: 20 }, (_, at) => ({ id: `t${at}`, demand: { cpu: 1 + (at % 3) } }));
 * const nodes = Array.from({ length: 4 }, (_, at) => ({ id: `n${at}`, capacity: { cpu: 14 } }));
 * let energy = Infinity;
 * for await (const better of anytime(compile({ tasks, nodes }), { moves: 20_000 })) energy = better.energy.total;
 * energy < 0.1; // => true
 * ```
 */
export async function* anytime(compiled: CompiledProblem, options: SolveOptions = {}): AsyncGenerator<SchedulingResult, void> {
  const run = new Run(compiled, options);
  let shown: number | undefined;
  for (;;) {
    run.advance(TURN_MS);
    if (run.trace.length !== shown) yield run.result();
    shown = run.trace.length;
    if (run.stopped) return;
    await new Promise((resolve) => setTimeout(resolve));
  }
}

/** Searches as {@link solve} does, and gives other work its turn every few milliseconds. */
export async function solveInTurns(compiled: CompiledProblem, options: SolveOptions): Promise<SchedulingResult> {
  const run = new Run(compiled, options);
  for (run.advance(TURN_MS); !run.stopped; run.advance(TURN_MS)) await new Promise((resolve) => setTimeout(resolve));
  return run.result();
}
