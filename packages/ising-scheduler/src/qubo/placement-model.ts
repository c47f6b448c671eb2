import type { BinaryQuadraticModel } from "./bqm.ts";
import type { Problem } from "../compile/arrays.ts";
import { InvalidProblemError } from "../errors.ts";
import { placeOf } from "../report/place.ts";
import { Polynomial } from "./polynomial.ts";
import { fillSlack, slacksOf } from "./slack.ts";
import { EXPANSIONS } from "../terms/terms.ts";

/** Most couplings that an export may have. */
export const COUPLINGS_MAX = 4_000_000;

/**
 * The scheduling problem as a binary quadratic model. Variable `task on node` is 1 if the task is there; for each node
 * and resource that could be overloaded, slack variables take up the room that is left (Lucas, Ising formulations of
 * many NP problems, 2014, §3), so that only overload costs. For every placement, `model.energy(encode(placement))` is
 * the scheduler's energy to the bit, and slack set in any other way costs more. States that put a task on no or several
 * nodes pay more than they can gain where nothing is overloaded.
 */
export interface PlacementModel {
  /** The function to minimise. */
  readonly model: BinaryQuadraticModel;
  /** Meaning of each variable: `["place", task, node]` or `["slack", node, resource]`. */
  readonly variables: readonly (readonly ["place" | "slack", string, string])[];
  /**
   * The state of a placement, slack included.
   *
   * @throws {@link InvalidProblemError} if a task has no node of the problem.
   */
  encode(placement: Readonly<Record<string, string>>): Int8Array;
  /** The placement of a state; undefined if a task is on no node or on several. */
  decode(state: ArrayLike<number>): Readonly<Record<string, string>> | undefined;
}

/**
 * Exports a problem.
 *
 * @throws {@link InvalidProblemError} if it would have more than {@link COUPLINGS_MAX} couplings.
 */
export function placementModel(problem: Problem): PlacementModel {
  const { tasks, nodes, resources } = problem;
  const variable = (task: number, node: number): number => task * nodes.length + node;
  const slacks = slacksOf(problem);
  const slackCount = slacks.reduce((sum, { coefficients }) => sum + coefficients.length, 0);
  const count = tasks.length * nodes.length + slackCount;
  const placeCouplings = (tasks.length * nodes.length * (tasks.length + nodes.length)) / 2;
  const couplings = placeCouplings + slackCount * (tasks.length + 20);
  if (couplings > COUPLINGS_MAX) {
    throw new InvalidProblemError(`expected at most ${COUPLINGS_MAX} couplings, got about ${couplings}; export less`);
  }
  const polynomial = new Polynomial(count);
  // A task on no node, or on several, pays more than it can gain.
  tasks.forEach((_, task) => {
    polynomial.square(problem.taskCostMax, nodes.map((_, node) => [variable(task, node), 1] as const), -1);
  });
  for (const expand of Object.values(EXPANSIONS)) expand(problem, polynomial);
  const variables = [
    ...tasks.flatMap((task) => nodes.map((node) => ["place", task, node] as const)),
    ...slacks.flatMap(({ at, coefficients }) => {
      const [node, resource] = [Math.floor(at / resources.length), at % resources.length];
      return coefficients.map(() => ["slack", nodes[node] ?? "", resources[resource] ?? ""] as const);
    }),
  ];
  return {
    model: polynomial.model(),
    variables,
    encode: (placement) => {
      const place = placeOf(problem, placement);
      const state = new Int8Array(count);
      place.forEach((node, task) => (state[variable(task, node)] = 1));
      for (const slack of slacks) fillSlack(problem, place, slack, state);
      return state;
    },
    decode: (state) => decode(problem, state, variable),
  };
}

function decode(
  { tasks, nodes }: Problem,
  state: ArrayLike<number>,
  variable: (task: number, node: number) => number,
): Readonly<Record<string, string>> | undefined {
  const entries: [string, string][] = [];
  for (const [at, task] of tasks.entries()) {
    const on = nodes.filter((_, node) => (state[variable(at, node)] ?? 0) > 0);
    const [node] = on;
    if (node === undefined || on.length > 1) return undefined;
    entries.push([task, node]);
  }
  return Object.fromEntries(entries);
}
