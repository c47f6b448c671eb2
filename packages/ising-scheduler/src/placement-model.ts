import type { Partners, Problem } from "./compile.ts";
import { BinaryQuadraticModel } from "./bqm.ts";
import { InvalidProblemError } from "./errors.ts";
import { ENERGY_QUANTA } from "./fixed-point.ts";

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
  /** What each variable means: `["place", task, node]` or `["slack", node, resource]`. */
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

/** A variable with its coefficient in a linear form. */
type Term = readonly [variable: number, coefficient: number];

/** Adds up a polynomial of 0-1 variables, in quanta. */
class Polynomial {
  readonly linear: number[];
  offset = 0;
  readonly #couplings = new Map<number, number>();

  constructor(variables: number) {
    this.linear = new Array<number>(variables).fill(0);
  }

  add(variable: number, coefficient: number): void {
    this.linear[variable] = (this.linear[variable] ?? 0) + coefficient;
  }

  couple(a: number, b: number, coefficient: number): void {
    const key = Math.min(a, b) * this.linear.length + Math.max(a, b);
    this.#couplings.set(key, (this.#couplings.get(key) ?? 0) + coefficient);
  }

  /** Adds `weight * (sum of terms + constant)²`, where x² = x. */
  square(weight: number, terms: readonly Term[], constant: number): void {
    this.offset += weight * constant * constant;
    terms.forEach(([variable, c], at) => {
      this.add(variable, weight * c * (c + 2 * constant));
      for (let next = at + 1; next < terms.length; next++) {
        const [other, d] = terms[next] ?? [variable, 0];
        if (c !== 0 && d !== 0) this.couple(variable, other, 2 * weight * c * d);
      }
    });
  }

  /** The model in units of energy: dividing by a power of two is exact. */
  model(): BinaryQuadraticModel {
    const pairs = [...this.#couplings].filter(([, value]) => value !== 0).sort(([a], [b]) => a - b);
    const count = this.linear.length;
    const quadratic = {
      row: Int32Array.from(pairs, ([key]) => Math.floor(key / count)),
      col: Int32Array.from(pairs, ([key]) => key % count),
      value: Float64Array.from(pairs, ([, value]) => value / ENERGY_QUANTA),
    };
    const linear = Float64Array.from(this.linear, (value) => value / ENERGY_QUANTA);
    return new BinaryQuadraticModel("BINARY", linear, quadratic, this.offset / ENERGY_QUANTA);
  }
}

/**
 * Slack of one node and resource: variables `first`, `first + 1`, … with these coefficients, which reach every room.
 */
interface Slack {
  readonly at: number;
  readonly first: number;
  readonly coefficients: readonly number[];
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
  addOneHot(polynomial, problem);
  addCapacity(polynomial, problem, slacks);
  addBalance(polynomial, problem);
  addPairs(polynomial, problem);
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

/**
 * Nodes of the tasks of a placement.
 *
 * @throws {@link InvalidProblemError} if a task has no node of the problem.
 */
export function placeOf({ tasks, nodeIndex }: Problem, placement: Readonly<Record<string, string>>): Int32Array {
  return Int32Array.from(tasks, (task) => {
    const name = Object.hasOwn(placement, task) ? placement[task] : undefined;
    const node = name === undefined ? undefined : nodeIndex.find(name);
    if (node === undefined) {
      throw new InvalidProblemError(`expected a node for the task ${JSON.stringify(task)}, got ${String(name)}`);
    }
    return node;
  });
}

/** Nodes and resources where all tasks together would not fit, with slack that reaches exactly 0 .. capacity. */
function slacksOf(problem: Problem): readonly Slack[] {
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
function fillSlack(problem: Problem, place: Int32Array, slack: Slack, state: Int8Array): void {
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

function addOneHot(polynomial: Polynomial, { tasks, nodes, taskCostMax }: Problem): void {
  tasks.forEach((_, task) => {
    polynomial.square(taskCostMax, nodes.map((_, node): Term => [task * nodes.length + node, 1]), -1);
  });
}

function addCapacity(polynomial: Polynomial, problem: Problem, slacks: readonly Slack[]): void {
  const { tasks, nodes, resources, demandUnits, capacityUnits, overloadCost } = problem;
  for (const { at, first, coefficients } of slacks) {
    const [node, r] = [Math.floor(at / resources.length), at % resources.length];
    const loads = tasks.map((_, t): Term => [t * nodes.length + node, demandUnits[t * resources.length + r] ?? 0]);
    const room = coefficients.map((coefficient, k): Term => [first + k, coefficient]);
    polynomial.square(overloadCost, [...loads, ...room], -(capacityUnits[at] ?? 0));
  }
}

function addBalance(polynomial: Polynomial, problem: Problem): void {
  const { tasks, nodes, resources, utilisation, mean, counted, balanceCost } = problem;
  for (let at = 0; at < nodes.length * resources.length; at++) {
    if (!counted[at]) continue;
    const [node, r] = [Math.floor(at / resources.length), at % resources.length];
    const used = tasks.map((_, t): Term => {
      const cell = t * nodes.length + node;
      return [cell, utilisation[cell * resources.length + r] ?? 0];
    });
    polynomial.square(balanceCost, used, -(mean[r] ?? 0));
  }
}

function addPairs(polynomial: Polynomial, problem: Problem): void {
  const { tasks, nodes, links, affinities, conflicts, home, conflictCost, migrationCost } = problem;
  const together = (partners: Partners, weightOf: (at: number) => number, apartCosts: boolean): void => {
    for (let a = 0; a < tasks.length; a++) {
      for (let at = partners.start[a] ?? 0; at < (partners.start[a + 1] ?? 0); at++) {
        const b = partners.task[at] ?? 0;
        if (b < a) continue;
        const weight = weightOf(at);
        if (apartCosts) polynomial.offset += weight;
        for (let node = 0; node < nodes.length; node++) {
          polynomial.couple(a * nodes.length + node, b * nodes.length + node, apartCosts ? -weight : weight);
        }
      }
    }
  };
  together(links, (at) => links.cost[at] ?? 0, true);
  together(affinities, (at) => affinities.cost[at] ?? 0, true);
  together(conflicts, () => conflictCost, false);
  home.forEach((node, task) => {
    if (node < 0) return;
    polynomial.offset += migrationCost;
    polynomial.add(task * nodes.length + node, -migrationCost);
  });
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
