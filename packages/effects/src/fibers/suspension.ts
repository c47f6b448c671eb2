import type { Eff } from "./eff.ts";
import type { Register } from "./running-fiber.ts";
import { StepBy } from "./step.ts";

/** A program that waits for an answer. Made by {@link suspend}. */
export interface Suspension<A> extends Eff<never, A> {
  /** Exists for the type checker alone, to distinguish a suspension from an answer. */
  readonly "~suspends": true;
}

/**
 * Waits for a callback. `register` begins an action, which calls either `resume` or `fail`, once. A second call throws a
 * `ResumedTwiceError` to its caller. A call after the fiber was cancelled does nothing.
 *
 * A clause of a handler that cannot answer at once returns a suspension. A program performs one with `yield*`.
 *
 * @example
 * ```ts
 * import { run, suspend } from "@void-system/effects/fibers";
 *
 * const answer = await run(function* () {
 *   return yield* suspend<number>((resume) => {
 *     const timeout = setTimeout(() => resume(42), 1);
 *     return () => clearTimeout(timeout);
 *   });
 * });
 * answer; // => 42
 * ```
 */
export function suspend<A>(register: Register<A>): Suspension<A> {
  return new Suspending(register);
}

/** The suspension that {@link suspend} makes. */
export class Suspending<A> extends StepBy<never, A> implements Suspension<A> {
  declare readonly "~suspends": true;
  readonly register: Register<A>;

  constructor(register: Register<A>) {
    super((fiber) => fiber.park(register));
    this.register = register;
  }
}
