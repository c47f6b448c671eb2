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
  /** Index of the node it happens to; -1: the simulation itself. */
  node: number;
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
  /** Of a frame: the number of the lane that it was sent over, and which connection of it; -1: none. */
  lane: number;
  epoch: number;
  /** Another one of the same slot of the queue. */
  next: SimulationEvent | undefined;
}

/** True if the first of two events happens first. */
export function before(one: SimulationEvent, other: SimulationEvent): boolean {
  if (one.timeUs !== other.timeUs) return one.timeUs < other.timeUs;
  if (one.tie !== other.tie) return one.tie < other.tie;
  return one.order < other.order;
}
