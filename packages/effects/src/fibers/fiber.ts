/**
 * A fiber: a running program with a stack, children and finalisers of its own.
 */
import type { Cancel } from "../world.ts";
import type { Eff } from "./eff.ts";
import { failureOf, ResumedTwiceError, StrayYieldError } from "../errors.ts";
import type { Evidence } from "./evidence.ts";
import type { Nested, Outcome, Register, RunningFiber, Waker } from "./running-fiber.ts";
import { current, enter } from "./current.ts";
import { PARKED, type Signal } from "./step.ts";
import { traceOf } from "./trace.ts";

/** Most frames nested on the engine's stack. Deeper ones begin from `fiberTurn`. */
const IN_PLACE_DEPTH_MAX = 64;

/** A program on the stack of its fiber. */
interface Frame extends Nested {
  /** Set once the frame has begun. The iterator then waits in a step. */
  iterator?: Iterator<unknown, unknown, unknown>;
  /** The evidence around the frame, which is restored when the frame ends. */
  readonly outer: Evidence;
  /** Set when the frame is being unwound. The frame below it is unwound next. */
  returning?: true;
  /** For the frame of an `after`: the turn with which the frame below continues. */
  readonly resumes?: Turn;
}

/** The way in which a frame continues. */
interface Turn extends Signal {
  readonly mode: "next" | "throw" | "return";
}

const NEXT: Turn = { mode: "next", value: undefined };
const RETURN: Turn = { mode: "return", value: undefined };

/** A wait for one answer. */
interface Ticket extends Turn {
  state: "open" | "answered" | "cancelled";
  mode: Turn["mode"];
  value: unknown;
  cancel: void | Cancel;
  /** The evidence in which the wait began and in which it is cancelled. */
  readonly evidence: Evidence;
}

/** An action for the end of a fiber: a finaliser, or the cancellation of a child. */
type Exit = () => void | Eff<unknown, unknown>;

/** A running program. */
export class Fiber<A = unknown> implements RunningFiber {
  evidence: Evidence;
  behind: RunningFiber | undefined;
  /** Number of frames nested on the engine's stack. */
  depth = 0;
  turns = 0;
  readonly scheduler: Waker;
  readonly #exits = new Set<Exit>();
  readonly #frames: Frame[];
  /** Frames that left the engine's stack in the present turn, innermost first. */
  readonly #unwound: Frame[] = [];
  readonly #answer: IteratorReturnResult<unknown> = { done: true, value: undefined };
  #ticket: Ticket | undefined;
  readonly #settled = new Set<() => void>();
  /** Number of frames that are masked. */
  #masks = 0;
  #phase: "body" | "unwinding" | "exiting" | "ended" = "body";
  #interrupted = false;
  #result: Outcome<A> = { type: "cancelled" };
  readonly #errors: unknown[] = [];

  constructor(scheduler: Waker, evidence: Evidence, body: () => Eff<unknown, A>) {
    this.scheduler = scheduler;
    this.evidence = evidence;
    this.#frames = [{ body, outer: evidence }];
  }

  get ended(): boolean {
    return this.#phase === "ended";
  }

  get isCancelled(): boolean {
    return this.ended ? this.#result.type === "cancelled" : this.#interrupted;
  }

