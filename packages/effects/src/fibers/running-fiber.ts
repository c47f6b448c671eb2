/**
 * The types that fibers, steps and the scheduler share.
 */
import type { Cancel } from "../world.ts";
import type { Eff } from "./eff.ts";
import type { Evidence } from "./evidence.ts";

/**
 * The end of a fiber. It is `failed` when its program, a child or a finaliser threw. It is `cancelled` once all of its
 * finalisers have run.
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
 * Begins an asynchronous action. It may return a function that cancels the action, which is called when the fiber is
 * cancelled.
 */
export type Register<A> = (resume: (answer: A) => void, fail: (error: unknown) => void) => void | Cancel;

/** A program for the fiber's own stack. */
export interface Nested {
  /** Makes the program. */
  readonly body: () => Eff<unknown, unknown>;
  /** Set if a cancellation must not interrupt the program. */
  readonly masked?: true;
  /** Runs when the program has returned, thrown or been cancelled. */
  readonly after?: () => Eff<unknown, void>;
}

/** Resumes fibers in the order in which they were woken. */
export interface Waker {
  /** Queues a fiber. Each answer or interruption wakes the fiber once, so it is never queued twice. */
  wake(fiber: RunningFiber): void;
}

/** The progress of a fiber, for those who watch it. */
export interface FiberProgress {
  /** Number of times that it has begun or continued after a wait. */
  readonly turns: number;
  /** True once it has ended. */
  readonly ended: boolean;
  /** True if it was cancelled, even if its finalisers still run. */
  readonly isCancelled: boolean;
}

/** The interface of a fiber for its steps, its children and its scheduler. */
export interface RunningFiber extends FiberProgress {
  /** The handlers in force where the fiber is now. */
  evidence: Evidence;
  /** The next fiber in the scheduler's queue. */
  behind: RunningFiber | undefined;
  /** The scheduler that resumes it. */
  readonly scheduler: Waker;
  /** Waits for an answer, or returns it in place if it is available at once. */
  park<B>(register: Register<B>, inside?: Evidence): IteratorResult<never, B>;
  /** Runs a program inside `evidence`, in place until it waits. */
  enter<R, B>(body: () => Eff<R, B>, evidence: Evidence): IteratorResult<R, B>;
  /** Returns an immediate answer, in an object that is reused for the next one. */
  answer(value: unknown): IteratorReturnResult<unknown>;
  /** Begins a program on the fiber's own stack. */
  nest(frame: Nested): IteratorResult<never, never>;
  /** Adds an action for the end of the fiber. Actions run in reverse order. */
  addExit(exit: () => void | Eff<unknown, unknown>): Cancel;
  /** Ends the fiber with the error of a child. */
  childFailed(error: unknown): void;
  /** Continues until the fiber waits or ends. Only the scheduler calls it. */
  fiberTurn(): void;
}
