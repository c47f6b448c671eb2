import type { Eff } from "./eff.ts";
import { StepBy } from "./step.ts";

/**
 * Runs a program, then `finalizer`, whether the program returned, threw or was cancelled. The finaliser may wait, and a
 * cancellation does not interrupt it.
 *
 * `ensure` is `try … finally` for finalisers that wait. If a `finally` waits while its generator is being cancelled,
 * JavaScript lets the generators around it, reached by a plain `yield*`, continue as if nothing had been cancelled.
 *
 * @example
 * ```ts
 * import { ensure, runSync } from "@void-system/effects/fibers";
 *
 * const order: string[] = [];
 * runSync(() => ensure(
 *   function* () { order.push("work"); },
 *   function* () { order.push("close"); },
 * ));
 * order; // => ["work", "close"]
 * ```
 */
export function ensure<R, A, F = never>(body: () => Eff<R, A>, finalizer: () => Eff<F, void>): Eff<R | F, A> {
  return new StepBy<R | F, A>((fiber) => fiber.nest({ body, after: finalizer }));
}
