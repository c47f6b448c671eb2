/**
 * Place in the code of a failure that shows only later: a frame that was changed after its `send`, or an operation that
 * was never performed. Stacks are expensive, so the repetition of a failed run takes those of the moment in question.
 */
import { FrameChangedError, NeverPerformedError, type Place, SimulatedClientError, SimulatedNodeError } from "../errors.ts";

/** Takes the stacks in a run that repeats another one. */
export class FailurePlace {
  readonly #error: Error | undefined;
  #sent: Place | undefined;

  /** @param error - Error of the run that this one repeats; undefined: no stack is taken. */
  constructor(error: Error | undefined) {
    this.#error = error;
  }

  /** Place of the `send` of the frame that changed. */
  get sent(): Place | undefined {
    return this.#sent;
  }

  /** Must be called for each frame that is sent. Undefined if no place is wanted. */
  get sending(): ((from: string, to: string, nowMs: number) => void) | undefined {
    const error = this.#error;
    if (!(error instanceof FrameChangedError)) return undefined;
    return (from, to, nowMs) => {
      if (from === error.from && to === error.to && nowMs === error.sentAtMs) this.#sent = here();
    };
  }

  /** Returns the place of an operation that is being made, if the failure may be about it. */
  making(node: string, nowMs: number): Place | undefined {
    const error = this.#error;
    if (error === undefined) return undefined;
    const isIt =
      error instanceof NeverPerformedError
        ? error.node === node && error.madeAtMs === nowMs
        : (error instanceof SimulatedNodeError && error.node === node && error.point.atMs === nowMs) ||
          (error instanceof SimulatedClientError && error.client === node && error.point.atMs === nowMs);
    return isIt ? here() : undefined;
  }
}

/** Frames to take, since those of this package and its runtime come first. */
const FRAMES_MAX = 50;

function here(): Place {
  const place: Place = {};
  const before = Error.stackTraceLimit;
  Error.stackTraceLimit = FRAMES_MAX;
  Error.captureStackTrace?.(place);
  // The engine formats the stack when it is read, and has taken its frames by now.
  Error.stackTraceLimit = before;
  return place;
}