  /** Calls `settled` with the outcome when the fiber ends, or at once if it has ended. */
  onEnd(settled: (outcome: Outcome<A>) => void): Cancel {
    const report = (): void => settled(this.#result);
    if (!this.ended) return added(this.#settled, report);
    report();
    return () => undefined;
  }

  /** Adds an action for the end of this fiber. Actions run in reverse order. */
  addExit(exit: Exit): Cancel {
    return added(this.#exits, exit);
  }

  /** Ends this fiber with the error of a child. */
  childFailed(error: unknown): void {
    this.#errors.push(error);
    this.interrupt();
  }

  /** Cancels the fiber. Its finalisers run once. */
  interrupt(): void {
    this.#interrupted = true;
    if (this.#isCancelled && this.#takeBack()) this.scheduler.wake(this);
  }

  /**
   * Waits for an answer, or returns it in place if it is available at once. Effects in direct style inside `register` and
   * the cancel function that it returns reach the handlers of `inside`. A cancelled fiber begins no wait.
   */
  park<B>(register: Register<B>, inside: Evidence = this.evidence): IteratorResult<never, B> {
    if (this.#isCancelled) return PARKED;
    const ticket: Ticket = { state: "open", mode: "next", value: undefined, cancel: undefined, evidence: inside };
    const outer = this.evidence;
    this.evidence = inside;
    try {
      ticket.cancel = register(
        (answer) => this.#settle(ticket, "next", answer),
        (error) => this.#settle(ticket, "throw", error),
      );
    } finally {
      this.evidence = outer;
    }
    if (ticket.state === "open") {
      this.#ticket = ticket;
      return PARKED;
    }
    if (ticket.mode === "throw") throw ticket.value;
    // Only `resume` sets the value, and it takes a B.
    return { done: true, value: ticket.value as B };
  }

  #settle(ticket: Ticket, mode: Turn["mode"], value: unknown): void {
    if (ticket.state === "cancelled") return;
    if (ticket.state === "answered") throw new ResumedTwiceError();
    ticket.state = "answered";
    ticket.mode = mode;
    ticket.value = value;
    // Otherwise `park` has not returned yet, and takes the answer in place.
    if (this.#ticket === ticket) this.scheduler.wake(this);
  }

  /** Runs a program inside `evidence`, in place until it waits. Then the program moves to this fiber's own stack. */
  enter<R, B>(body: () => Eff<R, B>, evidence: Evidence): IteratorResult<R, B> {
    const outer = this.evidence;
    this.evidence = evidence;
    if (this.depth >= IN_PLACE_DEPTH_MAX) {
      this.#unwound.push({ body, outer });
      return PARKED;
    }
    this.depth += 1;
    try {
      const iterator = body()[Symbol.iterator]();
      const result = iterator.next();
      if (result.done) this.evidence = outer;
      else this.#unwound.push({ body, iterator, outer });
      return result;
    } catch (error) {
      this.evidence = outer;
      throw error;
    } finally {
      this.depth -= 1;
    }
  }

  /** Returns an immediate answer. One object serves all answers, because each is read before the next one is made. */
  answer(value: unknown): IteratorReturnResult<unknown> {
    this.#answer.value = value;
    return this.#answer;
  }

  /** Begins a frame on this fiber's own stack. A masked frame does not begin in a cancelled fiber. */
  nest(frame: Nested): IteratorResult<never, never> {
    if (frame.masked) {
      if (this.#isCancelled) return PARKED;
      this.#masks += 1;
    }
    this.#unwound.push({ ...frame, outer: this.evidence });
    return PARKED;
  }

  /** Continues until the fiber waits or ends. Only the scheduler calls it. */
  fiberTurn(): void {
    this.turns += 1;
    let turn: Turn | undefined = this.#turn();
    while (turn) {
      const frame = this.#frames.at(-1);
      if (!frame) {
        turn = this.#leave(turn);
        continue;
      }
      try {
        const result = this.resume(frame, turn);
        if (!result.done) {
          turn = this.#adopt(result);
          continue;
        }
        turn = { mode: "next", value: result.value };
      } catch (error) {
        traceOf(error);
        turn = { mode: "throw", value: error };
      }
      turn = this.#popped(frame, turn);
    }
  }

  /** Removes a frame that has ended, and returns the turn for the frame below. */
  #popped(frame: Frame, ended: Turn): Turn {
    this.#frames.pop();
    if (frame.masked) this.#masks -= 1;
    this.evidence = frame.outer;
    let turn = frame.resumes ? this.#afterwards(frame.resumes, ended) : ended;
    if (frame.returning || this.#mustUnwind()) {
      if (turn.mode === "throw") this.#errors.push(turn.value);
      turn = RETURN;
    }
    if (!frame.after) return turn;
    this.#masks += 1;
    this.#frames.push({ body: frame.after, outer: this.evidence, masked: true, resumes: turn });
    return NEXT;
  }

  /** Returns the turn after an `after` frame: the turn from before it, unless the `after` threw. */
  #afterwards(before: Turn, ended: Turn): Turn {
    if (ended.mode !== "throw") return before;
    if (before.mode === "throw") return { mode: "throw", value: failureOf([before.value, ended.value]) };
    if (before.mode === "next") return ended;
    this.#errors.push(ended.value);
    return before;
  }

  private resume(frame: Frame, turn: Turn): IteratorResult<unknown, unknown> {
    const { body, iterator } = frame;
    if (turn.mode === "next") return iterator ? iterator.next(turn) : (frame.iterator = body()[Symbol.iterator]()).next();
    if (turn.mode === "throw") {
      if (iterator?.throw) return iterator.throw(turn.value);
      throw turn.value;
    }
    frame.returning = true;
    return iterator?.return?.() ?? { done: true, value: undefined };
  }

  /** Returns the turn with which the fiber continues. */
  #turn(): Turn {
    const ticket = this.#ticket;
    this.#ticket = undefined;
    return this.#mustUnwind() ? RETURN : (ticket ?? NEXT);
  }

  /**
   * Moves the frames through which a yield came to this fiber's stack, the innermost on top. Returns undefined if the
   * fiber waits.
   */
  #adopt(result: IteratorResult<unknown, unknown>): Turn | undefined {
    for (let frame = this.#unwound.pop(); frame; frame = this.#unwound.pop()) this.#frames.push(frame);
    if (result !== PARKED) return { mode: "throw", value: new StrayYieldError() };
    if (!this.#frames.at(-1)?.iterator) return NEXT;
    return this.#mustUnwind() ? RETURN : undefined;
  }

  /** True if the fiber was interrupted and its program has to end now. */
  get #isCancelled(): boolean {
    return this.#interrupted && this.#phase === "body" && this.#masks === 0;
  }

  /** Returns true once after an interruption: the frames have to unwind. */
  #mustUnwind(): boolean {
    if (!this.#isCancelled) return false;
    this.#phase = "unwinding";
    this.#takeBack();
    return true;
  }

  /** Cancels the present wait. Returns false if the fiber does not wait. */
  #takeBack(): boolean {
    const ticket = this.#ticket;
    if (ticket?.state !== "open") return false;
    ticket.state = "cancelled";
    this.#ticket = undefined;
    const [fiber, around] = [current, this.evidence];
    enter(this);
    this.evidence = ticket.evidence;
    try {
      ticket.cancel?.();
    } catch (error) {
      this.#errors.push(error);
    } finally {
      this.evidence = around;
      enter(fiber);
    }
    return true;
  }

  /** Continues after the last frame: first finalisers and children, then the end. */
  #leave({ mode, value }: Turn): Turn | undefined {
    if (this.#phase !== "exiting") {
      // The last frame was the body's, so its value is an A.
      if (mode === "next") this.#result = { type: "done", value: value as A };
      else if (mode === "throw") this.#errors.push(value);
      this.#phase = "exiting";
      if (this.#exits.size > 0) {
        this.#frames.push({ body: () => this.#unwind(), outer: this.evidence });
        return NEXT;
      }
    }
    this.#phase = "ended";
    if (this.#errors.length > 0) this.#result = { type: "failed", error: failureOf(this.#errors) };
    for (const report of this.#settled) report();
    return undefined;
  }

  *#unwind(): Generator<unknown, void> {
    while (this.#exits.size > 0)
      for (const exit of [...this.#exits].toReversed())
        try {
          // An earlier exit may have removed this one.
          const program = this.#exits.delete(exit) && exit();
          if (program) yield* program;
        } catch (error) {
          this.#errors.push(error);
        }
  }
}

/** Adds an item to a set, and returns a function that removes it. */
function added<T>(items: Set<T>, item: T): Cancel {
  items.add(item);
  return () => void items.delete(item);
}
