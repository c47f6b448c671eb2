/**
 * What `yield*` steps through: the base of operations, calls, handlers and suspensions.
 *
 * A step that can answer at once does so in its first `next`, in place: the driver of fibers never hears of it. Only
 * one that has to wait yields {@link PARKED}; every generator around hands that very object on to the driver, which
 * later resumes with the answer.
 */
import { running } from "./current.ts";
import type { Eff } from "./eff.ts";
import type { Fiber } from "./fiber.ts";
import { captureFrames } from "./trace.ts";

/** What a step yields when its fiber has to wait, or to go on elsewhere. A row is for the type checker: it holds none. */
export const PARKED: IteratorYieldResult<never> = { done: false, value: undefined as never };

/**
 * A program in one step. It has no state of its own: whether it is being resumed, its fiber knows; so it can be performed
 * any number of times, by any number of fibers.
 */
export abstract class Step<R, A> implements Eff<R, A>, Iterator<R, A, unknown> {
  /** Begins it: `done` when it is answered at once, else what it yields. */
  protected abstract begin(fiber: Fiber): IteratorResult<R, A>;

  [Symbol.iterator](): Iterator<R, A, unknown> {
    return this;
  }

  next(answer?: unknown): IteratorResult<R, A> {
    const fiber = running();
    if (!fiber.resuming) return this.begin(fiber);
    fiber.resuming = false;
    // The step that a generator waits in is the first to hear when it goes on, and what it hears is the answer: an A.
    return { done: true, value: answer as A };
  }

  throw(error: unknown): never {
    captureFrames(error);
    throw error;
  }

  return(value?: A): IteratorResult<R, A> {
    // Only a fiber that unwinds returns out of a step; nobody looks at the value.
    return { done: true, value: value as A };
  }
}

/** A step by a function. */
export class StepBy<R, A> extends Step<R, A> {
  readonly #begin: (fiber: Fiber) => IteratorResult<R, A>;

  constructor(begin: (fiber: Fiber) => IteratorResult<R, A>) {
    super();
    this.#begin = begin;
  }

  protected override begin(fiber: Fiber): IteratorResult<R, A> {
    return this.#begin(fiber);
  }
}
