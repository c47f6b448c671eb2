import type { Problem } from "../../compile/arrays.ts";
import type { Term } from "../../compile/arrays.ts";

/** Tasks that left a node that is still there, above a number of them. */
export function migrations(most: number): Term {
  const moved = ({ home }: Problem, task: number, node: number): number =>
    Number(node >= 0 && (home[task] ?? 0) >= 0 && home[task] !== node);
  return {
    hard: true,
    of: (problem, place) => Math.max(0, place.reduce((sum, node, task) => sum + moved(problem, task, node), 0) - most) * problem.conflictCost,
    track: (problem) => {
      let over = -most;
      const more = (task: number, from: number, to: number): number => moved(problem, task, to) - moved(problem, task, from);
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
