/**
 * The choice between events that may happen next.
 */

/** Events happen in order of time. The seed decides between events of one time. */
export interface FifoSchedule {
  readonly kind: "fifo";
}

/** Limit on how far a schedule may reorder events. */
export interface ScheduleWindow {
  /**
   * Events due within this many virtual milliseconds of the earliest event may overtake it. They happen on time, and
   * the overtaken event is late. Timers of one node, frames and notices of one link, and faults keep their order.
   * @defaultValue 5
   */
  readonly windowMs?: number;
}

/** Every event that may happen next is equally likely. */
export interface RandomSchedule extends ScheduleWindow {
  readonly kind: "random";
}

/**
 * Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010). Each line of events (the timers of a node, its
 * disk, one direction of a link) draws a priority once, and the highest goes first. At `depth - 1` events drawn in
 * advance, the line whose turn it is falls behind all others.
 */
export interface PctSchedule extends ScheduleWindow {
  readonly kind: "pct";
  /** Number of ordering constraints that the bug needs. @defaultValue 3 */
  readonly depth?: number;
  /** Expected number of events in the run, from which the changes of priority are drawn. @defaultValue 1_000 */
  readonly events?: number;
}

/** Rule for ties and near ties. */
export type Schedule = FifoSchedule | RandomSchedule | PctSchedule;

/** Departure of a run from the order of time: its `event`-th event overtook `pick` others. */
export interface Decision {
  /** Number of the event in the run, from 1. */
  readonly event: number;
  /** Number of events that were due earlier, could have happened and were overtaken. */
  readonly pick: number;
}
