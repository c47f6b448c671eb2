import type { Partners, Problem } from "./compile.ts";

/** Quanta of each term of the energy; the names are those of {@link Energy}. */
export interface EnergyQuanta {
  readonly overload: number;
  readonly conflicts: number;
  readonly balance: number;
  readonly communication: number;
  readonly affinity: number;
  readonly migration: number;
}

/** Node of a task that has none yet. */
export const UNPLACED = -1;

/**
 * Tasks on nodes, with the loads kept up to date, so that the change of energy that a move would make costs only the
 * task's resources and partners. Invariant: `loads`, `used`, `overloads` and `clashes` are those of `place`.
 */
export class Assignment {
  /** Node of each task, or {@link UNPLACED}. */
  readonly place: Int32Array;
  /** Hard part of the last {@link Assignment.change}: overload and conflicts. */
  hardChange = 0;
  readonly #problem: Problem;
  readonly #nodes: number;
  readonly #resources: number;
  /** Units of demand on `[n, r]`. */
  readonly #loads: Float64Array;
  /** Utilisation units on `[n, r]`. */
  readonly #used: Float64Array;
  /** Resources of nodes with more load than capacity. */
  #overloads = 0;
  /** Pairs of tasks that must be apart and are not. */
  #clashes = 0;

  /** Nothing is placed at first. */
  constructor(problem: Problem) {
    this.#problem = problem;
    this.#nodes = problem.nodes.length;
    this.#resources = problem.resources.length;
    this.place = new Int32Array(problem.tasks.length).fill(UNPLACED);
    this.#loads = new Float64Array(this.#nodes * this.#resources);
    this.#used = new Float64Array(this.#nodes * this.#resources);
  }

  /** Whether no node is overloaded and no pair that must be apart is together. */
  get feasible(): boolean {
    return this.#overloads === 0 && this.#clashes === 0;
  }

