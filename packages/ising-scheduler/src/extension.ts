import type { ClusterTermName, SchedulingResult } from "./result.ts";
import type { Assignment } from "./search/assignment.ts";
import type { Random } from "./search/random.ts";
import type { Stage } from "./search/stage.ts";
import type { Packing } from "./starts/packing.ts";
import type { Problem } from "./tabulate.ts";
import type { Term } from "./terms/term.ts";
import type { TermName } from "./terms/terms.ts";

/**
 * The part of a problem that `/cluster` adds. The search reaches it through this face, so that a program that does without
 * `/cluster` does not bundle it.
 */
export interface Extension {
  /** Plain data of which another thread makes the extension again. */
  readonly parts: unknown;
  /** Terms beside those of TERMS. One of the same name takes the place of the other. */
  readonly terms: Readonly<Partial<Record<TermName | ClusterTermName, Term>>>;
  /** Tasks that may wait; undefined where all must be placed. */
  readonly waiting: Waiting | undefined;
  /** Fields of the result that only such problems have. */
  report(problem: Problem, place: Int32Array): Partial<SchedulingResult>;
  /** Rules that forbid a task on a node while all others stay. */
  forbids(problem: Problem, place: Int32Array, task: number): (node: number) => readonly string[];
}

/** Tasks that may be left out of a placement, least important first. */
export interface Waiting {
  /** Importance of each task, 0 for the highest; tasks that must be placed have 0. */
  readonly level: Int32Array;
  /** Returns true if a task may wait. */
  may(task: number): boolean;
  /** Returns a number below 0 if the first placement leaves out less than the second, 0 if they are alike in that. */
  compare(a: Int32Array, b: Int32Array): number;
  /** Returns true if no gang is placed in part. */
  isWhole(place: Int32Array): boolean;
  /** Puts tasks that run where they run, before others are placed. */
  settle(packing: Packing): void;
  /** Takes back the members of groups that could only be placed in part. */
  withdraw(packing: Packing): void;
  /** Places tasks that wait, in place of less important ones if need be. */
  admit(problem: Problem, assignment: Assignment, random: Random): Stage;
}
