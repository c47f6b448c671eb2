/** Kinds of events. The numbers go into the trace hash, so they must not change. */
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

/** Name of a kind of event. */
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

/** Returns the name of a kind. */
export function eventName(kind: EventKind): EventName {
  return NAMES[kind];
}
