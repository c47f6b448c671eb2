import type { SeededRandom } from "@void-system/effects";
import { EVENT } from "./event-kind.ts";
import type { EventQueue } from "./event-queue.ts";
import { type EventTable, FIELD, NO_EVENT } from "./event-table.ts";
import type { Decision, Schedule } from "./schedule.ts";

/** Events that wait for paused nodes, by the index of the node. */
type Paused = ReadonlyMap<number, number[]>;

/** Events that wait until the threads of their nodes are free. */
export interface Backlogs {
  /** Makes an event wait if its node is busy at the event's time. Returns true if it waits. */
  putOff(event: number): boolean;
  /** Returns true if an event is due later than the next one of its busy node, behind which it would happen too early. */
  isAhead(event: number): boolean;
  /** Removes an event that was taken from the queue and will never happen. */
  drop(event: number): void;
}

const WINDOW_MS = 5;
const PCT_DEPTH = 3;
const PCT_EVENTS = 1_000;

/** Picks one of the events that may happen next. `lines` holds the line of each; 0 picks the first. */
type Pick = (lines: readonly number[], event: number) => number;

/**
 * Takes events out of a queue in the order that a schedule decides. An event that is held back is late by at most the
 * window, and none is early. So the contracts of timers, links and disks hold in every order.
 */
export class Scheduler {
  readonly decisions: Decision[] = [];
  readonly #windowUs: number;
  readonly #pick: Pick;
  /** Events taken from the queue that have not happened yet, in order of time. */
  readonly #window: number[] = [];

  /**
   * Repeats `decisions`, if given, instead of drawing from the schedule. It draws again after event number
   * `drawnAfter`.
   */
  constructor(schedule: Schedule, random: SeededRandom, decisions?: readonly Decision[], drawnAfter: number = Infinity) {
    this.#windowUs = Math.round((("windowMs" in schedule ? schedule.windowMs : undefined) ?? WINDOW_MS) * 1000);
    const draw = drawn(schedule, random);
    const repeat = repeated(decisions ?? []);
    this.#pick = (lines, event) => (decisions && event <= drawnAfter ? repeat : draw)(lines, event);
  }

  /** Events taken from the queue and not yet returned by `take`. */
  get waiting(): readonly number[] {
    return this.#window;
  }

  /**
   * Returns the next event that is due at `untilUs` or before, or {@link NO_EVENT} if there is none. It will be event
   * number `count`. Events of `paused` nodes are deferred there, and those of busy nodes go to their `backlogs`.
   */
  take(queue: EventQueue, untilUs: number, count: number, paused: Paused, backlogs?: Backlogs): number {
    const { table } = queue;
    const window = this.#window;
    // A waiting event comes back at the time when its thread is free, which may be within the window.
    do this.#refill(queue, untilUs, paused, backlogs);
    while (backlogs && this.#putOff(table, untilUs, backlogs));
    const lines: number[] = [];
    const heads: number[] = [];
    for (const [at, held] of window.entries()) {
      if (paused.has(table.get(held, FIELD.node)) || table.timeUs(held) > untilUs || backlogs?.isAhead(held)) continue;
      const line = lineOf(table, held);
      if (lines.includes(line)) continue;
      lines.push(line);
      heads.push(at);
    }
    if (lines.length === 0) return NO_EVENT;
    const pick = Math.min(this.#pick(lines, count), lines.length - 1);
    if (pick > 0) this.decisions.push({ event: count, pick });
    const [taken] = window.splice(heads[pick] ?? 0, 1);
    return taken ?? NO_EVENT;
  }

  /** Takes in the events that are due within the window of the earliest one, and drops those no longer wanted. */
  #refill(queue: EventQueue, untilUs: number, paused: Paused, backlogs: Backlogs | undefined): void {
    const { table } = queue;
    const window = this.#window;
    const drop = (event: number): void => (backlogs ? backlogs.drop(event) : table.remove(event));
    for (let at = window.length - 1; at >= 0; at -= 1) {
      const held = window[at] ?? NO_EVENT;
      if (table.isWanted(held)) continue;
      window.splice(at, 1);
      drop(held);
    }
    for (;;) {
      const [first = NO_EVENT] = window;
      const next = queue.peek();
      const firstUs = table.timeUs(first);
      const nextUs = table.timeUs(next);
      if (next !== NO_EVENT && nextUs <= Math.min(Math.min(firstUs, nextUs) + this.#windowUs, untilUs)) {
        queue.pop();
        if (table.isWanted(next)) this.#hold(table, next);
        else drop(next);
      } else {
        if (first === NO_EVENT || firstUs > untilUs) return;
        const deferred = paused.get(table.get(first, FIELD.node));
        if (!deferred) return;
        window.shift();
        if (!backlogs?.putOff(first)) deferred.push(first);
      }
    }
  }

  /** Moves events of busy nodes out of the window. Returns true if there were any. */
  #putOff(table: EventTable, untilUs: number, backlogs: Backlogs): boolean {
    const window = this.#window;
    const before = window.length;
    const kept = window.filter((held) => table.timeUs(held) > untilUs || backlogs.isAhead(held) || !backlogs.putOff(held));
    window.splice(0, before, ...kept);
    return kept.length < before;
  }

  #hold(table: EventTable, event: number): void {
    let at = this.#window.length;
    for (; at > 0; at -= 1) {
      const earlier = this.#window[at - 1];
      if (earlier === undefined || table.before(earlier, event)) break;
    }
    this.#window.splice(at, 0, event);
  }
}

function drawn(schedule: Schedule, random: SeededRandom): Pick {
  switch (schedule.kind) {
    case "fifo":
      return () => 0;
    case "random":
      return (lines) => random.below(lines.length);
    case "pct":
      return prioritised(random, schedule.depth ?? PCT_DEPTH, schedule.events);
  }
}

function repeated(decisions: readonly Decision[]): Pick {
  const picks = new Map(decisions.map(({ event, pick }) => [event, pick]));
  return (_lines, event) => picks.get(event) ?? 0;
}

function prioritised(random: SeededRandom, depth: number, events = PCT_EVENTS): Pick {
  const changes = new Set(Array.from({ length: depth - 1 }, () => 1 + random.below(events)));
  const priorities = new Map<number, number>();
  let lowest = 0;
  const priority = (line: number): number => {
    let found = priorities.get(line);
    if (found === undefined) priorities.set(line, (found = 1 + random.below(2 ** 31)));
    return found;
  };
  const highest = (lines: readonly number[]): number => {
    let best = 0;
    for (const [at, line] of lines.entries()) if (priority(line) > priority(lines[best] ?? line)) best = at;
    return best;
  };
  return (lines, event) => {
    if (changes.delete(event)) priorities.set(lines[highest(lines)] ?? 0, (lowest -= 1));
    return highest(lines);
  };
}

/**
 * Returns the line of an event. Events of one line happen in order of time: timers of a node, its disk, one direction
 * of a link, faults.
 */
function lineOf(table: EventTable, event: number): number {
  const kind = table.kindOf(event);
  const node = table.get(event, FIELD.node);
  const peer = table.get(event, FIELD.peer);
  if (node < 0) return -1;
  // A job runs on a thread of its own, so it keeps order with no other event.
  if (kind === EVENT.compute) return -2 - table.orderOf(event);
  const link = kind === EVENT.frame || kind === EVENT.link;
  return ((node + 1) * 16 + (link ? EVENT.frame : kind)) * 2 ** 26 + (link ? peer + 1 : 0);
}
