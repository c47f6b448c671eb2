import type { Problem } from "../tabulate.ts";

/**
 * A term of the energy. Its value is a whole number of quanta, so that sums of changes are exact: after any number of
 * moves the tracked energy is the one computed from nothing, to the bit.
 */
export interface Term {
  /** True if a placement with more than 0 of the term is not feasible. */
  readonly hard: boolean;
  /** Returns the state that makes a change cheap, with nothing placed; undefined where the term is always 0. */
  track(problem: Problem, place: Int32Array): Tracked | undefined;
  /** Returns the quanta of a placement, computed from nothing. */
  of(problem: Problem, place: Int32Array): number;
}

/** A term that follows a placement. `from` and `to` are nodes or `UNPLACED`, never equal. */
export interface Tracked {
  /** Quanta by which the term would change; O(degree + resources). */
  change(task: number, from: number, to: number): number;
  /** Quanta by which the term would change if `a` on `nodeA` and `b` on `nodeB`, two nodes, changed places. */
  exchange(a: number, nodeA: number, b: number, nodeB: number): number;
  /** Follows a move. It is called before `place` changes. */
  move(task: number, from: number, to: number): void;
}
