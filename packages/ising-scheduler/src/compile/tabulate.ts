import type { Problem } from "./arrays.ts";
import { checkKeys, checkList, checkObject, checkWeight } from "./check.ts";
import { InvalidProblemError, quote } from "../errors.ts";
import { maxima, totals } from "./columns.ts";
import {
  BALANCE_QUANTA,
  ENERGY_QUANTA,
  OVERLOAD_QUANTA_MAX,
  QUANTA_MAX,
  resourceUnits,
  UTILISATION_UNITS,
} from "./fixed-point.ts";
import { PairCosts, UNPLACED } from "./partners.ts";
import type { Partners } from "./partners.ts";
import type { EnergyWeights, Link, SchedulingProblem, Task } from "../problem.ts";
import { LINKS_MAX, readTables, TASKS_MAX } from "./read-problem.ts";
import type { IndexedTables, SpecialDemand, Tables } from "./read-problem.ts";

const WEIGHT_KEYS: ReadonlySet<string> = new Set(
  ["balance", "communication", "affinity", "migration"] satisfies (keyof EnergyWeights)[],
);
const LINK_KEYS: ReadonlySet<string> = new Set(["a", "b", "weight"] satisfies (keyof Link)[]);

/**
 * Checks a problem and puts it in flat arrays.
 *
 * @throws {@link InvalidProblemError} if it contradicts itself, or its energies could not be exact.
 */
export function tabulate(
  { tasks, nodes, links: given = [], previous = {}, weights: chosen = {} }: SchedulingProblem,
  special: readonly SpecialDemand[] = [],
): Problem {
  const indexed = readTables(tasks, nodes, special);
  const { taskIndex: _tasks, nodeIndex: _nodes, ...tables } = indexed;
  const weights = weightsOf(chosen);
  const units = unitsOf(tables);
  const { utilisationScale, mean } = utilisationOf(tables);
  const links = linksOf(indexed, given, weights.communication);
  const { affinities, conflicts } = preferencesOf(indexed, tasks, weights.affinity);
  const soft = {
    utilisationScale,
    links,
    affinities,
    balanceCost: Math.round(weights.balance * BALANCE_QUANTA),
    migrationCost: Math.round(weights.migration * ENERGY_QUANTA),
  };
  const taskCostMax = costliestTask(tables, soft);
  conflicts.cost.fill(taskCostMax);
  const totalUnits = totals(units.capacityUnits, tables.resources.length);
  const problem: Problem = {
    ...tables, ...units, ...soft, mean, conflicts, taskCostMax, totalUnits,
    rows: undefined,
    more: undefined,
    home: homesOf(indexed, previous),
    conflictCost: taskCostMax,
    overloadCost: Math.max(1, Math.min(taskCostMax, Math.floor(OVERLOAD_QUANTA_MAX / worstOverloadOf(tables, units)))),
  };
  checkRange(problem);
  return problem;
}

function linksOf({ tasks, taskIndex }: IndexedTables, links: readonly Link[], communication: number): Partners {
  checkList("options.links", links, LINKS_MAX);
  const costs = new PairCosts(tasks.length);
  links.forEach((link, at) => {
    const path = `options.links[${at}]`;
    checkKeys(path, link, LINK_KEYS);
    const { a, b, weight = 1 } = link;
    checkWeight(`${path}.weight`, weight);
    costs.add(taskIndex.at(a, `${path}.a`), taskIndex.at(b, `${path}.b`), weight * communication);
  });
  return costs.partners();
}

function preferencesOf(
  { tasks: names, taskIndex }: IndexedTables,
  tasks: readonly Task[],
  weight: number,
): Pick<Problem, "affinities" | "conflicts"> {
  const [affinities, conflicts] = [new PairCosts(names.length), new PairCosts(names.length)];
  const partners = (at: number, field: "affinity" | "antiAffinity", visit: (self: number, other: number) => void): void => {
    const { id, [field]: others = [] } = tasks[at] ?? { id: "" };
    if (others.length === 0 && Array.isArray(others)) return;
    const path = `tasks[${at}].${field}`;
    checkList(path, others, TASKS_MAX);
    for (const other of others) visit(taskIndex.at(id, path), taskIndex.at(other, path));
  };
  tasks.forEach((_, at) =>
    partners(at, "antiAffinity", (self, other) => {
      if (other === self) throw new InvalidProblemError(`expected tasks[${at}].antiAffinity without itself, got it`);
      conflicts.add(self, other, 1);
    }),
  );
  tasks.forEach((_, at) =>
    partners(at, "affinity", (self, other) => {
      if (conflicts.has(self, other)) {
        const pair = `${quote(names[self] ?? "")} and ${quote(names[other] ?? "")}`;
        throw new InvalidProblemError(`expected tasks[${at}].affinity without those of antiAffinity, got ${pair} in both`);
      }
      affinities.add(self, other, weight);
    }),
  );
  return { affinities: affinities.partners(), conflicts: conflicts.partners() };
}

