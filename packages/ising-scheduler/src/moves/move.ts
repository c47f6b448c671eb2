import type { Assignment } from "../search/assignment.ts";
import type { Random } from "../search/random.ts";
import type { Problem } from "../compile/arrays.ts";

/** Tries one change of the placement, and keeps it if {@link Walk.accepts} its cost. */
export type Move = (walk: Walk) => void;

/** A placement that changes by chance. */
export interface Walk {
  readonly problem: Problem;
  readonly assignment: Assignment;
  readonly random: Random;
  /** Returns true if a change of the hard terms can be taken at all, before the soft terms are computed. */
  allows(hard: number): boolean;
  /** Returns true if a change is taken at the present temperature. */
  accepts(hard: number, soft: number): boolean;
}
