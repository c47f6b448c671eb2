import type { Eff } from "./eff.ts";
import { StepBy } from "./step.ts";

/**
 * Runs a program, and `finalizer` when it has ended: when it returned, threw, or was cancelled. The finaliser may wait,
 * and is not cut short by a cancellation.
 *
 * It is what `try … finally` is to programs. A `finally` serves as long as it does not wait: when a generator is
 * cancelled in it, JavaScript has the generators that reached it by a plain `yield*` go on as if nothing had been
 * cancelled.
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
