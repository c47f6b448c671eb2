import type { Problem } from "../compile/arrays.ts";
import type { Polynomial } from "../qubo/polynomial.ts";
import type { Term, Tracked } from "../compile/arrays.ts";

/** Tasks that left the node they were on. */
export const migration: Term = {
  hard: false,
  track: (problem) => (problem.migrationCost > 0 && problem.home.some((node) => node >= 0) ? tracked(problem) : undefined),
  of: (problem, place) => place.reduce((sum, node, task) => sum + left(problem, task, node), 0) * problem.migrationCost,
};

/** Adds the term to a polynomial of the variables `task on node`. */
export function expandMigration({ home, migrationCost, nodes }: Problem, polynomial: Polynomial): void {
  home.forEach((node, task) => {
    if (node < 0) return;
    polynomial.offset += migrationCost;
    polynomial.add(task * nodes.length + node, -migrationCost);
  });
}

/** Returns 1 if a task on a node has left the node it was on. */
export function left({ home }: Problem, task: number, node: number): number {
  return Number(node >= 0 && (home[task] ?? 0) >= 0 && node !== home[task]);
}

function tracked(problem: Problem): Tracked {
  const change = (task: number, from: number, to: number): number => (left(problem, task, to) - left(problem, task, from)) * problem.migrationCost;
  return {
    change,
    exchange: (a, nodeA, b, nodeB) => change(a, nodeA, nodeB) + change(b, nodeB, nodeA),
    move() {
      // Homes do not move.
    },
  };
}
