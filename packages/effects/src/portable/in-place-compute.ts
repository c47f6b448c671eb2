/**
 * Jobs on the event loop's own thread, for platforms and worlds without other threads.
 */
import { JobFailedError } from "../errors.ts";
import type { Clock, Compute, Job } from "../world.ts";

/**
 * Makes a `Compute` that runs each job on the event loop's own thread, in a turn of its own.
 *
 * @example
 * ```ts
 * import { inPlaceCompute, platformClock } from "@void-system/effects";
 * const first = { name: "first", module: "file:///first.js", run: (input: Uint8Array) => input.slice(0, 1) };
 * const output = await new Promise((resolve) => {
 *   inPlaceCompute(platformClock()).run(first, Uint8Array.of(7, 8), resolve);
 * });
 * output; // => Uint8Array.of(7)
 * ```
 */
export function inPlaceCompute(clock: Pick<Clock, "schedule">): Compute {
  return {
    run: (job, input, done) => {
      const copy = new Uint8Array(input);
      return clock.schedule(0, () => done(jobOutcome(job, copy)));
    },
  };
}

/** Runs a job, and returns a throw as a {@link JobFailedError}. */
export function jobOutcome(job: Job, input: Uint8Array): Uint8Array | JobFailedError {
  try {
    return job.run(input);
  } catch (error) {
    return new JobFailedError(job.name, error);
  }
}
