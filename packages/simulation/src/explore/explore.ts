import { chartSvg } from "../chart/chart-svg.ts";
import { chartText } from "../chart/chart-text.ts";
import { type ChartOptions, sequenceChart, type SequenceChart } from "../chart/sequence-chart.ts";
import type { FailedRun, RunPlan, Scenario, SimulationResult } from "../scenario/scenario.ts";
import { SimulationUseError } from "../errors.ts";
import { exploreFields, exploringFields } from "./explore-fields.ts";
import type { Covers } from "../scenario/plan-shape.ts";
import { checked, object } from "../scenario/shape.ts";
import { type Exercise, ExerciseTally, NO_EXERCISE } from "./exercise.ts";
import { COMPARED_EVENTS_MAX, expectingSame } from "../scenario/repetition.ts";
import { runInSlices } from "../shrink/run-in-slices.ts";
import { ScenarioRun } from "../scenario/scenario-run.ts";
import { shrinking, type Shrunk } from "../shrink/shrink.ts";
import { repeating, type RunProgress } from "../scenario/simulating.ts";
import { withoutOurFrames } from "../own-frames.ts";
import { toEnd } from "../shrink/to-end.ts";

const exploringShape = object(exploringFields satisfies Covers<ExploringOptions>);
const exploreShape = object(exploreFields satisfies Covers<ExploreOptions>);

/** Default number of seeds. */
export const SEEDS_DEFAULT = 100;

/** Seeds to run, and limits on shrinking. */
export interface ExploringOptions {
  /** Number of seeds. @defaultValue {@link SEEDS_DEFAULT} */
  readonly seeds?: number;
  /** First seed. @defaultValue 0 */
  readonly firstSeed?: number;
  /** Most runs for making a failing run smaller; 0 skips this. @defaultValue 1_000 */
  readonly shrinkRunsMax?: number;
  /**
   * Accepts runs that tested nothing, which is right for a single seed that is repeated. @defaultValue false: see
   * `NothingTestedError`
   */
  readonly mayTestNothing?: boolean;
  /** Options of the chart. */
  readonly chart?: Omit<ChartOptions, "operations" | "failure">;
}

/** Options of {@link explore}. */
export interface ExploreOptions extends ExploringOptions {
  /**
   * Called after each run, and within long ones. Returning false ends the search, or the shrinking of a failure. A
   * failure found so far is returned in any case.
   */
  readonly onProgress?: (progress: ExploreProgress) => boolean | void;
}

/** Progress of an exploration. */
export interface ExploreProgress {
  /** Seed that ran last or runs now, or whose failure is being shrunk. */
  readonly seed: number;
  /** Number of seeds that ran to their end. */
  readonly seedsRun: number;
  /** Total number of seeds. */
  readonly seeds: number;
  /** Counts of the runs that came to their end. The last report of a passed exploration has the totals. */
  readonly exercised: Exercise;
  /** Number of events of that run so far, or of the smallest failing run. */
  readonly events: number;
  /** Number of runs spent on shrinking; undefined while no failure was found. */
  readonly shrinkRuns?: number;
  /** Settles when the promises of async programs are at rest. Await it before the next step; {@link inTurns} does. */
  readonly rest?: Promise<void>;
}

/** A failure and its smallest run. */
export interface Finding {
  /** Seed that failed. */
  readonly seed: number;
  /** Number of seeds that ran, including this one. */
  readonly seedsRun: number;
  /** Counts of these seeds. */
  readonly exercised: Exercise;
  /** The failing run as it was found. */
  readonly found: FailedRun;
  /** The smallest run that fails in the same way. */
  readonly smallest: FailedRun;
  /** Number of runs spent on shrinking. */
  readonly shrinkRuns: number;
  /** True if nothing was left to try. False if shrinking was stopped, or `shrinkRunsMax` runs were used up. */
  readonly isMinimal: boolean;
  /** The smallest run as a message sequence chart, as text. */
  readonly text: string;
  /** The same chart as a standalone SVG. */
  readonly svg: string;
}

