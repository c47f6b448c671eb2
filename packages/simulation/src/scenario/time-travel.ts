/**
 * Goes to any event of a run, and continues from there with other randomness.
 */
import { SeededRandom } from "@void-system/effects";
import { SimulationUseError } from "../errors.ts";
import { drawFaults, lengthOf } from "./fault-plan.ts";
import { planShape } from "./plan-shape.ts";
import type { RunPlan, Scenario, SimulationResult } from "./scenario.ts";
import { ScenarioRun } from "./scenario-run.ts";
import { checked } from "./shape.ts";
import { inSteps, type RunProgress } from "./simulating.ts";
import { runInSlices, upTo } from "../shrink/run-in-slices.ts";
import { toEnd } from "../shrink/to-end.ts";

/**
 * Returns a run that is stopped right after event number `event` (0: before the first), or at its end if it has fewer
 * events. Use `inspect` to look at a node, and `step`, `runTo` or `finish` to continue. Closures cannot be copied, so
 * the run is repeated up to there.
 *
 * @throws {@link SimulationUseError} for an invalid plan or number.
 * @example
 * ```ts
 * import { inspect, type Scenario, simulate } from "@void-system/simulation";
 *
 * const scenario: Scenario = () => ({
 *   nodes: {
 *     a: ({ clock }) => {
 *       let ticks = 0;
 *       const tick = () => { ticks += 1; if (ticks < 5) clock.schedule(10, tick); };
 *       clock.schedule(10, tick);
 *       return { state: () => ({ ticks }) };
 *     },
 *   },
 * });
 * const { plan } = simulate({ ...scenario(), seed: 1 });
 * const run = inspect(scenario, plan, 3);
 * [run.now, run.inspect("a").state]; // => [20, { ticks: 2 }]
 * run.step();
 * [run.now, run.inspect("a").state]; // => [30, { ticks: 3 }]
 * ```
 */
export function inspect<A = unknown>(scenario: Scenario<A>, plan: RunPlan, event: number): ScenarioRun<A> {
  return toEnd(inspecting(scenario, plan, event));
}

/**
 * Does the work of {@link inspect} step by step, for {@link inTurns}. Runs with async programs need it: before each
 * further `step`, await the run's `rest`.
 *
 * @throws {@link SimulationUseError} for an invalid plan or number.
 */
export function* inspecting<A = unknown>(
  scenario: Scenario<A>,
  plan: RunPlan,
  event: number
): Generator<RunProgress, ScenarioRun<A>> {
  if (!Number.isSafeInteger(event) || event < 0) throw new SimulationUseError("the number of an event, 0 or more", `${event}`);
  const run = new ScenarioRun(scenario(), plan.seed, { plan: checked(planShape, plan, SimulationUseError) });
  yield* inSteps(run, upTo(run, event));
  return run;
}

/**
 * Repeats a run up to and including event number `event`, and continues it with another seed. From there on, all
 * randomness, the schedule and a budget's faults that have not begun are drawn from that seed. Operations that the
 * workload drew stay as they are. The plan of the result repeats it.
 *
 * @throws {@link SimulationUseError} for an invalid plan or number.
 * @example
 * ```ts
 * import { fork, replay, type Scenario, simulate } from "@void-system/simulation";
 *
 * const scenario: Scenario = () => ({
 *   nodes: {
 *     a: ({ clock, random }) => {
 *       const tick = () => { clock.schedule(1 + random.next() * 9, tick); };
 *       tick();
 *     },
 *   },
 *   until: 100,
 * });
 * const first = simulate({ ...scenario(), seed: 1 });
 * const other = fork(scenario, first.plan, 10, 99);
 * other.traceHash === first.traceHash; // => false
 * replay(scenario, other.plan).traceHash === other.traceHash; // => true
 * ```
 */
export function fork<A = unknown>(
  scenario: Scenario<A>,
  plan: RunPlan,
  event: number,
  otherSeed: number
): SimulationResult {
  return toEnd(forking(scenario, plan, event, otherSeed));
}

/**
 * Does the work of {@link fork} step by step, for {@link inTurns}. Runs with async programs need it.
 *
 * @throws {@link SimulationUseError} for an invalid plan or number.
 */
export function* forking<A = unknown>(
  scenario: Scenario<A>,
  plan: RunPlan,
  event: number,
  otherSeed: number
): Generator<RunProgress, SimulationResult> {
  const { now } = yield* inspecting(scenario, plan, event);
  const parts = scenario();
  const faults = parts.faults ?? [];
  const begun = plan.faults.filter(({ atMs }) => atMs <= now);
  const rest = Array.isArray(faults)
    ? plan.faults.filter(({ atMs }) => atMs > now)
    : drawFaults({ ...faults, fromMs: now }, Object.keys(parts.nodes), new SeededRandom(otherSeed, "faults"), {
        begun,
        lengthMs: lengthOf(parts),
      });
  const forks = [...plan.forks.filter((one) => one.event < event), { event, seed: otherSeed }];
  const decisions = plan.decisions.filter((one) => one.event <= event);
  const forked = { ...plan, faults: [...begun, ...rest], forks, decisions };
  const run = new ScenarioRun(parts, plan.seed, { plan: forked, drawnAfter: event });
  return yield* inSteps(run, runInSlices(run));
}