function homesOf({ tasks, taskIndex, nodeIndex }: IndexedTables, previous: Readonly<Record<string, string>>): Int32Array {
  checkObject("options.previous", previous);
  const home = new Int32Array(tasks.length).fill(UNPLACED);
  for (const [task, node] of Object.entries(previous)) {
    const at = taskIndex.find(task);
    if (at !== undefined) home[at] = nodeIndex.find(node) ?? UNPLACED;
  }
  return home;
}

function unitsOf(tables: Tables): Pick<Problem, "demandUnits" | "capacityUnits" | "exact"> {
  const { nodes, resources, demand, capacity } = tables;
  const demandUnits = new Float64Array(demand.length);
  const capacityUnits = new Float64Array(capacity.length);
  let exact = true;
  for (let r = 0; r < resources.length; r++) {
    const column = (values: Float64Array, rows: number): number[] =>
      Array.from({ length: rows }, (_, row) => values[row * resources.length + r] ?? 0);
    const units = resourceUnits(column(demand, demand.length / resources.length), column(capacity, nodes.length), resources.length);
    units.demand.forEach((value, t) => (demandUnits[t * resources.length + r] = value));
    units.capacity.forEach((value, n) => (capacityUnits[n * resources.length + r] = value));
    exact &&= units.exact;
  }
  return { demandUnits, capacityUnits, exact };
}

function utilisationOf({ resources, capacity, totalDemand, totalCapacity }: Tables): Pick<Problem, "utilisationScale" | "mean"> {
  const mean = Int32Array.from(resources, (_, r) => {
    const [needed, has] = [totalDemand[r] ?? 0, totalCapacity[r] ?? 0];
    return has > 0 ? Math.round(Math.min(needed / has, 1) * UTILISATION_UNITS) : 0;
  });
  return { utilisationScale: capacity.map((has) => (has > 0 ? UTILISATION_UNITS / has : 0)), mean };
}

/** Largest utilisation units that each task can add to a node, by resource: `[t, r]`. */
function worstUtilisation({ demand, resources }: Tables, utilisationScale: Float64Array): Float64Array {
  const steepest = maxima(utilisationScale, resources.length);
  return demand.map((need, at) => Math.ceil(Math.min(need * (steepest[at % resources.length] ?? 0), UTILISATION_UNITS)));
}

type Soft = Pick<Problem, "utilisationScale" | "links" | "affinities" | "balanceCost" | "migrationCost">;

/** A bound on what moving one task can change in the soft terms while utilisations stay below about 1. */
function costliestTask(tables: Tables, soft: Soft): number {
  const resources = tables.resources.length;
  const worst = worstUtilisation(tables, soft.utilisationScale);
  let costliest = 0;
  // Rows beyond the tasks are what tasks need on some nodes.
  for (let t = 0; t * resources < worst.length || t < tables.tasks.length; t++) {
    let largest = 0;
    for (let r = 0; r < resources; r++) largest += worst[t * resources + r] ?? 0;
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
  { resources: { length: resources } }: Tables,
  { demandUnits, capacityUnits }: Pick<Problem, "demandUnits" | "capacityUnits">,
): number {
  const [load, largest] = [totals(demandUnits, resources), maxima(capacityUnits, resources)];
  return load.reduce((worst, units, r) => worst + (units + 2 * (largest[r] ?? 0)) ** 2, 1);
}

/** Refuses a problem whose energies could leave the range where doubles are exact integers. */
function checkRange(problem: Problem): void {
  const { tasks, nodes, resources, links, affinities, conflicts } = problem;
  const worst = worstUtilisation(problem, problem.utilisationScale);
  const balance = totals(worst, resources.length).reduce((sum, used) => sum + problem.balanceCost * (UTILISATION_UNITS * nodes.length + used) ** 2, 0);
  const pairs = [links, affinities].reduce((sum, { cost }) => sum + cost.reduce((a, b) => a + b, 0), 0);
  const apart = conflicts.task.length * problem.conflictCost;
  const range = balance + pairs + apart + problem.migrationCost * tasks.length;
  if (!(range < QUANTA_MAX)) {
    const factor = (range / QUANTA_MAX).toPrecision(2);
    throw new InvalidProblemError(
      `expected weights small enough for exact integer energies, got a sum ${factor} times too large; lower them`,
    );
  }
}

function weightsOf(weights: EnergyWeights): Required<EnergyWeights> {
  checkKeys("options.weights", weights, WEIGHT_KEYS);
  const { balance = 1, communication = 1, affinity = 1, migration = 1 } = weights;
  const all = { balance, communication, affinity, migration };
  for (const [name, weight] of Object.entries(all)) checkWeight(`options.weights.${name}`, weight);
  return all;
}
