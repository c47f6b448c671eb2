import type { SimulationResult } from "../scenario/scenario.ts";
import type { ScenarioRun } from "../scenario/scenario-run.ts";

/** Events between two yields of a long run. */
const SLICE_EVENTS = 10_000;

/** Runs to the end, and yields every {@link SLICE_EVENTS} events. */
export function* runInSlices<A>(run: ScenarioRun<A>): Generator<void, SimulationResult> {
  for (let event = SLICE_EVENTS; run.runTo(event); event += SLICE_EVENTS) yield;
  return run.finish();
}
