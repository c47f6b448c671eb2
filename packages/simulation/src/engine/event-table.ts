/**
 * Pending events, in tables rather than objects: with ten thousand nodes, the cost of an event is the memory it
 * touches.
 */
import type { Cancel } from "@void-system/effects";
import type { EventKind } from "./event-kind.ts";

/** Index that stands for no event. */
export const NO_EVENT = -1;

/** 32-bit integers of an event, by their place in its row. */
export const FIELD = {
  /**
   * Decides between events of one time. The seed draws it for each node and time, so one node's events keep their
   * order.
   */
  tie: 0,
  kind: 1,
  /** Index of the event's node; -1 for the simulation itself. */
  node: 2,
  /** Index of the other node; -1 if there is none. */
  peer: 3,
  /** Number of a frame's lane; -1 for all other events. */
  lane: 4,
  /** Number of the connection on the lane that carries the frame. */
  epoch: 5,
  /** One of {@link FATE} in the two lowest bits. Those above are the frame's checksum. */
  fate: 6,
  /** Next event in the same slot of the queue, or in the list of free rows. */
  next: 7,
} as const;

/** Ways in which a frame's journey can end. */
export const FATE = { arrival: 0, loss: 1, duplicate: 2 } as const;

type Field = (typeof FIELD)[keyof typeof FIELD];
/** One of {@link FATE}. */
export type Fate = (typeof FATE)[keyof typeof FATE];

/** Numbers beyond 32 bits, by their place in a row, behind the integers. */
const LONG = { timeUs: 4, order: 5, cause: 6, causedUs: 7 } as const;

/** A row takes 64 bytes, a line of the processor's cache. */
const LONGS = 8;
const WORDS = 16;
const EVENTS = 64;

/** Pending events and the one that happens. Each has a small number, which is used again once the event is over. */
export class EventTable {
  /** Number of events that were cancelled. */
  cancelled = 0;
  #size = 0;
  #free: number = NO_EVENT;
  #longs = new Float64Array(EVENTS * LONGS);
  #words = new Int32Array(this.#longs.buffer);
  /** Number of events without a lane that have used each row. */
  #uses = new Int32Array(EVENTS);
  readonly #bytes: (Uint8Array | undefined)[] = [];
  readonly #lives: ({ readonly alive: boolean } | undefined)[] = [];
  readonly #runs: ((() => void) | undefined)[] = [];

  /** Adds an event. Its time and its action are set by further calls. */
  add(kind: EventKind, node: number, peer: number, bytes: Uint8Array | undefined): number {
    const event = this.#free === NO_EVENT ? this.#extend() : this.#free;
    this.#free = this.get(event, FIELD.next);
    this.#set(event, FIELD.kind, kind);
    this.#set(event, FIELD.node, node);
    this.#set(event, FIELD.peer, peer);
    this.#set(event, FIELD.lane, -1);
    this.#bytes[event] = bytes;
    return event;
  }

  /**
   * Sets the time of an event in whole virtual microseconds since the beginning. `order` decides between events of one
   * tie.
   */
  time(event: number, timeUs: number, tie: number, order: number): void {
    this.#set(event, FIELD.tie, tie);
    this.#longs[event * LONGS + LONG.timeUs] = timeUs;
    this.#longs[event * LONGS + LONG.order] = order;
  }

  /** Sets the number and time of the event that planned this one. */
  cause(event: number, cause: number, causedUs: number): void {
    this.#longs[event * LONGS + LONG.cause] = cause;
    this.#longs[event * LONGS + LONG.causedUs] = causedUs;
  }

  /** Sets the action of an event. It is skipped if `life`, where given, has ended by that time. */
  act(event: number, run: () => void, life: { readonly alive: boolean } | undefined): void {
    this.#runs[event] = run;
    this.#lives[event] = life;
  }

