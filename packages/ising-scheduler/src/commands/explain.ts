import { compile, replan } from "../cluster/index.ts";
import type { ClusterProblem } from "../cluster/index.ts";
import { explain } from "../report/explain.ts";
import type { Alternative } from "../result.ts";
import { solve } from "../solve.ts";
import { EXIT_INFEASIBLE } from "./place.ts";
import type { Answer, CommandOptions } from "./place.ts";

/** Most nodes of which the text has a line. */
const LINES_MAX = 20;

/**
 * Explains where one task is placed: each node with what it would cost or what forbids it.
 *
 * @throws `UnknownNameError` if there is no such task.
 * @throws `InvalidProblemError` if the problem or an option is wrong.
 */
export function explainCommand(problem: ClusterProblem, task: string, options: CommandOptions = {}): Omit<Answer, "svg"> {
  const compiled = compile(problem);
  const result = problem.previous ? replan(compiled, options) : solve(compiled, options);
  const explanation = explain(compiled, result.placement, task);
  const { node, alternatives } = explanation;
  const waits = result.unplaced?.find((one) => one.task === task);
  const lines = alternatives.slice(0, LINES_MAX).map((one) => `  ${one.node}: ${why(one, node)}`);
  const more = alternatives.length > LINES_MAX ? [`  and ${alternatives.length - LINES_MAX} more nodes`] : [];
  const head = waits ? `${task} waits: ${waits.reason}` : `${task} is on ${node}`;
  return { text: `${[head, ...lines, ...more].join("\n")}\n`, json: explanation, code: result.feasible ? 0 : EXIT_INFEASIBLE };
}

function why({ node, delta, shortages, conflicts, forbidden = [] }: Alternative, chosen: string): string {
  if (node === chosen) return "chosen";
  const reasons = [
    ...shortages.map(({ resource, missing }) => `lacks ${missing} ${resource}`),
    ...conflicts.map((other) => `must be apart from ${other}`),
    ...forbidden,
  ];
  if (reasons.length > 0) return reasons.join(", ");
  const { total, ...terms } = delta;
  const parts = Object.entries(terms).filter(([, change]) => change !== 0).map(([name, change]) => `${name} ${signed(change)}`);
  return `energy ${signed(total)}${parts.length > 0 ? ` (${parts.join(", ")})` : ""}`;
}

function signed(value: number): string {
  const short = Number(value.toPrecision(4));
  return short < 0 ? String(short) : `+${short}`;
}