  /** How full a node is: its utilisation units, summed over resources. */
  fill(node: number): number {
    let sum = 0;
    for (let r = 0; r < this.#resources; r++) sum += this.#used[node * this.#resources + r] ?? 0;
    return sum;
  }

  /** Quanta by which the energy would change if the task went to the node. An unplaced task adds nothing before. */
  change(task: number, to: number): number {
    const from = this.place[task] ?? UNPLACED;
    this.hardChange = 0;
    if (from === to) return 0;
    const { links, affinities, conflicts, home } = this.#problem;
    const { migrationCost, conflictCost, overloadCost, balanceCost } = this.#problem;
    const overload = this.#overload(task, to, 1) + (from < 0 ? 0 : this.#overload(task, from, -1));
    const uneven = this.#uneven(task, to, 1) + (from < 0 ? 0 : this.#uneven(task, from, -1));
    this.hardChange = overload * overloadCost;
    if (conflicts.task.length > 0) {
      const left = from < 0 ? 0 : this.#met(conflicts, task, from);
      this.hardChange += (this.#met(conflicts, task, to) - left) * conflictCost;
    }
    let change = this.hardChange + uneven * balanceCost + this.#apart(links, task, from, to);
    if (affinities.task.length > 0) change += this.#apart(affinities, task, from, to);
    const before = home[task] ?? UNPLACED;
    if (before >= 0) change += (Number(to !== before) - Number(from !== before && from >= 0)) * migrationCost;
    return change;
  }

  /** Puts the task on the node. */
  move(task: number, to: number): void {
    const from = this.place[task] ?? UNPLACED;
    if (from === to) return;
    if (from >= 0) this.#shift(task, from, -1);
    this.place[task] = to;
    this.#shift(task, to, 1);
  }

  #shift(task: number, node: number, sign: 1 | -1): void {
    const { demandUnits, capacityUnits, utilisation, conflicts } = this.#problem;
    for (let r = 0; r < this.#resources; r++) {
      const at = node * this.#resources + r;
      const room = capacityUnits[at] ?? 0;
      const before = this.#loads[at] ?? 0;
      const after = before + sign * (demandUnits[task * this.#resources + r] ?? 0);
      this.#loads[at] = after;
      this.#overloads += Number(after > room) - Number(before > room);
      const part = utilisation[(task * this.#nodes + node) * this.#resources + r] ?? 0;
      this.#used[at] = (this.#used[at] ?? 0) + sign * part;
    }
    if (conflicts.task.length > 0) this.#clashes += sign * this.#met(conflicts, task, node);
  }

  /** Change of the sum of squared overloads if the task came to (1) or left (-1) the node. */
  #overload(task: number, node: number, sign: 1 | -1): number {
    const { demandUnits, capacityUnits } = this.#problem;
    let change = 0;
    for (let r = 0; r < this.#resources; r++) {
      const at = node * this.#resources + r;
      const before = (this.#loads[at] ?? 0) - (capacityUnits[at] ?? 0);
      const after = before + sign * (demandUnits[task * this.#resources + r] ?? 0);
      if (after > 0) change += after * after;
      if (before > 0) change -= before * before;
    }
    return change;
  }

  /** Change of the sum of squared deviations from the mean utilisation. */
  #uneven(task: number, node: number, sign: 1 | -1): number {
    const { utilisation, mean } = this.#problem;
    let change = 0;
    for (let r = 0; r < this.#resources; r++) {
      const off = (this.#used[node * this.#resources + r] ?? 0) - (mean[r] ?? 0);
      // Where the node has nothing of the resource this is 0.
      const step = sign * (utilisation[(task * this.#nodes + node) * this.#resources + r] ?? 0);
      change += step * (2 * off + step);
    }
    return change;
  }

  /** Change of the cost of partners on other nodes. A partner that is not placed yet costs nothing. */
  #apart({ start, task: partner, cost }: Partners, task: number, from: number, to: number): number {
    let change = 0;
    const end = start[task + 1] ?? 0;
    for (let at = start[task] ?? 0; at < end; at++) {
      const node = this.place[partner[at] ?? 0] ?? UNPLACED;
      if (node === UNPLACED) continue;
      if (node === to) change -= from === UNPLACED ? 0 : (cost[at] ?? 0);
      else if (node === from || from === UNPLACED) change += cost[at] ?? 0;
    }
    return change;
  }

  /** How many partners are on the node. */
  #met({ start, task: partner }: Partners, task: number, node: number): number {
    let met = 0;
    const end = start[task + 1] ?? 0;
    for (let at = start[task] ?? 0; at < end; at++) met += Number(this.place[partner[at] ?? 0] === node);
    return met;
  }
}

/** The energy of a full placement by term, computed from nothing: the meaning that {@link Assignment.change} tracks. */
export function energyOf(problem: Problem, place: Int32Array): EnergyQuanta {
  const { nodes, resources, demandUnits, capacityUnits, utilisation, mean, counted } = problem;
  const loads = new Float64Array(nodes.length * resources.length);
  const used = new Float64Array(loads.length);
  place.forEach((node, task) => {
    for (let r = 0; r < resources.length; r++) {
      const at = node * resources.length + r;
      loads[at] = (loads[at] ?? 0) + (demandUnits[task * resources.length + r] ?? 0);
      used[at] = (used[at] ?? 0) + (utilisation[(task * nodes.length + node) * resources.length + r] ?? 0);
    }
  });
  let [overload, balance, migration] = [0, 0, 0];
  for (let at = 0; at < loads.length; at++) {
    overload += Math.max(0, (loads[at] ?? 0) - (capacityUnits[at] ?? 0)) ** 2;
    if (counted[at]) balance += ((used[at] ?? 0) - (mean[at % resources.length] ?? 0)) ** 2;
  }
  place.forEach((node, task) => {
    const before = problem.home[task] ?? UNPLACED;
    if (before >= 0 && before !== node) migration += problem.migrationCost;
  });
  return {
    overload: overload * problem.overloadCost,
    conflicts: pairs(problem.conflicts, place, true).length * problem.conflictCost,
    balance: balance * problem.balanceCost,
    communication: apartCost(problem.links, place),
    affinity: apartCost(problem.affinities, place),
    migration,
  };
}

/** The pairs of partners (a < b) that are together, or apart. */
export function pairs({ start, task }: Partners, place: Int32Array, together: boolean): [number, number, number][] {
  const found: [number, number, number][] = [];
  for (let a = 0; a < place.length; a++) {
    for (let at = start[a] ?? 0; at < (start[a + 1] ?? 0); at++) {
      const b = task[at] ?? 0;
      if (a < b && (place[a] === place[b]) === together) found.push([a, b, at]);
    }
  }
  return found;
}

function apartCost(partners: Partners, place: Int32Array): number {
  return pairs(partners, place, false).reduce((sum, [, , at]) => sum + (partners.cost[at] ?? 0), 0);
}
