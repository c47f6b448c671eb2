/**
 * Steps: the base of operations, calls, handlers and suspensions, which `yield*` performs.
 *
 * A step with an immediate answer returns it from its first `next`, in place, without the scheduler. A step that has to
 * wait yields {@link PARKED}. The generators around pass that object on to the fiber, which later resumes them with the
 * answer.
 */
import { running } from "./current.ts";
import type { Eff } from "./eff.ts";
import type { RunningFiber } from "./running-fiber.ts";
import { captureFrames } from "./trace.ts";

/** Yielded by a step whose fiber has to wait or to continue elsewhere. Rows have no values, so it holds none. */
export const PARKED: IteratorYieldResult<never> = { done: false, value: undefined as never };

/** Argument of `next` that resumes a waiting step. `yield*` begins a step with undefined instead. */
export interface Signal {
  readonly value: unknown;
}

/**
 * A program of one step. It has no state: the argument of `next` says whether the step begins or resumes. So any number
 * of fibers can perform it any number of times.
 */
export abstract class Step<R, A> implements Eff<R, A>, Iterator<R, A, unknown> {
  [Symbol.iterator](): Iterator<R, A, unknown> {
    return this;
  }

  /** Begins the step: it returns an immediate answer or yields. With a {@link Signal} it ends the step. */
  abstract next(signal?: unknown): IteratorResult<R, A>;

  throw(error: unknown): never {
    captureFrames(error);
    throw error;
  }

  return(value?: A): IteratorResult<R, A> {
    // Only a fiber that unwinds calls `return`, and it ignores the value.
    return { done: true, value: value as A };
  }
}

/** Returns the end of a step that waited. */
export function answered<A>(signal: unknown): IteratorReturnResult<A> {
  // The fiber resumes only with signals. They reach the step in which the generator waits, whose answer is an A.
  return { done: true, value: (signal as Signal).value as A };
}

/** A step that a function begins. */
export class StepBy<R, A> extends Step<R, A> {
  readonly #begin: (fiber: RunningFiber) => IteratorResult<R, A>;

  constructor(begin: (fiber: RunningFiber) => IteratorResult<R, A>) {
    super();
    this.#begin = begin;
  }

  override next(signal?: unknown): IteratorResult<R, A> {
    return signal ? answered<A>(signal) : this.#begin(running());
  }
}
