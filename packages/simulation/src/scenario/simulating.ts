/**
 * Runs in turns, for scenarios with async programs.
 */
import { SimulationUseError } from "../errors.ts";
import { withoutOurFrames } from "../own-frames.ts";
import { planShape } from "./plan-shape.ts";
import { type Rest, runInSlices } from "../shrink/run-in-slices.ts";
import { ScenarioRun } from "./scenario-run.ts";
import type { RunPlan, Scenario, SimulateOptions, SimulationResult } from "./scenario.ts";
import { checked } from "./shape.ts";

/** Progress of a run. */
export interface RunProgress {
  /** Number of events so far. */
  readonly events: number;
  /** Settles when the promises of async programs are at rest. Await it before the next step; {@link inTurns} does. */
  readonly rest?: Promise<void>;
}

/**
 * Does the work of {@link simulate} step by step, for {@link inTurns}. Runs with async programs need it. It yields every
 * 10,000 events, and when promises have to settle.
 *
 * @throws {@link SimulationUseError} for invalid options. A failure in the run is a result, not an error.
 * @example
 * ```ts
 * import { inTurns, simulating } from "@void-system/simulation";
 *
 * const { history, atMs } = await inTurns(simulating({
 *   seed: 1,
 *   nodes: {},
 *   workload: {
 *     clients: ["ann"],
 *     program: ({ fromAsync }) => fromAsync(async ({ operation }) => {
 *       await operation({ op: "nap" }, ({ clock }) => clock.sleep(60_000));
 *     }),
 *   },
 *   deadlineMs: 100_000,
 * }));
 * [history[0]?.op, atMs]; // => ["nap", 60000]
 * ```
 */
export function* simulating<A = unknown>(options: SimulateOptions<A>): Generator<RunProgress, SimulationResult> {
  const run = new ScenarioRun(options, options.seed);
  return shown(yield* inSteps(run, runInSlices(run)));
}

/**
 * Does the work of {@link replay} step by step, for {@link inTurns}. Runs with async programs need it.
 *
 * @throws {@link SimulationUseError} for an invalid plan.
 */
export function* replaying<A = unknown>(scenario: Scenario<A>, plan: RunPlan): Generator<RunProgress, SimulationResult> {
  return yield* repeating(scenario, plan);
}

/** Repeats a run by its plan, and finds the place of its failure in the code. */
export function* repeating<A = unknown>(
  scenario: Scenario<A>,
  plan: RunPlan,
  repeats?: Error
): Generator<RunProgress, SimulationResult> {
  const control = { plan: checked(planShape, plan, SimulationUseError), ...(repeats && { repeats }) };
  const run = new ScenarioRun(scenario(), plan.seed, control);
  return shown(yield* inSteps(run, runInSlices(run)));
}

/** Yields the progress of a run where `work` yields. */
export function* inSteps<A, R>(run: ScenarioRun<A>, work: Generator<Rest, R>): Generator<RunProgress, R> {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
    yield { events: run.events, ...(value && { rest: value }) };
  }
}

/** Returns a result whose failure, if any, has a stack of the user's own frames. */
export function shown(result: SimulationResult): SimulationResult {
  if (!result.ok) withoutOurFrames(result.failure.error);
  return result;
}
