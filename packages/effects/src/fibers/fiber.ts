/**
 * A fiber: a program at work, on a stack of its own, with its children and its finalisers.
 */
import type { Cancel } from "../world.ts";
import type { Eff } from "./eff.ts";
import { failureOf, ResumedTwiceError, StrayYieldError } from "../errors.ts";
import type { Evidence } from "./evidence.ts";
import type { Nested, Outcome, Register, RunningFiber, Waker } from "./running-fiber.ts";
import { current, enter } from "./current.ts";
import { PARKED, type Signal } from "./step.ts";
import { traceOf } from "./trace.ts";

/** Frames that may run inside of each other on the engine's stack; further ones begin from the driver. */
const IN_PLACE_DEPTH_MAX = 64;

/** A program on the stack of its fiber. */
interface Frame extends Nested {
  /** There is one once it has begun; then it waits in a step. */
  iterator?: Iterator<unknown, unknown, unknown>;
  /** The evidence around it, which holds again when it ends. */
  readonly outer: Evidence;
  /** It was asked to end: what happens next is that the frame below it is, too. */
  returning?: true;
  /** What goes on when this frame, which is such an `after`, has ended. */
  readonly resumes?: Turn;
}

/** How a frame goes on. */
interface Turn extends Signal {
  readonly mode: "next" | "throw" | "return";
}

const NEXT: Turn = { mode: "next", value: undefined };
const RETURN: Turn = { mode: "return", value: undefined };

/** One wait for one answer. */
interface Ticket extends Turn {
  state: "open" | "answered" | "cancelled";
  mode: Turn["mode"];
  value: unknown;
  cancel: void | Cancel;
  /** Where it was begun, and is taken back. */
  readonly evidence: Evidence;
}

/** Something to be done when a fiber ends: a finaliser, or the end of a child. */
type Exit = () => void | Eff<unknown, unknown>;

/** A program at work. */
export class Fiber<A = unknown> implements RunningFiber {
  evidence: Evidence;
  behind: RunningFiber | undefined;
  /** Frames inside of each other on the engine's stack. */
  depth = 0;
  readonly scheduler: Waker;
  readonly #exits = new Set<Exit>();
  readonly #frames: Frame[];
  /** Frames that left the engine's stack since the driver was here last, innermost first. */
  readonly #unwound: Frame[] = [];
  readonly #answer: IteratorReturnResult<unknown> = { done: true, value: undefined };
  #ticket: Ticket | undefined;
  readonly #settled = new Set<() => void>();
  /** How many of its frames are masked. */
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

  /** Tells how it ended; at once if it has. */
  onEnd(settled: (outcome: Outcome<A>) => void): Cancel {
    const tell = (): void => settled(this.#result);
    if (!this.ended) return added(this.#settled, tell);
    tell();
    return () => undefined;
  }

  /** Has something done when this fiber ends: what was added last is done first. */
  addExit(exit: Exit): Cancel {
    return added(this.#exits, exit);
  }

  /** A child failed: this fiber ends with that error. */
  childFailed(error: unknown): void {
    this.#errors.push(error);
    this.interrupt();
  }

  /** Ends it before its time: its finalisers run, once. */
  interrupt(): void {
    this.#interrupted = true;
    if (this.#isCancelled && this.#takeBack()) this.scheduler.wake(this);
  }

  /**
   * Waits for an answer; in place when it is there at once. What `register`, and what it hands back, ask in direct style,
   * `inside` answers. A fiber that was cancelled begins no wait.
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
    // `resume` takes a B, and nothing else sets the value.
    return { done: true, value: ticket.value as B };
  }

  #settle(ticket: Ticket, mode: Turn["mode"], value: unknown): void {
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

  /** An answer that was there at once. One object for all of them: whoever steps reads it before anything else happens. */
  answer(value: unknown): IteratorReturnResult<unknown> {
    this.#answer.value = value;
    return this.#answer;
  }

  /** Has a frame begin on this fiber's own stack. One that is masked does not begin in a fiber that was cancelled. */
  nest(frame: Nested): IteratorResult<never, never> {
    if (frame.masked) {
      if (this.#isCancelled) return PARKED;
      this.#masks += 1;
    }
    this.#unwound.push({ ...frame, outer: this.evidence });
    return PARKED;
  }

  /** Goes on until it waits or ends. Called by the scheduler alone, when there is something to go on with. */
  fiberTurn(): void {
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

  /** A frame has ended: what the one below it hears. */
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

  /** An `after` has ended: the frame before it goes on as it would have, unless the `after` threw. */
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

  /** What the fiber goes on with. */
  #turn(): Turn {
    const ticket = this.#ticket;
    this.#ticket = undefined;
    return this.#mustUnwind() ? RETURN : (ticket ?? NEXT);
  }

  /** Something yielded. The frames that it came through go to this fiber's stack, the innermost on top. Nothing: it waits. */
  #adopt(result: IteratorResult<unknown, unknown>): Turn | undefined {
    for (let frame = this.#unwound.pop(); frame; frame = this.#unwound.pop()) this.#frames.push(frame);
    if (result !== PARKED) return { mode: "throw", value: new StrayYieldError() };
    if (!this.#frames.at(-1)?.iterator) return NEXT;
    return this.#mustUnwind() ? RETURN : undefined;
  }

  /** It was interrupted, and is to end wherever it is now. */
  get #isCancelled(): boolean {
    return this.#interrupted && this.#phase === "body" && this.#masks === 0;
  }

  /** True once, when the fiber was interrupted: its frames are to end. */
  #mustUnwind(): boolean {
    if (!this.#isCancelled) return false;
    this.#phase = "unwinding";
    this.#takeBack();
    return true;
  }

  /** Takes back what it waits for. False if it does not wait. */
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

  /** No frame is left: finalisers and children come next, then the end, after which nothing does. */
  #leave({ mode, value }: Turn): Turn | undefined {
    if (this.#phase !== "exiting") {
      // The last frame was the body's: what it returned is an A.
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
    for (const tell of this.#settled) tell();
    return undefined;
  }

  *#unwind(): Generator<unknown, void> {
    while (this.#exits.size > 0)
      for (const exit of [...this.#exits].toReversed())
        try {
          // One that another has dropped is none any more.
          const program = this.#exits.delete(exit) && exit();
          if (program) yield* program;
        } catch (error) {
          this.#errors.push(error);
        }
  }
}

/** Adds an item to a set; returns how to take it out again. */
function added<T>(items: Set<T>, item: T): Cancel {
  items.add(item);
  return () => void items.delete(item);
}
