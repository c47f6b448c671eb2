import { InvalidProblemError } from "./errors.ts";
import {
  BALANCE_QUANTA,
  ENERGY_QUANTA,
  OVERLOAD_QUANTA_MAX,
  QUANTA_MAX,
  resourceUnits,
  UTILISATION_UNITS,
} from "./fixed-point.ts";
import { readTables } from "./read-problem.ts";
import type { Tables } from "./read-problem.ts";
import type { Node, SchedulerOptions, Task } from "./problem.ts";

/** For each task its partners, as one slice of flat arrays: those of task t are at start[t] .. start[t + 1] - 1. */
export interface Partners {
  readonly start: Int32Array;
  readonly task: Int32Array;
  /** Quanta paid when the two are on different nodes. */
  readonly cost: Float64Array;
}

/**
 * The problem in flat arrays of integers, as the search reads it. Task t, node n, resource r; `[n, r]` is at
 * `n * resources + r`. Costs are quanta ({@link ENERGY_QUANTA}).
 */
export interface Problem extends Tables {
  readonly demandUnits: Int32Array;
  readonly capacityUnits: Int32Array;
  /** False if units were rounded for some resource. */
  readonly exact: boolean;
  /** What task t adds to the utilisation of node n: `[t, n, r]`; 0 where the node has nothing of the resource. */
  readonly utilisation: Int32Array;
  /** Utilisation of r if all nodes were used alike. */
  readonly mean: Int32Array;
  /** 1 where the node has something of the resource, so that its balance counts. */
  readonly counted: Uint8Array;
  readonly links: Partners;
  readonly affinities: Partners;
  readonly conflicts: Partners;
  /** Node of each task before; -1 for none. */
  readonly home: Int32Array;
  readonly balanceCost: number;
  readonly migrationCost: number;
  readonly overloadCost: number;
  readonly conflictCost: number;
  /** More than any one task can add to the soft terms of a placement without overload. */
  readonly taskCostMax: number;
}

/**
 * Checks a problem and puts it in flat arrays.
 *
 * @throws {@link InvalidProblemError} if it contradicts itself, or its energies could not be exact.
 */
export function compile(tasks: readonly Task[], nodes: readonly Node[], options: SchedulerOptions): Problem {
  const tables = readTables(tasks, nodes);
  const { taskIndex, nodeIndex, resources } = tables;
  const [taskCount, nodeCount, resourceCount] = [tasks.length, nodes.length, resources.length];
  const weights = weightsOf(options);
  const units = unitsOf(tables);
  const balance = balanceOf(tables);
  const links = new PairCosts(taskCount);
  for (const [at, { a, b, weight = 1 }] of (options.links ?? []).entries()) {
    checkWeight(`options.links[${at}].weight`, weight);
    const path = `options.links[${at}]`;
    links.add(taskIndex.at(a, `${path}.a`), taskIndex.at(b, `${path}.b`), weight * weights.communication);
  }
  const affinities = new PairCosts(taskCount);
  const conflicts = new PairCosts(taskCount);
  tasks.forEach(({ affinity = [], antiAffinity = [] }, at) => {
    for (const other of affinity) affinities.add(at, taskIndex.at(other, `tasks[${at}].affinity`), weights.affinity);
    for (const other of antiAffinity) {
      const partner = taskIndex.at(other, `tasks[${at}].antiAffinity`);
      if (partner === at) throw new InvalidProblemError(`expected tasks[${at}].antiAffinity without itself, got it`);
      conflicts.add(at, partner, 1);
    }
  });
  const home = new Int32Array(taskCount).fill(-1);
  for (const [task, node] of Object.entries(options.previous ?? {})) {
    const at = taskIndex.find(task);
    if (at !== undefined) home[at] = nodeIndex.find(node) ?? -1;
  }
  const soft = {
    links: links.partners(),
    affinities: affinities.partners(),
    balanceCost: Math.round(weights.balance * BALANCE_QUANTA),
    migrationCost: Math.round(weights.migration * ENERGY_QUANTA),
  };
  const taskCostMax = costliestTask(taskCount, nodeCount, resourceCount, balance.utilisation, soft);
  const worstOverload = worstOverloadOf(units, taskCount, resourceCount);
  const problem: Problem = {
    ...tables, ...units, ...balance, ...soft,
    conflicts: conflicts.partners(),
    home,
    taskCostMax,
    conflictCost: taskCostMax,
    overloadCost: Math.max(1, Math.min(taskCostMax, Math.floor(OVERLOAD_QUANTA_MAX / worstOverload))),
  };
  checkRange(problem);
  return problem;
}

