/**
 * A fiber: a program at work, on a stack of its own, with its children and its finalisers.
 */
import type { Cancel } from "../world.ts";
import type { Eff } from "./eff.ts";
import { FinalizersFailedError, ResumedTwiceError, StrayYieldError } from "./errors.ts";
import type { Evidence } from "./evidence.ts";
import type { Scheduler } from "./scheduler.ts";
import { PARKED } from "./step.ts";
import type { Register } from "./suspension.ts";
import { traceOf } from "./trace.ts";

/** How a fiber ended. */
export type Outcome<A> =
  | {
      /** Its program returned. */
      readonly type: "done";
      /** What it returned. */
      readonly value: A;
    }
  | {
      /** Its program, a child or a finaliser threw. */
      readonly type: "failed";
      /** What was thrown. */
      readonly error: unknown;
    }
  | {
      /** It was cancelled, and its finalisers are done. */
      readonly type: "cancelled";
    };

/** Frames that may run inside of each other on the engine's stack; further ones begin from the driver. */
const IN_PLACE_DEPTH_MAX = 64;

type Mode = "next" | "throw" | "return" | "wait";

/** A program on the stack of its fiber, that waits. */
interface Frame {
  readonly iterator: Iterator<unknown, unknown, unknown>;
  /** The evidence around it, which holds again when it ends. */
  readonly outer: Evidence;
  /** It has yielded, so it waits in a step. */
  begun: boolean;
  /** It was asked to end: what happens next is that the frame below it is, too. */
  returning: boolean;
  /** What is to be done when it has ended, however it did. */
  readonly after?: (() => Eff<unknown, void>) | undefined;
  /** What goes on when this frame, which is such an `after`, has ended. */
  readonly resumes?: Signal;
}

/** What a frame hears. */
interface Signal {
  readonly mode: Mode;
  readonly value: unknown;
}

/** One wait for one answer. */
interface Ticket {
  state: "open" | "answered" | "cancelled";
  mode: Mode;
  value: unknown;
  cancel: void | Cancel;
}

/** Something to be done when a fiber ends: a finaliser, or the end of a child. In a list, so that any can go in no time. */
interface Exit {
  readonly run: () => void | Eff<unknown, unknown>;
  before: Exit | undefined;
  after: Exit | undefined;
  dropped: boolean;
}

/** A program at work. */
export class Fiber<A = unknown> {
  /** Who answers effects where the fiber is now. */
  evidence: Evidence;
  /** A step that waited is about to hear its answer. */
  resuming = false;
  /** Frames inside of each other on the engine's stack. */
  depth = 0;
  readonly scheduler: Scheduler;
  #lastExit: Exit | undefined;
  readonly #frames: Frame[] = [];
  /** Frames that left the engine's stack since the driver was here last, innermost first. */
  readonly #unwound: Frame[] = [];
  readonly #answer: IteratorReturnResult<unknown> = { done: true, value: undefined };
  #ticket: Ticket | undefined;
  #body: (() => Eff<unknown, A>) | undefined;
  readonly #settled: (() => void)[] = [];
  #phase: "body" | "unwinding" | "exiting" | "ended" = "body";
  #interrupted = false;
  /** Frames on the stack that are an `after`: they are not cut short. */
  #masks = 0;
  #result: Outcome<A> = { type: "cancelled" };
  readonly #errors: unknown[] = [];

  constructor(scheduler: Scheduler, evidence: Evidence, body: () => Eff<unknown, A>) {
    this.scheduler = scheduler;
    this.evidence = evidence;
    this.#body = body;
  }

  /** Who answers effects in direct style here. */
  get facets(): Evidence["facets"] {
    return this.evidence.facets;
  }

  get ended(): boolean {
    return this.#phase === "ended";
  }

