import type { Eff } from "./eff.ts";
import type { Register } from "./running-fiber.ts";
import { StepBy } from "./step.ts";

/** A program that waits until it is answered. Made by {@link suspend}. */
export interface Suspension<A> extends Eff<never, A> {
  /** For the type checker alone: what tells it from an answer. */
  readonly "~suspends": true;
}

/**
 * Waits for a callback: `register` begins, and whoever it told answers with `resume` or `fail`, once. A call that comes
 * after the fiber was cancelled does nothing; a second one throws a `ResumedTwiceError` to whoever calls it.
 *
 * A clause of a handler returns one when it cannot answer at once; a program performs one with `yield*`.
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

/** {@link suspend}. */
export class Suspending<A> extends StepBy<never, A> implements Suspension<A> {
  declare readonly "~suspends": true;
  readonly register: Register<A>;

  constructor(register: Register<A>) {
    super((fiber) => fiber.park(register));
    this.register = register;
  }
}
