import type { Alarm } from "../alarm.ts";
import type { Contribution } from "../contribution.ts";
import type { Evidence } from "../evidence.ts";

/** Evidence that a ranker reads. */
export interface Clues {
  /** The question by numbers. */
  readonly evidence: Evidence;
  /** By node: its part of the target's deviation; undefined where it was not measured. */
  readonly contributions: readonly (Contribution | undefined)[];
  /** Rarity of the incident. */
  readonly alarm: Alarm;
}

/**
 * Gives each node a score, 0 or more, the most suspect the highest; by the numbers of `evidence.system`. Nodes without a
 * way to the target are scored too, since an edge may be missing; what is not measured scores 0.
 */
export type Ranker = (clues: Clues) => Float64Array;