/**
 * Runs a scenario from many seeds, and makes the first failure small. Returns undefined if all runs passed.
 *
 * The first seed runs twice, since a scenario that is not a function of its seed could not be replayed. A failing run and
 * its smallest version are repeated for the same reason before they are returned.
 *
 * Runs that all pass without having tested anything are an error: no operation had an outcome, no planned fault began, or
 * a node never started.
 *
 * The exploration runs without a pause. `onProgress` is called with its progress and may end it, after some time for
 * instance. Use {@link exploring} and {@link inTurns} to let other work have its turn.
 *
 * @throws `NotAFunctionOfItsSeedError` when a run and its repetition differ.
 * @throws `NothingTestedError` when all runs passed and tested nothing.
 * @throws `SimulationUseError` for an invalid scenario or invalid options.
 * @example
 * ```ts
 * import { peerId } from "@void-system/effects";
 * import { explore } from "@void-system/simulation";
 *
 * // A receiver that assumes that no frame arrives twice.
 * const finding = explore(() => {
 *   let received = 0;
 *   return {
 *     network: { duplicate: 0.1 },
 *     nodes: {
 *       a: ({ network }) => {
 *         network.onLink((peer) => { network.send(peer, new TextEncoder().encode("order")); });
 *       },
 *       b: ({ network }, { check }) => { network.onFrame(() => check("one order", ++received === 1)); },
 *     },
 *   };
 * });
 * finding?.smallest.failure.name; // => "one order"
 * finding !== undefined && finding.smallest.events <= 10; // => true
 * finding?.text.includes('b gets "order" from a (duplicate)'); // => true
 * ```
 */
export function explore<A = unknown>(scenario: Scenario<A>, options: ExploreOptions = {}): Finding | undefined {
  checked(exploreShape, options, SimulationUseError);
  const { onProgress, ...rest } = options;
  return toEnd(exploring(scenario, rest), onProgress);
}

/**
 * Does the work of {@link explore} step by step. It yields after each run, and within long ones. `next(false)` ends the
 * exploration, which then returns the failure found so far, if any.
 *
 * @throws `NotAFunctionOfItsSeedError` when a run and its repetition differ.
 * @throws `NothingTestedError` when all runs passed and tested nothing.
 * @throws `SimulationUseError` for an invalid scenario or invalid options.
 * @example
 * ```ts
 * import { exploring } from "@void-system/simulation";
 *
 * const steps = exploring(() => ({ nodes: { a: () => undefined } }), { seeds: 3 });
 * const seedsRun = [];
 * for (const progress of steps) seedsRun.push(progress.seedsRun);
 * seedsRun; // => [1, 2, 3]
 * ```
 */
export function* exploring<A = unknown>(
  scenario: Scenario<A>,
  options: ExploringOptions = {}
): Generator<ExploreProgress, Finding | undefined, boolean | void> {
  checked(exploringShape, options, SimulationUseError);
  const { seeds = SEEDS_DEFAULT, firstSeed = 0 } = options;
  if (typeof scenario !== "function")
    throw new SimulationUseError("a scenario: a function that makes the parts of a run", typeof scenario);
  const tally = new ExerciseTally();
  for (let at = 0; at < seeds; at += 1) {
    const seed = firstSeed + at;
    const before = { seed, seedsRun: at, seeds, exercised: tally.total };
    // The trace of the first run shows where its repetition parts.
    const control = at === 0 ? { tracedEventsMax: COMPARED_EVENTS_MAX } : {};
    const traced = yield* ran(new ScenarioRun(scenario(), seed, control), before);
    if (!traced) return undefined;
    let result = at === 0 ? { ...traced, trace: [] } : traced;
    tally.add(result);
    const progress = { ...before, seedsRun: at + 1, exercised: tally.total, events: result.events };
    if (at === 0 || !result.ok) {
      const repeats = result.ok ? {} : { repeats: result.failure.error };
      const again = yield* ran(new ScenarioRun(scenario(), seed, { ...control, ...repeats }), progress);
      if (!again) return result.ok ? undefined : yield* found(scenario, result, progress, options);
      yield* within(progress, expectingSame(scenario, traced, again));
      if (!result.ok && !again.ok) result = { ...result, failure: again.failure };
    }
    if (!result.ok) return yield* madeSmall(scenario, result, progress, options);
    if ((yield progress) === false) return undefined;
  }
  if (options.mayTestNothing !== true) tally.expectSomething(scenario());
  return undefined;
}

