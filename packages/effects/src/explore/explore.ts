import { chartSvg } from "../chart/chart-svg.ts";
import { chartText } from "../chart/chart-text.ts";
import { type ChartOptions, sequenceChart, type SequenceChart } from "../chart/sequence-chart.ts";
import type { FailedRun, RunPlan, Scenario, SimulationResult } from "../simulation/scenario.ts";
import { SimulationUseError } from "../simulation/errors.ts";
import { shrink } from "../simulation/shrink.ts";
import { replay, simulate } from "../simulation/simulate.ts";
import { NotAFunctionOfItsSeedError } from "./errors.ts";

/** Seeds that are run, unless told. */
export const SEEDS_DEFAULT = 100;

/** Which seeds to run, and how hard to try to make a failure small. */
export interface ExploreOptions {
  /** How many seeds. @defaultValue {@link SEEDS_DEFAULT} */
  readonly seeds?: number;
  /** The first of them. @defaultValue 0 */
  readonly firstSeed?: number;
  /** Runs that may be spent on making a failing run smaller; 0: none. @defaultValue 1_000 */
  readonly shrinkRunsMax?: number;
  /**
   * Told after each run; when it returns false, that is the end: of looking for a failure, or of making it smaller. One that
   * was found is handed back in any case.
   */
  readonly onProgress?: (progress: ExploreProgress) => boolean | void;
  /** What the chart shows of frames, and how much of it. */
  readonly chart?: Omit<ChartOptions, "operations" | "failure">;
}

/** How far an exploration has come. */
export interface ExploreProgress {
  /** The seed that was run last, or whose failure is being made smaller. */
  readonly seed: number;
  /** How many seeds were run. */
  readonly seedsRun: number;
  /** How many there are. */
  readonly seeds: number;
  /** Events of the last run, or of the smallest that fails. */
  readonly events: number;
  /** Runs spent on making the failure smaller; nothing: there is none yet. */
  readonly shrinkRuns?: number;
}

/** A failure, made small. */
export interface Finding {
  /** The seed that failed. */
  readonly seed: number;
  /** How many seeds were run until then, this one included. */
  readonly seedsRun: number;
  /** The failing run as it was found. */
  readonly found: FailedRun;
  /** The smallest run that fails in the same way. */
  readonly smallest: FailedRun;
  /** The smallest run as a message sequence chart, as text. */
  readonly text: string;
  /** The same as a standalone SVG. */
  readonly svg: string;
}

/**
 * Runs a scenario from many seeds, and makes the first failure small. Nothing: all that were run passed.
 *
 * The first seed is run twice: a scenario that is not a function of its seed could not be replayed.
 *
 * @throws {@link NotAFunctionOfItsSeedError} when the two runs differ.
 * It runs without a pause; `onProgress` hears how far it is, and may end it, after a time for instance.
 *
 * @throws `SimulationUseError` for a scenario or options that make no sense.
 * @example
 * ```ts
 * import { peerId } from "@void-system/effects";
 * import { explore } from "@void-system/effects/explore";
 *
 * // A receiver that believes that nothing comes twice.
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
  const exploration = exploring(scenario, options);
  for (;;) {
    const { done, value } = exploration.next();
    if (done === true) return value;
    if (options.onProgress?.(value) === false && value.shrinkRuns === undefined) return undefined;
  }
}

/** {@link explore}, step by step: it yields after each seed, and once more before a failure is made small. */
export function* exploring<A>(
  scenario: Scenario<A>,
  options: ExploreOptions
): Generator<ExploreProgress, Finding | undefined> {
  const { seeds = SEEDS_DEFAULT, firstSeed = 0 } = options;
  if (typeof scenario !== "function")
    throw new SimulationUseError("a scenario: a function that makes the parts of a run", typeof scenario);
  if (!Number.isSafeInteger(seeds) || seeds < 1) throw new SimulationUseError("seeds to be 1 or more", `${seeds}`);
  for (let at = 0; at < seeds; at += 1) {
    const seed = firstSeed + at;
    const result = simulate({ ...scenario(), seed });
    if (at === 0) expectSame(result, simulate({ ...scenario(), seed }));
    const progress = { seed, seedsRun: at + 1, seeds, events: result.events };
    if (result.ok) {
      yield progress;
      continue;
    }
    yield { ...progress, shrinkRuns: 0 };
    return finding(scenario, result, progress, options);
  }
  return undefined;
}

function finding<A>(
  scenario: Scenario<A>,
  found: FailedRun,
  progress: ExploreProgress,
  { chart, onProgress, shrinkRunsMax: runsMax }: ExploreOptions
): Finding {
  const onRun = ({ events }: FailedRun, shrinkRuns: number): boolean | void =>
    onProgress?.({ ...progress, events, shrinkRuns });
  const options = { onRun, ...(runsMax !== undefined && { runsMax }) };
  const smallest = runsMax === 0 ? found : shrink(scenario, found, options).run;
  const drawn = chartOf(scenario, smallest.plan, chart).chart;
  const { seed, seedsRun } = progress;
  return { seed, seedsRun, found, smallest, text: chartText(drawn), svg: chartSvg(drawn) };
}

/** Runs a plan with its trace kept, and draws it. */
export function chartOf<A = unknown>(
  scenario: Scenario<A>,
  plan: RunPlan,
  options: Omit<ChartOptions, "operations" | "failure"> = {}
): { readonly result: SimulationResult; readonly chart: SequenceChart } {
  const result = replay(() => ({ ...scenario(), trace: true }), plan);
  const failure = result.ok ? {} : { failure: result.failure.message };
  return { result, chart: sequenceChart(result.trace, { operations: result.history, ...options, ...failure }) };
}

function expectSame(one: SimulationResult, other: SimulationResult): void {
  if (one.traceHash !== other.traceHash || one.ok !== other.ok)
    throw new NotAFunctionOfItsSeedError(one.seed, one.traceHash, other.traceHash);
}
