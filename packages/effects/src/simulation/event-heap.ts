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
  resume: 9,
  compute: 10,
  call: 11,
} as const;
/** One of {@link EVENT}. */
export type EventKind = (typeof EVENT)[keyof typeof EVENT];

/** The name of such a kind. */
export type EventName = keyof typeof EVENT;

const NAMES = new Map<EventKind, EventName>(Object.entries(EVENT).map(([name, kind]) => [kind, name as EventName]));

/** The name of a kind. */
export function eventName(kind: EventKind): EventName {
  return NAMES.get(kind) ?? "fault";
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
  readonly kind: EventKind;
  /** Whom it happens to; nobody: the simulation itself. */
  readonly node: EventOwner | undefined;
  /** It happens only if this life is still going on. */
  readonly life: { readonly alive: boolean } | undefined;
  /** Index of the other node, if there is one; else -1. */
  readonly peer: number;
  readonly bytes: Uint8Array | undefined;
  /** Number of the event during which it was planned, and when that was. */
  cause: number;
  causedUs: number;
  /** Nothing: it was cancelled. */
  run: (() => void) | undefined;
}

/** Whom events happen to. */
export interface EventOwner {
  readonly id: string;
  readonly index: number;
  readonly paused: boolean;
  /** What happened to it while it was paused. */
  readonly deferred: SimulationEvent[];
}

/** The events to come, the next one first: a binary heap. */
export class EventHeap {
  readonly #events: SimulationEvent[] = [];

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
    events.push(event);
    while (at > 0) {
      const above = (at - 1) >> 1;
      const parent = events[above];
      if (parent === undefined || !before(event, parent)) break;
      events[at] = parent;
      at = above;
    }
    events[at] = event;
  }

  pop(): SimulationEvent | undefined {
    const events = this.#events;
    const first = events[0];
    const last = events.pop();
    if (first === undefined || last === undefined || events.length === 0) return first;
    let at = 0;
    for (;;) {
      let below = 2 * at + 1;
      let child = events[below];
      if (child === undefined) break;
      const right = events[below + 1];
      if (right !== undefined && before(right, child)) {
        below += 1;
        child = right;
      }
      if (!before(child, last)) break;
      events[at] = child;
      at = below;
    }
    events[at] = last;
    return first;
  }
}

/** True if the first of two events happens first. */
export function before(one: SimulationEvent, other: SimulationEvent): boolean {
  if (one.timeUs !== other.timeUs) return one.timeUs < other.timeUs;
  if (one.tie !== other.tie) return one.tie < other.tie;
  return one.order < other.order;
}