/** Costs of unordered pairs of tasks; several of the same pair add up, a task with itself costs nothing. */
class PairCosts {
  readonly #taskCount: number;
  readonly #costs = new Map<number, number>();

  constructor(taskCount: number) {
    this.#taskCount = taskCount;
  }

  add(a: number, b: number, cost: number): void {
    if (a === b) return;
    const pair = Math.min(a, b) * this.#taskCount + Math.max(a, b);
    this.#costs.set(pair, (this.#costs.get(pair) ?? 0) + Math.round(cost * ENERGY_QUANTA));
  }

  partners(): Partners {
    const start = new Int32Array(this.#taskCount + 1);
    const pairs = [...this.#costs].flatMap(([pair, cost]) => {
      const [a, b] = [Math.floor(pair / this.#taskCount), pair % this.#taskCount];
      return [[a, b, cost] as const, [b, a, cost] as const];
    });
    pairs.sort(([a, b], [c, d]) => a - c || b - d);
    for (const [a] of pairs) start[a + 1] = (start[a + 1] ?? 0) + 1;
    for (let at = 0; at < this.#taskCount; at++) start[at + 1] = (start[at + 1] ?? 0) + (start[at] ?? 0);
    return {
      start,
      task: Int32Array.from(pairs, ([, b]) => b),
      cost: Float64Array.from(pairs, ([, , cost]) => cost),
    };
  }
}

function unitsOf(tables: Tables): Pick<Problem, "demandUnits" | "capacityUnits" | "exact"> {
  const { tasks, nodes, resources, demand, capacity } = tables;
  const demandUnits = new Int32Array(demand.length);
  const capacityUnits = new Int32Array(capacity.length);
  let exact = true;
  for (let r = 0; r < resources.length; r++) {
    const column = (values: Float64Array, rows: number): number[] =>
      Array.from({ length: rows }, (_, row) => values[row * resources.length + r] ?? 0);
    const units = resourceUnits(column(demand, tasks.length), column(capacity, nodes.length), resources.length);
    units.demand.forEach((value, t) => (demandUnits[t * resources.length + r] = value));
    units.capacity.forEach((value, n) => (capacityUnits[n * resources.length + r] = value));
    exact &&= units.exact;
  }
  return { demandUnits, capacityUnits, exact };
}

function balanceOf(tables: Tables): Pick<Problem, "utilisation" | "mean" | "counted"> {
  const { tasks, nodes, resources, demand, capacity } = tables;
  const count = resources.length;
  const utilisation = new Int32Array(tasks.length * nodes.length * count);
  const counted = Uint8Array.from(capacity, (value) => Number(value > 0));
  for (let t = 0; t < tasks.length; t++) {
    for (let n = 0; n < nodes.length; n++) {
      for (let r = 0; r < count; r++) {
        const has = capacity[n * count + r] ?? 0;
        // More than the node has is an overload, which has its own term: here it counts as a full node.
        const part = has > 0 ? Math.min((demand[t * count + r] ?? 0) / has, 1) : 0;
        utilisation[(t * nodes.length + n) * count + r] = Math.round(part * UTILISATION_UNITS);
      }
    }
  }
  const mean = Int32Array.from(resources, (_, r) => {
    const needed = tables.totalDemand[r] ?? 0;
    const has = tables.totalCapacity[r] ?? 0;
    return has > 0 ? Math.round(Math.min(needed / has, 1) * UTILISATION_UNITS) : 0;
  });
  return { utilisation, mean, counted };
}

type Soft = Pick<Problem, "links" | "affinities" | "balanceCost" | "migrationCost">;

/** A bound on what moving one task can change in the soft terms while utilisations stay below about 1. */
function costliestTask(tasks: number, nodes: number, resources: number, utilisation: Int32Array, soft: Soft): number {
  let costliest = 0;
  for (let t = 0; t < tasks; t++) {
    let largest = 0;
    for (let n = 0; n < nodes; n++) {
      let sum = 0;
      for (let r = 0; r < resources; r++) sum += utilisation[(t * nodes + n) * resources + r] ?? 0;
      largest = Math.max(largest, sum);
    }
    let cost = soft.migrationCost + soft.balanceCost * largest * 6 * UTILISATION_UNITS;
    for (const { start, cost: costs } of [soft.links, soft.affinities]) {
      for (let at = start[t] ?? 0; at < (start[t + 1] ?? 0); at++) cost += costs[at] ?? 0;
    }
    costliest = Math.max(costliest, cost);
  }
  return costliest + 1;
}

/** The largest sum of squared overloads, and of the products that an export as a polynomial has on the way to it. */
function worstOverloadOf(
  { demandUnits, capacityUnits }: Pick<Problem, "demandUnits" | "capacityUnits">,
  tasks: number,
  resources: number,
): number {
  let worst = 1;
  for (let r = 0; r < resources; r++) {
    let load = 0;
    let largest = 0;
    for (let t = 0; t < tasks; t++) load += demandUnits[t * resources + r] ?? 0;
    for (let at = r; at < capacityUnits.length; at += resources) largest = Math.max(largest, capacityUnits[at] ?? 0);
    worst += (load + 2 * largest) ** 2;
  }
  return worst;
}

/** Refuses a problem whose energies could leave the range where doubles are exact integers. */
function checkRange(problem: Problem): void {
  const { tasks, nodes, resources, utilisation, links, affinities, conflicts } = problem;
  let balance = 0;
  for (let r = 0; r < resources.length; r++) {
    let sum = UTILISATION_UNITS * nodes.length;
    for (let t = 0; t < tasks.length; t++) {
      let largest = 0;
      for (let n = 0; n < nodes.length; n++) {
        largest = Math.max(largest, utilisation[(t * nodes.length + n) * resources.length + r] ?? 0);
      }
      sum += largest;
    }
    balance += problem.balanceCost * sum ** 2;
  }
  const pairs = [links, affinities].reduce((sum, { cost }) => sum + cost.reduce((a, b) => a + b, 0), 0);
  const apart = conflicts.task.length * problem.conflictCost;
  const range = balance + pairs + apart + problem.migrationCost * tasks.length;
  if (!(range < QUANTA_MAX)) {
    const factor = (range / QUANTA_MAX).toPrecision(2);
    throw new InvalidProblemError(
      `expected weights small enough for exact integer energies, got a sum ${factor} times too large; scale them down`,
    );
  }
}

function weightsOf({ weights = {} }: SchedulerOptions): Required<NonNullable<SchedulerOptions["weights"]>> {
  const { balance = 1, communication = 1, affinity = 1, migration = 1 } = weights;
  const all = { balance, communication, affinity, migration };
  for (const [name, weight] of Object.entries(all)) checkWeight(`options.weights.${name}`, weight);
  return all;
}

function checkWeight(path: string, weight: number): void {
  if (typeof weight !== "number" || !Number.isFinite(weight) || weight < 0) {
    throw new InvalidProblemError(`expected ${path} to be a finite number >= 0, got ${String(weight)}`);
  }
}
