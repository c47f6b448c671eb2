import type { Problem } from "../compile/arrays.ts";

/**
 * Slack of one node and resource: variables `first`, `first + 1`, … with these coefficients, which reach every room.
 */
export interface Slack {
  readonly at: number;
  readonly first: number;
  readonly coefficients: readonly number[];
}

/** Nodes and resources where all tasks together would not fit, with slack that reaches exactly 0 .. capacity. */
export function slacksOf(problem: Problem): readonly Slack[] {
  const { tasks, nodes, resources, demandUnits, capacityUnits } = problem;
  const slacks: Slack[] = [];
  let first = tasks.length * nodes.length;
  for (let at = 0; at < nodes.length * resources.length; at++) {
    const capacity = capacityUnits[at] ?? 0;
    let load = 0;
    for (let t = 0; t < tasks.length; t++) load += demandUnits[t * resources.length + (at % resources.length)] ?? 0;
    if (load <= capacity) continue;
    const coefficients: number[] = [];
    let reached = 0;
    for (let power = 1; reached < capacity; power *= 2) {
      coefficients.push(Math.min(power, capacity - reached));
      reached += Math.min(power, capacity - reached);
    }
    slacks.push({ at, first, coefficients });
    first += coefficients.length;
  }
  return slacks;
}

/** Sets the slack bits to the room that is left: the largest coefficients first, which always comes out even. */
export function fillSlack(problem: Problem, place: Int32Array, slack: Slack, state: Int8Array): void {
  const { resources, demandUnits, capacityUnits } = problem;
  const { at, first, coefficients } = slack;
  let room = capacityUnits[at] ?? 0;
  place.forEach((node, task) => {
    const index = node * resources.length + (at % resources.length);
    if (index === at) room -= demandUnits[task * resources.length + (at % resources.length)] ?? 0;
  });
  const order = coefficients.map((_, k) => k).sort((a, b) => (coefficients[b] ?? 0) - (coefficients[a] ?? 0));
  for (const k of order) {
    const coefficient = coefficients[k] ?? 0;
    if (coefficient > room) continue;
    state[first + k] = 1;
    room -= coefficient;
  }
}
