/**
 * The events of a run, for people and charts.
 */
import type { PeerId } from "@void-system/effects";
import { type EventName, eventName } from "./event-kind.ts";
import { type EventTable, FIELD } from "./event-table.ts";

/** Most events that a run with `trace` keeps. */
export const TRACE_EVENTS_MAX = 1_000_000;

/**
 * One event, as it happened. Faults and actions planned by `at` have the kind `fault`. Calls from outside a node have the
 * kind `call`.
 */
export interface TraceEvent {
  /** Its number in the run, from 1. */
  readonly event: number;
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
  readonly kind: EventName;
  /** Node of the event; undefined for the simulation itself. */
  readonly node: PeerId | undefined;
  /** Sender of a frame, or the other end of a link. */
  readonly peer: PeerId | undefined;
  /** Bytes of a frame. Must not be changed. */
  readonly bytes: Uint8Array | undefined;
  /** Number of the event that caused this one by sending a frame or setting a timer, say. 0: before the first event. */
  readonly cause: number;
  /** Time of the cause in virtual milliseconds. */
  readonly causedAtMs: number;
  /**
   * Result of the event. Frames: `lost`, `duplicate` or `corrupted`. Links: `up`, `down` or `writable`. Disks: `open`,
   * `sync` or `checkpoint`. Jobs: their name. Faults: their kind and target. Calls: the client and its operation.
   * Otherwise empty.
   */
  readonly note: string;
}

/** Returns the trace entry of an event that has just happened as number `number`. */
export function traced(
  table: EventTable,
  event: number,
  note: string,
  number: number,
  nowUs: number,
  nameOf: (index: number) => PeerId | undefined
): TraceEvent {
  const { cause, causedUs } = table.causeOf(event);
  return {
    event: number,
    atMs: nowUs / 1000,
    kind: eventName(table.kindOf(event)),
    node: nameOf(table.get(event, FIELD.node)),
    peer: nameOf(table.get(event, FIELD.peer)),
    bytes: table.bytesOf(event),
    cause,
    causedAtMs: causedUs / 1000,
    note,
  };
}
