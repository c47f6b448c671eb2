/**
 * Long work that yields to the event loop, reports its progress, and can be stopped.
 */
import { platformClock } from "@void-system/effects";

/** Longest turn in milliseconds of the platform's clock, unless a single step takes longer. */
const TURN_MS = 50;

/** Progress and interruption of long work. */
export interface InTurnsOptions<P> {
  /** Stops the work when aborted. */
  readonly signal?: AbortSignal;
  /** Called after each step with the progress. Returning false stops the work. */
  readonly onProgress?: (progress: P) => boolean | void;
}

/**
 * Runs work that yields its progress (`exploring`, `shrinking`, `simulating`) to its end, in turns with timers, sockets and Ctrl-C of
 * this process. Stopped work ends early with the result so far, which is not lost.
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
    const rest = restOf(step.value);
    // No timer and no socket has its turn here, so nothing else continues an async program of the run.
    if (rest) await rest;
    else if (performance.now() - turn >= TURN_MS) {
      await new Promise<void>((resolve) => void platformClock().schedule(0, resolve));
      turn = performance.now();
    }
    const goesOn = onProgress?.(step.value) !== false;
    step = work.next(goesOn && signal?.aborted !== true);
  }
  return step.value;
}

/** Returns the promise that a step of the work waits for, if any. */
function restOf(progress: unknown): unknown {
  return typeof progress === "object" && progress !== null && "rest" in progress ? progress.rest : undefined;
}
