import type { Eff } from "./eff.ts";
import { StepBy } from "./step.ts";

/**
 * Runs a program to its end even if its fiber is cancelled meanwhile. The cancellation takes effect afterwards. Use it
 * for short programs that must run completely or not at all.
 *
 * @example
 * ```ts
 * import { launch, suspend, uninterrupted } from "@void-system/effects/fibers";
 *
 * const order: string[] = [];
 * let written: () => void = () => undefined;
 * const { cancel } = launch(function* () {
 *   yield* uninterrupted(function* () {
 *     yield* suspend<void>((resume) => { written = resume; });
 *     order.push("entry and index");
 *   });
 *   order.push("more");
 * }, () => order.push("ended"));
 * cancel();
 * order; // => []
 * written();
 * order; // => ["entry and index", "ended"]
 * ```
 */
export function uninterrupted<R, A>(body: () => Eff<R, A>): Eff<R, A> {
  return new StepBy<R, A>((fiber) => fiber.nest({ body, masked: true }));
}
