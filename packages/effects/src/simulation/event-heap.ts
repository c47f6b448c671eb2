import type { Lane } from "./lane.ts";

/** What kind of thing happens; the numbers go into the trace hash. */
export const EVENT = {
  start: 1,
  stop: 2,
  crash: 3,
  timer: 4,
  frame: 5,
  link: 6,
  disk: 7,
  fault: 8,
  compute: 10,
  call: 11,
} as const;
/** One of {@link EVENT}. */
export type EventKind = (typeof EVENT)[keyof typeof EVENT];

/** The name of a kind of event. */
export type EventName =
  | "start"
  | "stop"
  | "crash"
  | "timer"
  | "frame"
  | "link"
  | "disk"
  | "fault"
  | "compute"
  | "call";

const NAMES: Readonly<Record<EventKind, EventName>> = {
  [EVENT.start]: "start",
  [EVENT.stop]: "stop",
  [EVENT.crash]: "crash",
  [EVENT.timer]: "timer",
  [EVENT.frame]: "frame",
  [EVENT.link]: "link",
  [EVENT.disk]: "disk",
  [EVENT.fault]: "fault",
  [EVENT.compute]: "compute",
  [EVENT.call]: "call",
};

/** The name of a kind. */
export function eventName(kind: EventKind): EventName {
  return NAMES[kind];
}

/** Something that will happen at a virtual time. */
export interface SimulationEvent {
  /** Virtual microseconds since the beginning, whole. */
  timeUs: number;
  /**
   * Decides between events of one time: drawn by the seed for each node and time, so one node's events keep their
   * order.
   */
  tie: number;
  /** Decides between events of one time and tie: the order in which they were planned. */
  order: number;
  kind: EventKind;
  /** Whom it happens to; nobody: the simulation itself. */
  node: EventOwner | undefined;
  /** It happens only if this life is still going on. */
  life: { readonly alive: boolean } | undefined;
  /** Index of the other node, if there is one; else -1. */
  peer: number;
  bytes: Uint8Array | undefined;
  /** Number of the event during which it was planned, and when that was. */
  cause: number;
  causedUs: number;
  /** Nothing: it was cancelled. */
  run: ((event: SimulationEvent) => void) | undefined;
  /** Of a frame: the lane and the connection of it that it was sent over. */
  lane: Lane | undefined;
  epoch: number;
}

/** Whom events happen to. */
export interface EventOwner {
  readonly id: string;
  readonly index: number;
  readonly paused: boolean;
  /** What happened to it while it was paused. */
  readonly deferred: SimulationEvent[];
}

const CHILDREN = 4;
const CAPACITY = 64;

/**
 * The events to come, the next one first: a heap of four children each, whose times stand beside each other, so that
 * looking for a place rarely looks at the events themselves.
 */
export class EventHeap {
  readonly #events: SimulationEvent[] = [];
  #times = new Float64Array(CAPACITY);

  get size(): number {
    return this.#events.length;
  }

  /** All of them, in no order. */
  all(): readonly SimulationEvent[] {
    return this.#events;
  }

  peek(): SimulationEvent | undefined {
    return this.#events[0];
  }

  push(event: SimulationEvent): void {
    const events = this.#events;
    let at = events.length;
    if (at === this.#times.length) this.#grow();
    const times = this.#times;
    const time = event.timeUs;
    events.push(event);
    while (at > 0) {
      const above = (at - 1) >> 2;
      const parentTime = times[above] ?? 0;
      const parent = events[above];
      if (parentTime < time || parent === undefined || (parentTime === time && !before(event, parent))) break;
      events[at] = parent;
      times[at] = parentTime;
      at = above;
    }
    events[at] = event;
    times[at] = time;
  }

  pop(): SimulationEvent | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    const { length } = events;
    if (first === undefined || last === undefined || length === 0) return first;
    const times = this.#times;
    const time = last.timeUs;
    let at = 0;
    for (let child = 1; child < length; child = CHILDREN * at + 1) {
      const least = this.#least(child, Math.min(child + CHILDREN, length));
      const leastTime = times[least] ?? 0;
      const event = events[least];
      if (leastTime > time || event === undefined || (leastTime === time && !before(event, last))) break;
      events[at] = event;
      times[at] = leastTime;
      at = least;
    }
    events[at] = last;
    times[at] = time;
    return first;
  }

  /** The place of the next one among those from `from` to before `to`. */
  #least(from: number, to: number): number {
    const times = this.#times;
    let least = from;
    let leastTime = times[from] ?? 0;
    for (let at = from + 1; at < to; at += 1) {
      const time = times[at] ?? 0;
      if (time < leastTime || (time === leastTime && this.#isBefore(at, least))) {
        least = at;
        leastTime = time;
      }
    }
    return least;
  }

  #isBefore(one: number, other: number): boolean {
    const [first, second] = [this.#events[one], this.#events[other]];
    return first !== undefined && second !== undefined && before(first, second);
  }

  #grow(): void {
    const grown = new Float64Array(this.#times.length * 2);
    grown.set(this.#times);
    this.#times = grown;
  }
}

/** True if the first of two events happens first. */
export function before(one: SimulationEvent, other: SimulationEvent): boolean {
  if (one.timeUs !== other.timeUs) return one.timeUs < other.timeUs;
  if (one.tie !== other.tie) return one.tie < other.tie;
  return one.order < other.order;
}
