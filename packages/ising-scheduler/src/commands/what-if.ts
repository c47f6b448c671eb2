import { compile } from "../cluster/index.ts";
import type { ClusterNode, ClusterProblem } from "../cluster/index.ts";
import { InvalidProblemError, quote } from "../errors.ts";
import { solve } from "../solve.ts";
import { placeCommand } from "./place.ts";
import type { Answer, CommandOptions } from "./place.ts";

/** Most nodes that one change adds. */
const ADDED_MAX = 1_000;

/** Nodes that are taken away or added. */
export interface Change {
  /** Names of nodes to take away. */
  readonly without?: readonly string[];
  /** Nodes to add: `3xcpu=8,memory=64` or `2xn1`, nodes like another one. `×` and `*` do as `x` does. */
  readonly add?: readonly string[];
}

/**
 * Shows what a change of nodes would do: places all tasks as it is now, unless `previous` says where they are, then again
 * with the change.
 *
 * @throws `InvalidProblemError` if the problem, the change or an option is wrong.
 */
export function whatIfCommand(problem: ClusterProblem, change: Change, options: CommandOptions = {}): Answer {
  const previous = problem.previous ?? solve(compile(problem), options).placement;
  return placeCommand({ ...withChanges(problem, change), previous }, options);
}

/**
 * Returns a problem with nodes taken away and added.
 *
 * @throws `InvalidProblemError` if a node to take away is not there, or a node to add is not understood.
 */
export function withChanges(problem: ClusterProblem, { without = [], add = [] }: Change): ClusterProblem {
  for (const name of without) {
    if (!problem.nodes.some(({ id }) => id === name)) throw new InvalidProblemError(`expected --without a node of the problem, got ${quote(name)}`);
  }
  const left = problem.nodes.filter(({ id }) => !without.includes(id));
  return { ...problem, nodes: [...left, ...add.flatMap((text, at) => added(text, at, problem.nodes))] };
}

function added(text: string, at: number, nodes: readonly ClusterNode[]): readonly ClusterNode[] {
  const [, digits = "", spec = ""] = /^(\d{1,4})[x×*](.+)$/.exec(text) ?? [];
  const count = Number(digits);
  const like = nodes.find(({ id }) => id === spec);
  const pairs = spec.split(",").map((pair) => /^([^=]+)=(\d+(?:\.\d+)?)$/.exec(pair));
  if (count < 1 || count > ADDED_MAX || (!like && pairs.some((pair) => !pair))) {
    throw new InvalidProblemError(`expected --add as 3xcpu=8,memory=64 or 3xNODE, with at most ${ADDED_MAX}, got ${quote(text)}`);
  }
  const capacity = Object.fromEntries(pairs.flatMap((pair) => (pair ? [[pair[1] ?? "", Number(pair[2])]] : [])));
  const node = like ?? { capacity };
  return Array.from({ length: count }, (_, index) => ({ ...node, id: `added-${at + 1}-${index + 1}` }));
}
