/**
 * The types that fibers, steps and the scheduler share: a fiber as the steps that run in it see it.
 */
import type { Cancel } from "../world.ts";
import type { Eff } from "./eff.ts";
import type { Evidence } from "./evidence.ts";

/**
 * The end of a fiber: its program returned, or something threw (the program, a child or a finaliser), or it was cancelled
 * and its finalisers are done.
 */
export type Outcome<A> =
  | {
      readonly type: "done";
      /** The value that the program returned. */
      readonly value: A;
    }
  | {
      readonly type: "failed";
      /** The error that was thrown. */
      readonly error: unknown;
    }
  | {
      readonly type: "cancelled";
    };

/**
 * Begins something that takes time. It may return a function that takes that back, which is called when the fiber is
 * cancelled.
 */
export type Register<A> = (resume: (answer: A) => void, fail: (error: unknown) => void) => void | Cancel;

/** A program that is to run on the fiber's own stack. */
export interface Nested {
  /** Makes the program. */
  readonly body: () => Eff<unknown, unknown>;
  /** A cancellation does not cut it short. */
  readonly masked?: true;
  /** Runs when the program has ended, in whatever way. */
  readonly after?: () => Eff<unknown, void>;
}

/** Resumes fibers in the order in which they were woken. */
export interface Waker {
  /** Lets a fiber continue. A fiber is woken once for each thing that it continues with, so it is never queued twice. */
  wake(fiber: RunningFiber): void;
}

/** A fiber, as the steps in it, its children and its scheduler see it. */
export interface RunningFiber {
  /** The handlers that answer where the fiber is now. */
  evidence: Evidence;
  /** The next fiber in the scheduler's queue. */
  behind: RunningFiber | undefined;
  /** The scheduler that resumes it. */
  readonly scheduler: Waker;
  /** Waits for an answer, or continues in place when it is there at once. */
  park<B>(register: Register<B>, inside?: Evidence): IteratorResult<never, B>;
  /** Runs a program inside of `evidence`, in place until it waits. */
  enter<R, B>(body: () => Eff<R, B>, evidence: Evidence): IteratorResult<R, B>;
  /** Returns an answer that was there at once, in an object that is used again for the next one. */
  answer(value: unknown): IteratorReturnResult<unknown>;
  /** Begins a program on the fiber's own stack. */
  nest(frame: Nested): IteratorResult<never, never>;
  /** Registers something to be done when the fiber ends. The last one registered is done first. */
  addExit(exit: () => void | Eff<unknown, unknown>): Cancel;
  /** Ends the fiber with the error of a child. */
  childFailed(error: unknown): void;
  /** Continues until the fiber waits or ends. For the scheduler alone. */
  fiberTurn(): void;
}