  /** Tells how it ended; at once if it has. */
  onEnd(settled: (outcome: Outcome<A>) => void): void {
    if (this.ended) settled(this.#result);
    else this.#settled.push(() => settled(this.#result));
  }

  /** Has something done when this fiber ends: what was added last is done first. */
  addExit(run: Exit["run"]): Cancel {
    const exit: Exit = { run, before: this.#lastExit, after: undefined, dropped: false };
    if (this.#lastExit) this.#lastExit.after = exit;
    this.#lastExit = exit;
    return () => this.#dropExit(exit);
  }

  /** A child failed: this fiber ends with that error. */
  childFailed(error: unknown): void {
    this.#errors.push(error);
    this.interrupt();
  }

  /** Ends it before its time: its finalisers run, once. */
  interrupt(): void {
    if (this.#interrupted || this.#phase !== "body") return;
    this.#interrupted = true;
    const ticket = this.#ticket;
    if (this.#masks > 0 || ticket?.state !== "open") return;
    this.#takeBack(ticket);
    this.scheduler.wake(this);
  }

  /** Waits for an answer; in place when it is there at once. */
  park<B>(register: Register<B>): IteratorResult<never, B> {
    const ticket: Ticket = { state: "open", mode: "next", value: undefined, cancel: undefined };
    ticket.cancel = register(
      (answer) => this.settle(ticket, "next", answer),
      (error) => this.settle(ticket, "throw", error),
    );
    if (ticket.state === "open") {
      this.#ticket = ticket;
      return PARKED;
    }
    if (ticket.mode === "throw") throw ticket.value;
    // `resume` takes a B, and nothing else sets the value.
    return { done: true, value: ticket.value as B };
  }

  private settle(ticket: Ticket, mode: Mode, value: unknown): void {
    if (ticket.state === "cancelled") return;
    if (ticket.state === "answered") throw new ResumedTwiceError();
    ticket.state = "answered";
    ticket.mode = mode;
    ticket.value = value;
    // Not yet this fiber's ticket: it is answered in place.
    if (this.#ticket === ticket) this.scheduler.wake(this);
  }

  /** Runs a program inside of `evidence`, in place until it waits; then it goes to this fiber's own stack. */
  enter<R, B>(body: () => Eff<R, B>, evidence: Evidence): IteratorResult<R, B> {
    const outer = this.evidence;
    this.evidence = evidence;
    this.depth += 1;
    try {
      const iterator = body()[Symbol.iterator]();
      if (this.depth > IN_PLACE_DEPTH_MAX) {
        this.#unwound.push({ iterator, outer, begun: false, returning: false });
        return PARKED;
      }
      const result = iterator.next();
      if (result.done) this.evidence = outer;
      else this.#unwound.push({ iterator, outer, begun: true, returning: false });
      return result;
    } catch (error) {
      this.evidence = outer;
      throw error;
    } finally {
      this.depth -= 1;
    }
  }

  /** An answer that was there at once. One object for all of them: whoever steps reads it before anything else happens. */
  answer(value: unknown): IteratorReturnResult<unknown> {
    this.#answer.value = value;
    return this.#answer;
  }

  /** Has `body` begin on this fiber's own stack; when it has ended, however it did, `after` is run. */
  ensure<R, B>(body: () => Eff<R, B>, after: () => Eff<unknown, void>): IteratorResult<R, B> {
    const iterator = body()[Symbol.iterator]();
    this.#unwound.push({ iterator, outer: this.evidence, begun: false, returning: false, after });
    return PARKED;
  }

  /** Goes on until it waits or ends. Called by the scheduler alone, when there is something to go on with. */
  slice(): void {
    let { mode, value }: Signal = this.#signal();
    for (;;) {
      const frame = this.#frames.at(-1);
      if (!frame) {
        if (this.#leave(mode, value)) return;
        mode = "next";
        continue;
      }
      try {
        const result = this.resume(frame, mode, value);
        this.resuming = false;
        if (!result.done) {
          mode = this.#adopt(result);
          value = mode === "throw" ? new StrayYieldError() : undefined;
          if (mode === "wait") return;
          continue;
        }
        value = result.value;
        mode = "next";
      } catch (error) {
        this.resuming = false;
        traceOf(error, this.scheduler.launching);
        value = error;
        mode = "throw";
      }
      ({ mode, value } = this.#popped(frame, mode, value));
    }
  }

  /** A frame has ended: what the one below it hears. */
  #popped(frame: Frame, mode: Mode, value: unknown): Signal {
    this.#frames.pop();
    this.evidence = frame.outer;
    let signal: Signal = frame.resumes ? this.#afterwards(frame.resumes, mode, value) : { mode, value };
    if (frame.returning || this.#mustUnwind()) {
      if (signal.mode === "throw") this.#errors.push(signal.value);
      signal = { mode: "return", value: undefined };
    }
    if (!frame.after) return signal;
    try {
      const iterator = frame.after()[Symbol.iterator]();
      this.#masks += 1;
      this.#frames.push({ iterator, outer: this.evidence, begun: false, returning: false, resumes: signal });
      return { mode: "next", value: undefined };
    } catch (error) {
      return { mode: "throw", value: error };
    }
  }

  /** An `after` has ended: the frame before it goes on as it would have, unless the `after` threw. */
  #afterwards(before: Signal, mode: Mode, value: unknown): Signal {
    this.#masks -= 1;
    if (mode !== "throw") return before;
    if (before.mode === "throw") return { mode, value: bothFailed(before.value, value) };
    if (before.mode === "next") return { mode, value };
    this.#errors.push(value);
    return before;
  }

  private resume(frame: Frame, mode: Mode, value: unknown): IteratorResult<unknown, unknown> {
    const { iterator } = frame;
    if (mode === "next") {
      this.resuming = frame.begun;
      frame.begun = true;
      return iterator.next(value);
    }
    if (mode === "throw") {
      if (iterator.throw) return iterator.throw(value);
      throw value;
    }
    frame.returning = true;
    return iterator.return?.() ?? { done: true, value: undefined };
  }

  #push(iterator: Frame["iterator"]): void {
    this.#frames.push({ iterator, outer: this.evidence, begun: false, returning: false });
  }

  /** What the fiber goes on with. */
  #signal(): Signal {
    const ticket = this.#ticket;
    const body = this.#body;
    this.#ticket = undefined;
    this.#body = undefined;
    if (this.#mustUnwind()) return { mode: "return", value: undefined };
    if (!body) return ticket ?? { mode: "next", value: undefined };
    try {
      this.#push(body()[Symbol.iterator]());
    } catch (error) {
      traceOf(error, this.scheduler.launching);
      return { mode: "throw", value: error };
    }
    return { mode: "next", value: undefined };
  }

  /** Something yielded. The frames that it came through go to this fiber's stack, the innermost on top. */
  #adopt(result: IteratorResult<unknown, unknown>): Mode {
    for (let frame = this.#unwound.pop(); frame; frame = this.#unwound.pop()) this.#frames.push(frame);
    if (result !== PARKED) return "throw";
    if (this.#frames.at(-1)?.begun === false) return "next";
    return this.#mustUnwind() ? "return" : "wait";
  }

  /** True once, when the fiber was interrupted: its frames are to end. */
  #mustUnwind(): boolean {
    if (!this.#interrupted || this.#masks > 0 || this.#phase !== "body") return false;
    this.#phase = "unwinding";
    if (this.#ticket) this.#takeBack(this.#ticket);
    return true;
  }

  #takeBack(ticket: Ticket): void {
    if (ticket.state !== "open") return;
    ticket.state = "cancelled";
    this.#ticket = undefined;
    try {
      ticket.cancel?.();
    } catch (error) {
      this.#errors.push(error);
    }
  }

  /** No frame is left: finalisers and children come next, then the end. True when that was the end. */
  #leave(mode: Mode, value: unknown): boolean {
    if (this.#phase !== "exiting") {
      // The last frame was the body's: what it returned is an A.
      if (mode === "next") this.#result = { type: "done", value: value as A };
      else if (mode === "throw") this.#errors.push(value);
      this.#phase = "exiting";
      if (this.#lastExit) {
        this.#push(this.#unwind());
        return false;
      }
    }
    this.#phase = "ended";
    const [error] = this.#errors;
    if (this.#errors.length > 0)
      this.#result = { type: "failed", error: this.#errors.length > 1 ? new FinalizersFailedError(this.#errors) : error };
    for (const settled of this.#settled.splice(0)) settled();
    return true;
  }

  *#unwind(): Generator<unknown, void> {
    for (let exit = this.#lastExit; exit; exit = this.#lastExit) {
      const { run } = exit;
      this.#dropExit(exit);
      try {
        const program = run();
        if (program) yield* program;
      } catch (error) {
        this.#errors.push(error);
      }
    }
  }

  #dropExit(exit: Exit): void {
    if (exit.dropped) return;
    exit.dropped = true;
    if (this.#lastExit === exit) this.#lastExit = exit.before;
    if (exit.before) exit.before.after = exit.after;
    if (exit.after) exit.after.before = exit.before;
  }
}

/** A program failed, and then what had to be done after it: neither is lost. */
function bothFailed(first: unknown, then: unknown): FinalizersFailedError {
  return new FinalizersFailedError([first, ...(then instanceof FinalizersFailedError ? then.errors : [then])]);
}
