import { energyOf } from "./search/assignment.ts";
import { checkKeys } from "./compile/check.ts";
import { arraysOf, compile } from "./compile/compile.ts";
import type { CompiledProblem } from "./compile/compile.ts";
import { InfeasibleError } from "./errors.ts";
import { explain } from "./report/explain.ts";
import { whyInfeasible } from "./report/infeasible.ts";
import { placeOf } from "./report/place.ts";
import { placementModel } from "./qubo/placement-model.ts";
import type { PlacementModel } from "./qubo/placement-model.ts";
import type { Node, SchedulerOptions, Task } from "./problem.ts";
import { inUnits } from "./report/report.ts";
import type { Energy, SchedulingResult, TaskExplanation } from "./result.ts";
import { checkEffort } from "./run.ts";
import type { SolveOptions } from "./run.ts";
import { solve } from "./solve.ts";

const OPTION_KEYS: ReadonlySet<string> = new Set(
  ["links", "previous", "weights", "seed", "moves", "exhaustiveMax"] satisfies (keyof SchedulerOptions)[],
);

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
  readonly #compiled: CompiledProblem;
  readonly #effort: SolveOptions;
  #result: SchedulingResult | undefined;

  /**
   * @throws {@link InvalidProblemError} if tasks, nodes or options contradict themselves or are beyond a limit.
   */
  constructor(tasks: readonly Task[], nodes: readonly Node[], options: SchedulerOptions = {}) {
    checkKeys("options", options, OPTION_KEYS);
    const { seed, moves, exhaustiveMax, ...model } = options;
    this.#compiled = compile({ ...model, tasks, nodes });
    this.#effort = { ...(seed !== undefined && { seed }), ...(moves !== undefined && { moves }), ...(exhaustiveMax !== undefined && { exhaustiveMax }) };
    checkEffort(this.#effort);
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
    const result = this.result();
    const why = whyInfeasible(this.#compiled, result);
    if (why) throw new InfeasibleError({ ...why, proved: why.proved || result.proved }, result.shortages, result.conflicts);
    return { ...result.placement };
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
    this.#result ??= solve(this.#compiled, this.#effort);
    return this.#result;
  }

  /**
   * The energy of any placement of all tasks, feasible or not.
   *
   * @throws {@link InvalidProblemError} if a task has no node of the problem.
   */
  energy(placement: Readonly<Record<string, string>>): Energy {
    const problem = arraysOf(this.#compiled);
    return inUnits(energyOf(problem, placeOf(problem, placement)));
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
    return explain(this.#compiled, this.result().placement, taskId);
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
    return placementModel(arraysOf(this.#compiled));
  }

  /**
   * The same with spins: `encode` gives -1 and 1.
   *
   * @throws {@link InvalidProblemError} if it would be too large.
   */
  toIsing(): PlacementModel {
    const qubo = placementModel(arraysOf(this.#compiled));
    return {
      ...qubo,
      model: qubo.model.toSpin(),
      encode: (placement) => qubo.encode(placement).map((bit) => 2 * bit - 1),
    };
  }
}
