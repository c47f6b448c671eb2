/**
 * Long work that yields to the event loop, reports its progress, and can be stopped.
 */
import { platformClock } from "@void-system/effects";

/** Milliseconds of the platform's clock for which nobody else has a turn, if no single step takes longer. */
const TURN_MS = 50;

/** Progress and interruption of long work. */
export interface InTurnsOptions<P> {
  /** Stops the work when it is aborted. */
  readonly signal?: AbortSignal;
  /** Called after each step with the progress. Returning false stops the work. */
  readonly onProgress?: (progress: P) => boolean | void;
}

/**
 * Does work that yields its progress (`exploring`, `shrinking`) to its end, in turns with whatever else happens in this
 * process: timers, sockets, Ctrl-C. Work that is stopped is not thrown away: it ends early, with what it has.
 *
 * @example
 * ```ts
 * import { exploring, inTurns } from "@void-system/simulation";
 * import type { Scenario } from "@void-system/simulation";
 *
 * const scenario: Scenario = () => {
 *   let ticks = 0;
 *   return {
 *     nodes: { a: ({ clock, random }, { check }) => {
 *       const tick = () => { check("in a while", (ticks += 1) < 99); clock.schedule(random.next(), tick); };
 *       tick();
 *     } },
 *   };
 * };
 * // In a command: process.once("SIGINT", () => controller.abort()).
 * const controller = new AbortController();
 * let runs = 0;
 * const finding = await inTurns(exploring(scenario), {
 *   signal: controller.signal,
 *   onProgress: ({ shrinkRuns = 0 }) => { runs = shrinkRuns; if (runs === 10) controller.abort(); },
 * });
 * [finding?.smallest.failure.name, finding?.isMinimal, runs]; // => ["in a while", false, 10]
 * ```
 */
export async function inTurns<P, R>(
  work: Generator<P, R, boolean | void>,
  { signal, onProgress }: InTurnsOptions<P> = {}
): Promise<R> {
  let turn = performance.now();
  let step = work.next();
  while (step.done !== true) {
    if (performance.now() - turn >= TURN_MS) {
      await new Promise<void>((resolve) => void platformClock().schedule(0, resolve));
      turn = performance.now();
    }
    const goesOn = onProgress?.(step.value) !== false;
    step = work.next(goesOn && signal?.aborted !== true);
  }
  return step.value;
}
