/**
 * Which of several events that may happen next does.
 */

/** Events happen in order of their time; of one time, as the seed has it. */
export interface FifoSchedule {
  readonly kind: "fifo";
}

/** How far a schedule may bend time. */
export interface ScheduleWindow {
  /**
   * Events that are due within so many virtual milliseconds of the earliest one may happen before it: they are on time,
   * it is late. Timers of one node, frames and news of one link, and faults keep their order. @defaultValue 5
   */
  readonly windowMs?: number;
}

/** Each of the events that may happen next is as likely as the others. */
export interface RandomSchedule extends ScheduleWindow {
  readonly kind: "random";
}

/**
 * Probabilistic concurrency testing (Burckhardt et al., ASPLOS 2010): each line of events (the timers of a node, its
 * disk, one direction of a link) has a priority drawn once, the highest goes first, and at `depth - 1` events drawn in
 * advance the line whose turn it is falls behind all others.
 */
export interface PctSchedule extends ScheduleWindow {
  readonly kind: "pct";
  /** How many ordering constraints the bug needs. @defaultValue 3 */
  readonly depth?: number;
  /** Of how many events the run is thought to be: where changes are drawn from. @defaultValue 1_000 */
  readonly events?: number;
}

/** How ties and near ties are decided. */
export type Schedule = FifoSchedule | RandomSchedule | PctSchedule;

/** Where a run left the order of time: the `event`-th event (from 1) was the one after `pick` others. */
export interface Decision {
  /** Number of the event in the run, from 1. */
  readonly event: number;
  /** How many events that were due before it, and could have happened, it overtook. */
  readonly pick: number;
}
