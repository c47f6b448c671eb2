/**
 * The search for an order that explains a history. It is Wing & Gong's, which tries the open operations, with Lowe's
 * two improvements. Configurations that were seen are not tried again. An operation is placed no earlier than the next
 * return demands it ("just in time").
 *
 * J. M. Wing, C. Gong: Testing and Verifying Concurrent Objects, JPDC 17 (1993). G. Lowe: Testing for Linearizability,
 * Concurrency and Computation 29 (2017).
 */
import type { Timeline } from "./history.ts";
import { type Model, REFUSED, UNKNOWN } from "./model.ts";
import { States } from "./states.ts";

/** The beginning of a search: a state, and the operations that it already includes. */
export interface Start<State> {
  readonly state: State;
  readonly done: readonly number[];
}

/** Bounds of a search, and its progress callback. */
export interface SearchLimits {
  /** Calls of the model's `step` before the search gives up. */
  readonly stepsMax: number;
  /** Called every {@link PROGRESS_STEPS} steps with the number of steps and of explained events of the timeline. */
  readonly onProgress?: ((steps: number, explained: number) => void) | undefined;
}

/** The result of a search. */
export interface Found {
  /** `found`: `order` explains everything. `none`: no order does. `gave-up`: the steps were used up. */
  readonly end: "found" | "none" | "gave-up";
  readonly steps: number;
  /** Operations in an order that explains them. Those with an unknown outcome are included only if needed. */
  readonly order: readonly number[];
  /** Last event that any order reaches: a return that no order explains. */
  readonly deepest: number;
}

/** One way to the return that no order explains. */
export interface DeadEnd<State> {
  readonly order: readonly number[];
  readonly state: State;
}

/** Callbacks during a search. */
export interface Watch<State> {
  /** Called at each point of the search, before the return of an operation that is not placed. */
  readonly onPoint?: (at: number, end: DeadEnd<State>) => void;
  /** Called with each state, and its operations that are still open, in which an order passes this call. */
  readonly passing?: { readonly event: number; readonly onState: (start: Start<State>) => void };
}

/** A point of the search: just before a return of an operation that is not placed yet. */
interface Frame {
  readonly at: number;
  readonly state: number;
  readonly placed: Int32Array;
  /** Operations placed since the previous frame. */
  readonly added: readonly number[];
  next: number;
}

/** Characters of states' identities that count as one step. */
const CHARACTERS_PER_STEP = 64;
const PROGRESS_STEPS = 1 << 16;

/** A depth-first search over the placements of one object's operations. */
export class Search<State, Input, Output> {
  readonly #model: Model<State, Input, Output>;
  readonly #timeline: Timeline<Input, Output>;
  readonly #limits: SearchLimits;
  readonly #watch: Watch<State>;
  readonly #states: States<State>;
  readonly #seen: (Set<number | string> | undefined)[] = [];
  readonly #stack: Frame[] = [];
  #steps = 0;
  #deepest = 0;

  constructor(
    model: Model<State, Input, Output>,
    timeline: Timeline<Input, Output>,
    limits: SearchLimits,
    watch: Watch<State> = {}
  ) {
    this.#model = model;
    this.#timeline = timeline;
    this.#limits = limits;
    this.#watch = watch;
    this.#states = new States(model.identity);
  }

