import type { Problem } from "../compile/arrays.ts";

/**
 * A simple rule that places every task, feasible or not. The search takes the best of all of them. Returns undefined when
 * it was stopped, or when the rule does not apply to the problem.
 */
export type Start = (problem: Problem, stopped: () => boolean) => Int32Array | undefined;