/** Runs one plan and makes its failure small. Returns undefined if the run passes. */
export function* reducing<A>(
  scenario: Scenario<A>,
  plan: RunPlan,
  options: ExploringOptions
): Generator<ExploreProgress, Finding | undefined, boolean | void> {
  const progress = { seed: plan.seed, seedsRun: 0, seeds: 1, exercised: NO_EXERCISE };
  const result = yield* ran(new ScenarioRun(scenario(), plan.seed, { plan }), progress);
  if (!result || result.ok) return undefined;
  const tally = new ExerciseTally();
  tally.add(result);
  const found = { ...progress, seedsRun: 1, exercised: tally.total, events: result.events };
  return yield* madeSmall(scenario, result, found, options);
}

type Seeds = Omit<ExploreProgress, "events" | "shrinkRuns">;

/** Runs to the end. Returns undefined if the run was stopped. */
function* ran<A>(
  run: ScenarioRun<A>,
  progress: Seeds
): Generator<ExploreProgress, SimulationResult | undefined, boolean | void> {
  const slices = runInSlices(run);
  for (;;) {
    const { done, value } = slices.next();
    if (done === true) return value;
    if ((yield { ...progress, events: run.events, ...(value && { rest: value }) }) === false) return undefined;
  }
}

/** Yields the progress of work on one run as progress of the exploration. */
function* within<R>(progress: ExploreProgress, work: Generator<RunProgress, R>): Generator<ExploreProgress, R, boolean | void> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    yield { ...progress, ...value };
  }
}

function* madeSmall<A>(
  scenario: Scenario<A>,
  failed: FailedRun,
  progress: ExploreProgress,
  options: ExploringOptions
): Generator<ExploreProgress, Finding, boolean | void> {
  const { shrinkRunsMax: runsMax } = options;
  if ((yield { ...progress, shrinkRuns: 0 }) === false) return yield* found(scenario, failed, progress, options);
  const steps = shrinking(scenario, failed, runsMax === undefined ? {} : { runsMax });
  let step = steps.next();
  while (step.done !== true) {
    const { smallest, runs: shrinkRuns, rest } = step.value;
    step = steps.next(yield { ...progress, events: smallest.events, shrinkRuns, ...(rest && { rest }) });
  }
  return yield* found(scenario, failed, progress, options, step.value);
}

function* found<A>(
  scenario: Scenario<A>,
  failed: FailedRun,
  progress: ExploreProgress,
  { chart }: ExploringOptions,
  shrunk: Shrunk = { run: failed, runs: 0, isMinimal: false }
): Generator<ExploreProgress, Finding, boolean | void> {
  const { seed, seedsRun, exercised } = progress;
  const { run, runs: shrinkRuns, isMinimal } = shrunk;
  const shown = { ...progress, shrinkRuns };
  const { result, chart: drawn } = yield* within(shown, charting(scenario, run.plan, chart, run.failure.error));
  yield* within(shown, expectingSame(scenario, run, result));
  // The repetition has found the place of the failure.
  const smallest = result.ok || run === failed ? run : { ...run, failure: result.failure };
  for (const { failure } of [failed, smallest]) withoutOurFrames(failure.error);
  const pictures = { text: chartText(drawn), svg: chartSvg(drawn) };
  return { seed, seedsRun, exercised, found: failed, smallest, shrinkRuns, isMinimal, ...pictures };
}

/** Runs a plan with its trace, and draws its chart. */
export function chartOf<A = unknown>(
  scenario: Scenario<A>,
  plan: RunPlan,
  options: Omit<ChartOptions, "operations" | "failure"> = {}
): Charted {
  return toEnd(charting(scenario, plan, options));
}

/** A run and its chart. */
export interface Charted {
  /** Result of the run, with its trace. */
  readonly result: SimulationResult;
  /** Chart of its events. */
  readonly chart: SequenceChart;
}

/** Does the work of {@link chartOf} step by step, for {@link inTurns}. Runs with async programs need it. */
export function* charting<A = unknown>(
  scenario: Scenario<A>,
  plan: RunPlan,
  options: Omit<ChartOptions, "operations" | "failure"> = {},
  repeats?: Error
): Generator<RunProgress, Charted> {
  const result = yield* repeating(() => ({ ...scenario(), trace: true }), plan, repeats);
  const failure = result.ok ? {} : { failure: result.failure.message };
  return { result, chart: sequenceChart(result.trace, { operations: result.history, ...options, ...failure }) };
}