  /** Runs to the end, or to the limit. */
  run(starts: readonly Start<State>[]): Found {
    for (const start of starts) {
      const first = this.#arrive(0, this.#states.number(start.state), this.#bitsOf(start.done), []);
      if (this.#seenBefore(first)) continue;
      this.#stack.push(first);
      const end = this.#explore();
      if (end !== "none") return this.#result(end);
      this.#stack.length = 0;
    }
    return this.#result("none");
  }

  #explore(): "found" | "none" | "gave-up" {
    for (let frame = this.#stack.at(-1); frame; frame = this.#stack.at(-1)) {
      this.#deepest = Math.max(this.#deepest, frame.at);
      if (frame.at === this.#timeline.events.length) return "found";
      if (frame.next === 0 && this.#watch.onPoint)
        this.#watch.onPoint(frame.at, { order: this.#order(), state: this.#states.state(frame.state) });
      const operation = this.#nextOpen(frame);
      if (operation === undefined) {
        this.#stack.pop();
        continue;
      }
      // Large states take as much memory and time as many small ones.
      const weight = this.#steps + this.#states.characters / CHARACTERS_PER_STEP;
      if (weight >= this.#limits.stepsMax) return "gave-up";
      const below = this.#place(frame, operation);
      if (below && !this.#seenBefore(below)) this.#stack.push(below);
    }
    return "none";
  }

  /**
   * Returns the next operation to try: first the one that returns here, then the others by their return, then those
   * with an unknown outcome.
   */
  #nextOpen(frame: Frame): number | undefined {
    const { open, pending, pendingBefore } = this.#timeline;
    const known = open[frame.at] ?? [];
    const count = known.length + (pendingBefore[frame.at] ?? 0);
    while (frame.next < count) {
      const index = frame.next++;
      const operation = index < known.length ? known[index] : pending[index - known.length];
      if (operation !== undefined && !this.#has(frame.placed, operation)) return operation;
    }
    return undefined;
  }

  #place(frame: Frame, operation: number): Frame | undefined {
    const state = this.#step(frame.state, operation);
    if (state === undefined) return undefined;
    // It has no effect and nobody waits for it, so it may as well come later, or never.
    if (state === frame.state && this.#timeline.operations[operation]?.returnedAt === undefined) return undefined;
    const placed = frame.placed.slice();
    this.#flip(placed, operation);
    return this.#arrive(frame.at, state, placed, [operation]);
  }

  /** Advances to the next return of an operation that is not placed. Fitting reads are placed on the way. */
  #arrive(from: number, state: number, placed: Int32Array, added: number[]): Frame {
    const { events } = this.#timeline;
    let at = from;
    for (; at < events.length; at += 1) {
      const event = events[at] ?? 0;
      if (at === this.#watch.passing?.event) this.#pass(at, state, placed);
      if (event % 2 === 0) continue;
      const returning = event >> 1;
      if (!this.#has(placed, returning)) {
        this.#placeReads(at, state, placed, added);
        if (!this.#has(placed, returning)) break;
      }
      this.#flip(placed, returning);
    }
    return { at, state, placed, added, next: 0 };
  }

  #placeReads(at: number, state: number, placed: Int32Array, added: number[]): void {
    const { readOnly } = this.#model;
    if (!readOnly) return;
    for (const operation of this.#timeline.open[at] ?? []) {
      const read = this.#timeline.operations[operation];
      if (!read || this.#has(placed, operation) || !readOnly(read.input)) continue;
      if (this.#step(state, operation) === undefined) continue;
      this.#flip(placed, operation);
      added.push(operation);
    }
  }

  /** Returns the number of the state after an operation; undefined if the model refuses it. */
  #step(state: number, operation: number): number | undefined {
    const asked = this.#timeline.operations[operation];
    if (!asked) return undefined;
    this.#steps += 1;
    if (this.#steps % PROGRESS_STEPS === 0) this.#limits.onProgress?.(this.#steps, this.#deepest);
    // An operation that returned has an output, even if its type does not include undefined.
    const output = asked.returnedAt === undefined ? UNKNOWN : (asked.output as Output);
    const next = this.#model.step(this.#states.state(state), asked.input, output);
    return next === REFUSED ? undefined : this.#states.number(next);
  }

  #pass(at: number, state: number, placed: Int32Array): void {
    const { open, pending, pendingBefore, events } = this.#timeline;
    // Operations open at a call are open at the next return, too, except those called in between.
    let next = at;
    while (next < events.length && (events[next] ?? 0) % 2 === 0) next += 1;
    const known = (open[next] ?? []).filter((operation) => this.#has(placed, operation));
    const unknown = pending.slice(0, pendingBefore[at]).filter((operation) => this.#has(placed, operation));
    this.#watch.passing?.onState({ state: this.#states.state(state), done: [...known, ...unknown] });
  }

  #seenBefore({ at, state, placed }: Frame): boolean {
    const seen = (this.#seen[at] ??= new Set());
    const small = placed.length <= 1 && state < 2 ** 21;
    const key = small ? state * 2 ** 32 + ((placed[0] ?? 0) >>> 0) : `${state} ${placed.join(" ")}`;
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  }

  #result(end: "found" | "none" | "gave-up"): Found {
    return { end, steps: this.#steps, order: end === "found" ? this.#order() : [], deepest: this.#deepest };
  }

  #order(): number[] {
    return this.#stack.flatMap(({ added }) => added);
  }

  // ── sets of operations ──

  #bitsOf(operations: readonly number[]): Int32Array {
    const set = new Int32Array(Math.ceil(this.#timeline.width / 32));
    for (const operation of operations) this.#flip(set, operation);
    return set;
  }

  #has(set: Int32Array, operation: number): boolean {
    const bit = this.#timeline.bits[operation] ?? 0;
    return (((set[bit >> 5] ?? 0) >>> (bit & 31)) & 1) === 1;
  }

  #flip(set: Int32Array, operation: number): void {
    const bit = this.#timeline.bits[operation] ?? 0;
    set[bit >> 5] = (set[bit >> 5] ?? 0) ^ (1 << (bit & 31));
  }
}
