import { energyOf, pairs } from "./assignment.ts";
import type { EnergyQuanta } from "./assignment.ts";
import { compile } from "./compile.ts";
import type { Problem } from "./compile.ts";
import { InfeasibleError, InvalidProblemError, UnknownNameError } from "./errors.ts";
import { ENERGY_QUANTA } from "./fixed-point.ts";
import { placementModel, placeOf } from "./placement-model.ts";
import type { PlacementModel } from "./placement-model.ts";
import type { Node, SchedulerOptions, Task } from "./problem.ts";
import type { Alternative, Energy, SchedulingResult, TaskExplanation } from "./result.ts";
import { search } from "./search.ts";
import type { Effort, Found } from "./search.ts";
import { impossible, shortagesOf } from "./shortages.ts";

/** Most moves of all runs of one search. */
export const MOVES_MAX = 1_000_000_000;

/**
 * Places tasks on nodes by minimising an energy: overload and forbidden neighbours (hard), balance, communication,
 * affinity and migration (soft). All arithmetic that decides is on integers, so the same tasks, nodes, options and seed
 * give the same placement on every machine. The search runs once, at the first question, and blocks meanwhile.
 *
 * @example
 * ```ts
 * import { IsingScheduler } from "@void-system/ising-scheduler";
 * const tasks = [
 *   { id: "task1", demand: { cpu: 2 } },
 *   { id: "task2", demand: { cpu: 2 } },
 * ];
 * const nodes = [
 *   { id: "node1", capacity: { cpu: 3 } },
 *   { id: "node2", capacity: { cpu: 3 } },
 * ];
 * new IsingScheduler(tasks, nodes).schedule(); // => { task1: "node1", task2: "node2" }
 * ```
 */
export class IsingScheduler {
  readonly #problem: Problem;
  readonly #effort: Effort;
  #found: Found | undefined;

  /**
   * @throws {@link InvalidProblemError} if tasks, nodes or options contradict themselves or are beyond a limit.
   */
  constructor(tasks: readonly Task[], nodes: readonly Node[], options: SchedulerOptions = {}) {
    this.#problem = compile(tasks, nodes, options);
    this.#effort = effortOf(tasks.length, options);
  }

  /**
   * The node of each task.
   *
   * @throws {@link InfeasibleError} if no placement was found that keeps every capacity and every `antiAffinity`.
   * @example
   * ```ts
   * import { InfeasibleError, IsingScheduler } from "@void-system/ising-scheduler";
   * let missing = 0;
   * try {
   *   new IsingScheduler([{ id: "big", demand: { cpu: 4 } }], [{ id: "small", capacity: { cpu: 1 } }]).schedule();
   * } catch (error) {
   *   if (error instanceof InfeasibleError) missing = error.shortages[0]?.missing ?? 0;
   * }
   * missing; // => 3
   * ```
   */
  schedule(): Record<string, string> {
    const { feasible, placement, shortages, conflicts, proved } = this.result();
    if (!feasible) throw new InfeasibleError(shortages, conflicts, proved);
    return { ...placement };
  }

