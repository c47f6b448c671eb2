/**
 * Makes a failing run small: its schedule, faults, clients and randomness together.
 */
import type { FailedRun, Scenario } from "../scenario/scenario.ts";
import { expectingSame } from "../scenario/repetition.ts";
import { replaying, type RunProgress } from "../scenario/simulating.ts";
import { smaller } from "./shrink-passes.ts";
import { ShrinkSearch } from "./shrink-search.ts";
import { toEnd } from "./to-end.ts";

/** Default of the number of runs spent on shrinking. */
export const SHRINK_RUNS_MAX = 1_000;

/** Options of {@link shrinking}. */
export interface ShrinkingOptions {
  /** Most runs to try. @defaultValue {@link SHRINK_RUNS_MAX} */
  readonly runsMax?: number;
}

/** Options of {@link shrink}. */
export interface ShrinkOptions extends ShrinkingOptions {
  /** Called after each run, and within long ones. Returning false ends the search with the smallest run so far. */
  readonly onProgress?: (progress: ShrinkProgress) => boolean | void;
}

/** Progress of shrinking. */
export interface ShrinkProgress {
  /** The smallest run so far that fails in the same way. */
  readonly smallest: FailedRun;
  /** Number of runs tried. */
  readonly runs: number;
  /** Most runs that may be tried. */
  readonly runsMax: number;
  /** Settles when the promises of async programs are at rest. Await it before the next step; {@link inTurns} does. */
  readonly rest?: Promise<void>;
}

/** The result of {@link shrink}. */
export interface Shrunk {
  /** The smallest run that fails in the same way; its `plan` repeats it. */
  readonly run: FailedRun;
  /** Number of runs it took. */
  readonly runs: number;
  /**
   * True if nothing is left to try: none of the run's faults, decisions, forks and operations can be left out on its
   * own such that a smaller run fails in the same way. False if the search was stopped, or if `runsMax` runs were used
   * up.
   */
  readonly isMinimal: boolean;
}

/**
 * Searches for the smallest run of a scenario that fails in the same way as a given one. It leaves out faults,
 * decisions, operations and kinds of randomness, shortens the rest, and tries other seeds and other faults. The
 * smallest run has the fewest events, where a fault counts as ten events, and a decision, a fork or an operation as
 * five. The search is deterministic, and each failing run was actually run.
 *
 * Two failures are the same if they have the same kind and name. A failed check counts by its name. An error of a node
 * counts by its code or name, and by the place that created it. Faults stay within the budget of the scenario. Without
 * a budget, the failed run sets the limits: no fault begins earlier, lasts longer, or takes more nodes down.
 *
 * The search runs without a pause. {@link shrinking} can be stepped.
 *
 * @throws `NotAFunctionOfItsSeedError` when the smallest run does not repeat.
 * @example
 * ```ts
 * import { type Scenario, shrink, simulate } from "@void-system/simulation";
 *
 * // A restart of b is a failure.
 * const scenario: Scenario = () => {
 *   let starts = 0;
 *   return {
 *     nodes: { a: () => undefined, b: () => { starts += 1; } },
 *     faults: { kinds: ["crash", "pause", "block"], untilMs: 20_000 },
 *     check: { always: { "b starts once": () => { if (starts > 1) throw new Error("again"); } } },
 *   };
 * };
 * const failed = simulate({ ...scenario(), seed: 1 });
 * if (failed.ok) throw new Error("expected a failure");
 * failed.plan.faults.length > 5; // => true
 * const { plan, failure } = shrink(scenario, failed).run;
 * plan.faults.map(({ kind }) => kind); // => ["crash"]
 * failure.name; // => "b starts once"
 * ```
 */
export function shrink<A = unknown>(scenario: Scenario<A>, failed: FailedRun, options: ShrinkOptions = {}): Shrunk {
  return toEnd(shrinking(scenario, failed, options), options.onProgress);
}

/**
 * Does the work of {@link shrink} step by step. It yields after each run, and within long ones, so that other work can
 * have its turn. `next(false)` ends the search with the smallest run so far.
 *
 * @throws `NotAFunctionOfItsSeedError` when the smallest run does not repeat.
 * @example
 * ```ts
 * import { type Scenario, shrinking, simulate } from "@void-system/simulation";
 *
 * const scenario: Scenario = () => ({
 *   nodes: { a: ({ clock }, { check }) => { clock.schedule(50, () => check("it is early", false)); } },
 *   faults: { kinds: ["clock-jump"] },
 * });
 * const failed = simulate({ ...scenario(), seed: 1 });
 * if (failed.ok) throw new Error("expected a failure");
 * const steps = shrinking(scenario, failed);
 * let step = steps.next();
 * // Enough after ten runs.
 * while (!step.done) step = steps.next(step.value.runs < 10);
 * step.value.run.plan.faults; // => []
 * step.value.runs <= 10; // => true
 * ```
 */
export function* shrinking<A = unknown>(
  scenario: Scenario<A>,
  failed: FailedRun,
  { runsMax = SHRINK_RUNS_MAX }: ShrinkingOptions = {}
): Generator<ShrinkProgress, Shrunk, boolean | void> {
  const search = new ShrinkSearch(scenario, failed);
  const steps = smaller(search);
  let isMinimal = false;
  while (search.runs < runsMax) {
    const { done, value: rest } = steps.next();
    isMinimal = done === true;
    if (isMinimal) break;
    if ((yield { smallest: search.best, runs: search.runs, runsMax, ...(rest && { rest }) }) === false) break;
  }
  const { best, runs } = search;
  if (runs > 0)
    // Only promises need a pause: stopped work has ended.
    for (const { rest } of repeated(scenario, best)) if (rest) yield { smallest: best, runs, runsMax, rest };
  return { run: best, runs, isMinimal };
}

function* repeated<A>(scenario: Scenario<A>, run: FailedRun): Generator<RunProgress, void> {
  yield* expectingSame(scenario, run, yield* replaying(scenario, run.plan));
}
