import type { Problem } from "../../compile/arrays.ts";
import type { Term } from "../../compile/arrays.ts";
import type { Eligibility } from "../parts.ts";

/** Tasks on nodes where they may not be. */
export function eligibility({ classOf, allowed }: Eligibility): Term {
  const forbidden = (problem: Problem, task: number, node: number): number =>
    node < 0 ? 0 : 1 - (allowed[(classOf[task] ?? 0) * problem.nodes.length + node] ?? 1);
  return {
    hard: true,
    of: (problem, place) => place.reduce((sum, node, task) => sum + forbidden(problem, task, node), 0) * problem.conflictCost,
    track: (problem) => {
      const change = (task: number, from: number, to: number): number =>
        (forbidden(problem, task, to) - forbidden(problem, task, from)) * problem.conflictCost;
      return {
        change,
        exchange: (a, nodeA, b, nodeB) => change(a, nodeA, nodeB) + change(b, nodeB, nodeA),
        move: () => {},
      };
    },
  };
}
