import type { Term } from "../../compile/arrays.ts";
import { left } from "../../terms/migration.ts";

/** Tasks that left a node that is still there, above a number of them. */
export function migrations(most: number): Term {
  return {
    hard: true,
    of: (problem, place) => Math.max(0, place.reduce((sum, node, task) => sum + left(problem, task, node), 0) - most) * problem.conflictCost,
    track: (problem) => {
      let over = -most;
      const more = (task: number, from: number, to: number): number => left(problem, task, to) - left(problem, task, from);
      const cost = (change: number): number => (Math.max(0, over + change) - Math.max(0, over)) * problem.conflictCost;
      return {
        change: (task, from, to) => cost(more(task, from, to)),
        exchange: (a, nodeA, b, nodeB) => cost(more(a, nodeA, nodeB) + more(b, nodeB, nodeA)),
        move: (task, from, to) => {
          over += more(task, from, to);
        },
      };
    },
  };
}