  /** Makes an event the arrival or the loss of a frame on a lane. `sum` is a checksum of 30 bits. */
  travel(event: number, lane: number, epoch: number, fate: Fate, sum: number): void {
    this.#set(event, FIELD.lane, lane);
    this.#set(event, FIELD.epoch, epoch);
    this.#set(event, FIELD.fate, (sum << 2) | fate);
  }

  /** Returns the fate of a frame. */
  fateOf(event: number): Fate {
    // `travel` has put one there.
    return (this.get(event, FIELD.fate) & 3) as Fate;
  }

  /** Returns the checksum of a frame. */
  sumOf(event: number): number {
    return this.get(event, FIELD.fate) >>> 2;
  }

  /** Sets the next event of a chain. */
  link(event: number, next: number): void {
    this.#set(event, FIELD.next, next);
  }

  /** Removes an event. Its number may be used again. */
  remove(event: number): void {
    this.#bytes[event] = undefined;
    if (this.get(event, FIELD.lane) < 0) {
      this.#runs[event] = undefined;
      this.#lives[event] = undefined;
      this.#uses[event] = this.#usesOf(event) + 1;
    }
    this.link(event, this.#free);
    this.#free = event;
  }

  /** Returns a function that cancels the event while it is pending. */
  cancelOf(event: number): Cancel {
    const uses = this.#usesOf(event);
    return () => {
      if (this.#usesOf(event) !== uses) return;
      this.#runs[event] = undefined;
      this.cancelled += 1;
    };
  }

  /** Returns true unless the event was cancelled or its node's life has ended. */
  isWanted(event: number): boolean {
    return this.get(event, FIELD.lane) >= 0 || (this.#runs[event] !== undefined && this.#lives[event]?.alive !== false);
  }

  get(event: number, field: Field): number {
    return this.#words[event * WORDS + field] ?? 0;
  }

  /** Returns the time of an event; `Infinity` for {@link NO_EVENT}. */
  timeUs(event: number): number {
    return event === NO_EVENT ? Infinity : (this.#longs[event * LONGS + LONG.timeUs] ?? Infinity);
  }

  orderOf(event: number): number {
    return this.#longs[event * LONGS + LONG.order] ?? 0;
  }

  kindOf(event: number): EventKind {
    // `add` has put one there.
    return this.get(event, FIELD.kind) as EventKind;
  }

  bytesOf(event: number): Uint8Array | undefined {
    return this.#bytes[event];
  }

  runOf(event: number): (() => void) | undefined {
    return this.#runs[event];
  }

  causeOf(event: number): { readonly cause: number; readonly causedUs: number } {
    const row = event * LONGS;
    return { cause: this.#longs[row + LONG.cause] ?? 0, causedUs: this.#longs[row + LONG.causedUs] ?? 0 };
  }

  /** Returns true if `one` happens before `other`. */
  before(one: number, other: number): boolean {
    const timeUs = this.timeUs(one);
    const otherUs = this.timeUs(other);
    if (timeUs !== otherUs) return timeUs < otherUs;
    const tie = this.get(one, FIELD.tie);
    const otherTie = this.get(other, FIELD.tie);
    return tie === otherTie ? this.orderOf(one) < this.orderOf(other) : tie < otherTie;
  }

  #usesOf(event: number): number {
    return this.#uses[event] ?? 0;
  }

  #set(event: number, field: Field, value: number): void {
    this.#words[event * WORDS + field] = value;
  }

  #extend(): number {
    const event = this.#size++;
    if (event === this.#uses.length) this.#grow();
    this.#runs.push(undefined);
    this.#lives.push(undefined);
    this.#bytes.push(undefined);
    this.link(event, NO_EVENT);
    return event;
  }

  #grow(): void {
    const [longs, uses] = [this.#longs, this.#uses];
    this.#longs = new Float64Array(longs.length * 2);
    this.#words = new Int32Array(this.#longs.buffer);
    this.#uses = new Int32Array(uses.length * 2);
    this.#longs.set(longs);
    this.#uses.set(uses);
  }
}
