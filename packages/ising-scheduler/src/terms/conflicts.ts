import type { Problem } from "../compile/arrays.ts";
import type { Polynomial } from "../qubo/polynomial.ts";
import { coupleOnEveryNode, pairs } from "./pairs.ts";
import type { Term } from "../compile/arrays.ts";

/** Pairs of tasks that must be apart, on one node. */
export const conflicts: Term = pairs(true, true, (problem) => problem.conflicts);

/** Adds the term to a polynomial of the variables `task on node`. */
export function expandConflicts(problem: Problem, polynomial: Polynomial): void {
  const { start, task } = problem.conflicts;
  for (let a = 0; a < problem.tasks.length; a++) {
    for (let at = start[a] ?? 0; at < (start[a + 1] ?? 0); at++) {
      const b = task[at] ?? 0;
      if (a < b) coupleOnEveryNode(polynomial, problem, a, b, problem.conflictCost);
    }
  }
}
