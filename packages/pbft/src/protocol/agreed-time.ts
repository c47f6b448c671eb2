/**
 * The time of a batch: proposed by the primary, checked by the backups before they vote, the same for all at
 * execution (Castro & Liskov 1999, §4.6). Compatible with a hybrid logical clock's timestamp.
 */
import { LOGICAL_MAX } from "../limits.ts";

/** A proposed or agreed time. `proposer` is the index of the replica that proposed it. */
export interface AgreedTime {
  /** Milliseconds since 1970. */
  readonly physicalMs: number;
  /** Counter within the millisecond. */
  readonly logical: number;
  /** Index of the replica that proposed it. */
  readonly proposer: number;
}

/** Before every batch. */
export const TIME_ZERO: AgreedTime = { physicalMs: 0, logical: 0, proposer: 0 };

/** Order by physical, then logical part. Agreed times of one log never differ in the proposer alone. */
export function isAfter(time: AgreedTime, other: AgreedTime): boolean {
  return time.physicalMs > other.physicalMs || (time.physicalMs === other.physicalMs && time.logical > other.logical);
}

/** The least time after `last`; the counter carries into the milliseconds. */
function nextAfter(last: AgreedTime, proposer: number): AgreedTime {
  if (last.logical < LOGICAL_MAX) return { physicalMs: last.physicalMs, logical: last.logical + 1, proposer };
  return { physicalMs: last.physicalMs + 1, logical: 0, proposer };
}

/** Proposes a time: the primary's clock, or the least time after `last` when the clock is not beyond it. */
export function proposeTime(last: AgreedTime, wallMs: number, proposer: number): AgreedTime {
  const physicalMs = Math.max(0, Math.floor(wallMs));
  return physicalMs > last.physicalMs ? { physicalMs, logical: 0, proposer } : nextAfter(last, proposer);
}

/**
 * The time at which a batch is executed. A batch re-proposed by a NEW-VIEW keeps its time, so that times may run
 * backwards across a view change; here they are made strictly increasing, by the same rule everywhere.
 */
export function executionTime(last: AgreedTime, proposed: AgreedTime): AgreedTime {
  return isAfter(proposed, last) ? proposed : nextAfter(last, proposed.proposer);
}

/**
 * Returns whether a backup may vote for a proposed time. It gates the PREPARE only: never replay, state transfer or what a
 * NEW-VIEW re-proposes. A time that merely follows `previous` by the least step is fine whatever the clock says:
 * otherwise a cluster whose clocks were once ahead could agree on nothing until they catch up.
 */
export function mayPrepare(time: AgreedTime, previous: AgreedTime, wallMs: number, driftMs: number): boolean {
  if (!isAfter(time, previous)) return false;
  const ahead = time.physicalMs > wallMs + driftMs && time.physicalMs > previous.physicalMs + 1;
  return !ahead && time.physicalMs >= wallMs - driftMs;
}