  /**
   * The placement with its energy by term, whether it is proved the best, and what is missing if it is not feasible.
   *
   * @example
   * ```ts
   * import { IsingScheduler } from "@void-system/ising-scheduler";
   * const nodes = [{ id: "a", capacity: { cpu: 4 } }, { id: "b", capacity: { cpu: 4 } }];
   * const tasks = [{ id: "x", demand: { cpu: 1 } }, { id: "y", demand: { cpu: 1 } }];
   * const { feasible, proved, energy } = new IsingScheduler(tasks, nodes).result();
   * [feasible, proved, energy.total]; // => [true, true, 0]
   * ```
   */
  result(): SchedulingResult {
    const { place, feasible, exhaustive, moves } = this.#solve();
    const overall = impossible(this.#problem);
    const shortages = feasible ? [] : overall.length > 0 ? overall : shortagesOf(this.#problem, place);
    return {
      placement: this.#named(place),
      feasible,
      // Units that were rounded could hide a placement that just fits, so nothing is proved of its absence.
      proved: feasible ? exhaustive : overall.length > 0 || (exhaustive && this.#problem.exact),
      energy: inUnits(energyOf(this.#problem, place)),
      shortages,
      conflicts: feasible ? [] : this.#clashes(place),
      moves,
    };
  }

  /**
   * The energy of any placement of all tasks, feasible or not.
   *
   * @throws {@link InvalidProblemError} if a task has no node of the problem.
   */
  energy(placement: Readonly<Record<string, string>>): Energy {
    return inUnits(energyOf(this.#problem, placeOf(this.#problem, placement)));
  }

  /**
   * Why a task is where it is: for each node, what would change if only this task went there, and what forbids it.
   *
   * @throws {@link UnknownNameError} if there is no such task.
   * @example
   * ```ts
   * import { IsingScheduler } from "@void-system/ising-scheduler";
   * const nodes = [{ id: "a", capacity: { cpu: 4 } }, { id: "b", capacity: { cpu: 1 } }];
   * const scheduler = new IsingScheduler([{ id: "x", demand: { cpu: 2 } }], nodes);
   * const { node, alternatives } = scheduler.explain("x");
   * node; // => "a"
   * alternatives[1]?.shortages; // => [{ resource: "cpu", node: "b", needed: 2, available: 1, missing: 1 }]
   * ```
   */
  explain(taskId: string): TaskExplanation {
    const task = this.#problem.taskIndex.find(taskId);
    if (task === undefined) throw new UnknownNameError("task", taskId);
    const { place } = this.#solve();
    const now = energyOf(this.#problem, place);
    const alternatives = this.#problem.nodes.map((node, at): Alternative => {
      const moved = place.with(task, at);
      const clashes = pairs(this.#problem.conflicts, moved, true).filter(([a, b]) => a === task || b === task);
      return {
        node,
        delta: inUnits(difference(energyOf(this.#problem, moved), now)),
        shortages: shortagesOf(this.#problem, moved).filter((shortage) => shortage.node === node),
        conflicts: clashes.map(([a, b]) => this.#problem.tasks[a === task ? b : a] ?? ""),
      };
    });
    alternatives.sort((a, b) => blocked(a) - blocked(b) || a.delta.total - b.delta.total);
    return { task: taskId, node: this.#problem.nodes[place[task] ?? 0] ?? "", alternatives };
  }

  /**
   * The objective as a QUBO, for other solvers; see {@link PlacementModel}.
   *
   * @throws {@link InvalidProblemError} if it would be too large.
   * @example
   * ```ts
   * import { IsingScheduler } from "@void-system/ising-scheduler";
   * const nodes = [{ id: "a", capacity: { cpu: 4 } }, { id: "b", capacity: { cpu: 2 } }];
   * const scheduler = new IsingScheduler([{ id: "x", demand: { cpu: 1 } }], nodes);
   * const { model, encode } = scheduler.toQubo();
   * model.energy(encode({ x: "b" })) === scheduler.energy({ x: "b" }).total; // => true
   * ```
   */
  toQubo(): PlacementModel {
    return placementModel(this.#problem);
  }

  /**
   * The same with spins: `encode` gives -1 and 1.
   *
   * @throws {@link InvalidProblemError} if it would be too large.
   */
  toIsing(): PlacementModel {
    const qubo = placementModel(this.#problem);
    return {
      ...qubo,
      model: qubo.model.toSpin(),
      encode: (placement) => qubo.encode(placement).map((bit) => 2 * bit - 1),
    };
  }

  #solve(): Found {
    this.#found ??= search(this.#problem, this.#effort);
    return this.#found;
  }

  #named(place: Int32Array): Readonly<Record<string, string>> {
    const { tasks, nodes } = this.#problem;
    return Object.fromEntries(tasks.map((task, at) => [task, nodes[place[at] ?? 0] ?? ""]));
  }

  #clashes(place: Int32Array): readonly (readonly [string, string])[] {
    const { tasks, conflicts } = this.#problem;
    return pairs(conflicts, place, true).map(([a, b]) => [tasks[a] ?? "", tasks[b] ?? ""]);
  }
}

function blocked({ shortages, conflicts }: Alternative): number {
  return Number(shortages.length + conflicts.length > 0);
}

/** Quanta to energies; exact, since a quantum is a power of two. */
function inUnits(quanta: EnergyQuanta): Energy {
  const { overload, conflicts, balance, communication, affinity, migration } = quanta;
  return {
    total: (overload + conflicts + balance + communication + affinity + migration) / ENERGY_QUANTA,
    overload: overload / ENERGY_QUANTA,
    conflicts: conflicts / ENERGY_QUANTA,
    balance: balance / ENERGY_QUANTA,
    communication: communication / ENERGY_QUANTA,
    affinity: affinity / ENERGY_QUANTA,
    migration: migration / ENERGY_QUANTA,
  };
}

function difference(a: EnergyQuanta, b: EnergyQuanta): EnergyQuanta {
  return {
    overload: a.overload - b.overload,
    conflicts: a.conflicts - b.conflicts,
    balance: a.balance - b.balance,
    communication: a.communication - b.communication,
    affinity: a.affinity - b.affinity,
    migration: a.migration - b.migration,
  };
}

function effortOf(tasks: number, options: SchedulerOptions): Effort {
  const { seed = 1, moves = Math.max(12_000, 100 * tasks), runs = 2, exhaustiveMax = 20_000 } = options;
  checkWhole("seed", seed, 0, 2 ** 32 - 1);
  checkWhole("moves", moves, 1, MOVES_MAX);
  checkWhole("runs", runs, 1, MOVES_MAX);
  checkWhole("exhaustiveMax", exhaustiveMax, 0, MOVES_MAX);
  checkWhole("moves x options.runs", moves * runs, 1, MOVES_MAX);
  return { seed, moves, runs, exhaustiveMax };
}

function checkWhole(name: string, value: number, low: number, high: number): void {
  if (!Number.isSafeInteger(value) || value < low || value > high) {
    throw new InvalidProblemError(`expected options.${name} to be a whole number ${low}..${high}, got ${value}`);
  }
}
