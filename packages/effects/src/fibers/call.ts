import type { Eff } from "./eff.ts";
import { StepBy } from "./step.ts";

/**
 * Performs a program on the fiber's own stack. The result is that of a plain `yield*`. In recursion and deep chains, a
 * resume takes the same time at every depth, and the engine's stack cannot overflow.
 *
 * @example
 * ```ts
 * import { call, runSync } from "@void-system/effects/fibers";
 *
 * function* depth(n: number): Generator<never, number> {
 *   return n === 0 ? 0 : 1 + (yield* call(depth(n - 1)));
 * }
 * runSync(() => depth(100_000)); // => 100000
 * ```
 */
export function call<R, A>(program: Eff<R, A>): Eff<R, A> {
  return new StepBy((fiber) => fiber.enter(() => program, fiber.evidence));
}
