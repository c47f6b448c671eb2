import type { Problem } from "../compile/arrays.ts";
import type { Polynomial } from "../qubo/polynomial.ts";
import type { Term, Tracked } from "../compile/arrays.ts";

/** Tasks that left the node they were on. */
export const migration: Term = {
  hard: false,
  track: (problem) => (problem.migrationCost > 0 && problem.home.some((node) => node >= 0) ? tracked(problem) : undefined),
  of({ home, migrationCost }, place) {
    let moved = 0;
    place.forEach((node, task) => (moved += Number(node >= 0 && (home[task] ?? 0) >= 0 && home[task] !== node)));
    return moved * migrationCost;
  },
};

/** Adds the term to a polynomial of the variables `task on node`. */
export function expandMigration({ home, migrationCost, nodes }: Problem, polynomial: Polynomial): void {
  home.forEach((node, task) => {
    if (node < 0) return;
    polynomial.offset += migrationCost;
    polynomial.add(task * nodes.length + node, -migrationCost);
  });
}

function tracked({ home, migrationCost }: Problem): Tracked {
  const left = (task: number, node: number): number => Number(node >= 0 && (home[task] ?? 0) >= 0 && node !== home[task]);
  const change = (task: number, from: number, to: number): number => (left(task, to) - left(task, from)) * migrationCost;
  return {
    change,
    exchange: (a, nodeA, b, nodeB) => change(a, nodeA, nodeB) + change(b, nodeB, nodeA),
    move() {
      // Homes do not move.
    },
  };
}
