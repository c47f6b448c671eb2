import type { Problem } from "../../compile/arrays.ts";
import type { Term } from "../../compile/arrays.ts";
import type { NodeCosts } from "../parts.ts";

/** A cost for each task on its node: preferences, and costs that were given. */
export function nodeCosts({ classOf, quanta }: NodeCosts): Term {
  const cost = ({ nodes }: Problem, task: number, node: number): number =>
    node < 0 ? 0 : (quanta[(classOf[task] ?? 0) * nodes.length + node] ?? 0);
  return {
    hard: false,
    of: (problem, place) => place.reduce((sum, node, task) => sum + cost(problem, task, node), 0),
    track: (problem) => {
      const change = (task: number, from: number, to: number): number => cost(problem, task, to) - cost(problem, task, from);
      return {
        change,
        exchange: (a, nodeA, b, nodeB) => change(a, nodeA, nodeB) + change(b, nodeB, nodeA),
        move: () => {},
      };
    },
  };
}
