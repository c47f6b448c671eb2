/**
 * Events to come, in tables rather than objects: among ten thousand nodes an event costs the memory that it touches.
 */
import type { Cancel } from "@void-system/effects";
import type { EventKind } from "./event-kind.ts";

/** Of an event that there is not. */
export const NO_EVENT = -1;

/** Whole numbers of 32 bits, by their place in a row. */
export const FIELD = {
  /**
   * Decides between events of one time: drawn by the seed for each node and time, so one node's events keep their
   * order.
   */
  tie: 0,
  kind: 1,
  /** Index of the node it happens to; -1: the simulation itself. */
  node: 2,
  /** Index of the other node, if there is one; else -1. */
  peer: 3,
  /** Of a frame on a lane: the lane's number (of all else -1), which connection of it, and one of {@link FATE}. */
  lane: 4,
  epoch: 5,
  fate: 6,
  /** Another event of the same slot of the queue; of one that is over, another one that is. */
  next: 7,
} as const;

/** What becomes of a frame. */
export const FATE = { arrival: 0, loss: 1, duplicate: 2 } as const;

type Field = (typeof FIELD)[keyof typeof FIELD];
/** One of {@link FATE}. */
export type Fate = (typeof FATE)[keyof typeof FATE];

const FIELDS = 8;
const EVENTS = 64;

/** All events to come and the one that happens, by their numbers: small ones, used again once an event is over. */
export class EventTable {
  #size = 0;
  #free: number = NO_EVENT;
  #fields = new Int32Array(EVENTS * FIELDS);
  /** When each happens, and its order. */
  #times = new Float64Array(EVENTS * 2);
  /** The event during which each was planned, and when that was. */
  #causes = new Float64Array(EVENTS * 2);
  /** How many events without a lane have had each number. */
  #uses = new Int32Array(EVENTS);
  readonly #bytes: (Uint8Array | undefined)[] = [];
  readonly #lives: ({ readonly alive: boolean } | undefined)[] = [];
  readonly #runs: ((() => void) | undefined)[] = [];

  /** A new event: when it happens is to be said yet, and what is done then. */
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

  /** When it happens, in virtual microseconds since the beginning, whole; `order` decides between events of one tie. */
  time(event: number, timeUs: number, tie: number, order: number): void {
    this.#set(event, FIELD.tie, tie);
    this.#times[event * 2] = timeUs;
    this.#times[event * 2 + 1] = order;
  }

  /** During which event it was planned, and when that was. */
  cause(event: number, cause: number, causedUs: number): void {
    this.#causes[event * 2] = cause;
    this.#causes[event * 2 + 1] = causedUs;
  }

  /** `run` is done if `life`, where given, is still going on then. */
  act(event: number, run: () => void, life: { readonly alive: boolean } | undefined): void {
    this.#runs[event] = run;
    this.#lives[event] = life;
  }

  /** A frame arrives over a lane, or is lost on it. */
  travel(event: number, lane: number, epoch: number, fate: Fate): void {
    this.#set(event, FIELD.lane, lane);
    this.#set(event, FIELD.epoch, epoch);
    this.#set(event, FIELD.fate, fate);
  }

  /** Links an event with another one. */
  link(event: number, next: number): void {
    this.#set(event, FIELD.next, next);
  }

  /** It is over, or will never be: its number may be used for another one. */
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

  /** Takes it back, as long as it is to come. */
  cancelOf(event: number): Cancel {
    const uses = this.#usesOf(event);
    return () => {
      if (this.#usesOf(event) === uses) this.#runs[event] = undefined;
    };
  }

  /** It was not cancelled, and whose life it belongs to is going on. */
  isWanted(event: number): boolean {
    return this.get(event, FIELD.lane) >= 0 || (this.#runs[event] !== undefined && this.#lives[event]?.alive !== false);
  }

  get(event: number, field: Field): number {
    return this.#fields[event * FIELDS + field] ?? 0;
  }

  /** When it happens; never, if there is none. */
  timeUs(event: number): number {
    return event === NO_EVENT ? Infinity : (this.#times[event * 2] ?? Infinity);
  }

  orderOf(event: number): number {
    return this.#times[event * 2 + 1] ?? 0;
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
    return { cause: this.#causes[event * 2] ?? 0, causedUs: this.#causes[event * 2 + 1] ?? 0 };
  }

  /** True if the first of two events happens first. */
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
    this.#fields[event * FIELDS + field] = value;
  }

  #extend(): number {
    const event = this.#size++;
    if (event * FIELDS === this.#fields.length) this.#grow();
    this.#runs.push(undefined);
    this.#lives.push(undefined);
    this.#bytes.push(undefined);
    this.link(event, NO_EVENT);
    return event;
  }

  #grow(): void {
    const fields = new Int32Array(this.#fields.length * 2);
    const times = new Float64Array(this.#times.length * 2);
    const causes = new Float64Array(times.length);
    const uses = new Int32Array(this.#uses.length * 2);
    fields.set(this.#fields);
    times.set(this.#times);
    causes.set(this.#causes);
    uses.set(this.#uses);
    [this.#fields, this.#times, this.#causes, this.#uses] = [fields, times, causes, uses];
  }
}
