/**
 * The events of a run, for people and charts.
 */
import type { PeerId } from "@void-system/effects";
import { type EventName, eventName } from "./event-kind.ts";
import { type EventTable, FIELD } from "./event-table.ts";

/** Events that a run keeps at most, when it keeps them. */
export const TRACE_EVENTS_MAX = 1_000_000;

/** One event, as it happened. */
export interface TraceEvent {
  /** Its number in the run, from 1. */
  readonly event: number;
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
  /** What kind of thing happened. `fault` and `at` of the test both are `fault`; `call` is a call from outside. */
  readonly kind: EventName;
  /** Whom it happened to; nobody: the simulation itself. */
  readonly node: PeerId | undefined;
  /** Frames: who sent it. Links: the other end. */
  readonly peer: PeerId | undefined;
  /** Frames: what arrived. Not to be changed. */
  readonly bytes: Uint8Array | undefined;
  /** Number of the event during which it was asked for (a frame sent, a timer set); 0: before the first. */
  readonly cause: number;
  /** When that was, in virtual milliseconds. */
  readonly causedAtMs: number;
  /**
   * What became of it: a frame `lost`, `duplicate` or `corrupted`; a link `up`, `down`, `writable`; a disk `open`,
   * `sync`, `checkpoint`; a job's name; a fault's kind and whom it befalls; a client and its operation. Else empty.
   */
  readonly note: string;
}

/** An event that has just happened, as the `number`-th. */
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
