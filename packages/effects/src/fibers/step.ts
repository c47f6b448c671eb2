/**
 * What `yield*` steps through: the base of operations, calls, handlers and suspensions.
 *
 * A step that can answer at once does so in its first `next`, in place: the driver of fibers never hears of it. Only
 * one that has to wait yields {@link PARKED}; every generator around hands that very object on to the driver, which
 * later resumes with the answer.
 */
import { running } from "./current.ts";
import type { Eff } from "./eff.ts";
import type { RunningFiber } from "./running-fiber.ts";
import { captureFrames } from "./trace.ts";

/** What a step yields when its fiber has to wait, or to go on elsewhere. A row is for the type checker: it holds none. */
export const PARKED: IteratorYieldResult<never> = { done: false, value: undefined as never };

/** What the step that waits hears when its fiber goes on: an object, where `yield*` begins a step with nothing. */
export interface Signal {
  readonly value: unknown;
}

/**
 * A program in one step. It has no state of its own: it is told whether it begins or goes on; so it can be performed any
 * number of times, by any number of fibers.
 */
export abstract class Step<R, A> implements Eff<R, A>, Iterator<R, A, unknown> {
  [Symbol.iterator](): Iterator<R, A, unknown> {
    return this;
  }

  /** Begins it: `done` when it is answered at once, else what it yields. With a {@link Signal} it ends. */
  abstract next(signal?: unknown): IteratorResult<R, A>;

  throw(error: unknown): never {
    captureFrames(error);
    throw error;
  }

  return(value?: A): IteratorResult<R, A> {
    // Only a fiber that unwinds returns out of a step; nobody looks at the value.
    return { done: true, value: value as A };
  }
}

/** The end of a step that waited. */
export function answered<A>(signal: unknown): IteratorReturnResult<A> {
  // The fiber hands out signals alone; the step that a generator waits in hears them first, and its answer is an A.
  return { done: true, value: (signal as Signal).value as A };
}

/** A step by a function. */
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
