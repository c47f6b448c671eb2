import type { SimulationResult } from "../scenario/scenario.ts";
import type { ScenarioRun } from "../scenario/scenario-run.ts";

/** Events between two yields of a long run. */
const SLICE_EVENTS = 10_000;

/** Yielded by work in steps: it settles when the promises of async programs are at rest, which the next step needs. */
export type Rest = Promise<void> | undefined;

/** Runs to the end, and yields every {@link SLICE_EVENTS} events, and when promises have to settle. */
export function* runInSlices<A>(run: ScenarioRun<A>): Generator<Rest, SimulationResult> {
  yield* upTo(run, Infinity);
  return run.finish();
}

/** Runs up to and including an event, by its number, or to the end of the run. */
export function* upTo<A>(run: ScenarioRun<A>, event: number): Generator<Rest, void> {
  for (let slice = Math.min(event, SLICE_EVENTS); run.runTo(slice); ) {
    const { rest } = run;
    if (!rest && slice >= event) return;
    if (!rest) slice = Math.min(event, slice + SLICE_EVENTS);
    yield rest;
  }
}
