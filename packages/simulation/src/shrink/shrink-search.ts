import { FaultLimits } from "./fault-limits.ts";
import { lengthOf, type WholeBudget, wholeBudget } from "../scenario/fault-plan.ts";
import { type Rest, runInSlices } from "./run-in-slices.ts";
import { sizeOf } from "./run-size.ts";
import { isSameFailure } from "./same-failure.ts";
import { TestCodeError } from "../errors.ts";
import type { FailedRun, FaultBudget, RunPlan, Scenario, ScenarioParts, SimulationResult } from "../scenario/scenario.ts";
import { ScenarioRun } from "../scenario/scenario-run.ts";
import { TraceHash } from "../engine/trace-hash.ts";

/** Keeps the smallest failing run so far. Its generators yield after each run, and within long ones. */
export class ShrinkSearch<A = unknown> {
  /** The smallest run so far. */
  best: FailedRun;
  /** Number of runs so far. */
  runs = 0;
  /** The nodes of the scenario. */
  readonly nodes: readonly string[];
  /** Budget from which the scenario draws its faults, if it does. */
  readonly budget: WholeBudget | undefined;
  /** Limits on the faults of a smaller run. */
  readonly limits: FaultLimits;
  readonly #scenario: Scenario<A>;
  /** Hashes of plans that were tried. */
  readonly #tried = new Set<string>();

  constructor(scenario: Scenario<A>, failed: FailedRun) {
    this.#scenario = scenario;
    this.best = failed;
    this.#isNew(failed.plan);
    const parts = scenario();
    this.nodes = Object.keys(parts.nodes);
    const { faults } = parts;
    // `faults` is a list or a budget.
    const budget = Array.isArray(faults) ? undefined : (faults as FaultBudget | undefined);
    this.budget = budget && wholeBudget(budget, this.nodes, lengthOf(parts));
    this.limits = new FaultLimits(this.budget, failed.plan.faults);
  }

  /**
   * Runs the best plan with a change. If the run fails in the same way and is smaller, it becomes the best one, and
   * true is returned.
   */
  *try(change: Partial<RunPlan>): Generator<Rest, boolean> {
    const plan = { ...this.best.plan, ...change };
    if (!this.#isNew(plan) || !this.limits.allow(plan.faults)) return false;
    const result = yield* this.#ran(plan);
    this.runs += 1;
    const before = this.best;
    const isAlike = result?.ok === false && isSameFailure(result.failure, before.failure);
    if (isAlike && sizeOf(result) < sizeOf(before)) this.best = result;
    yield undefined;
    return this.best !== before;
  }

  /** Runs a plan. Returns undefined if the test itself fails in it. */
  *#ran(plan: RunPlan): Generator<Rest, SimulationResult | undefined> {
    const parts = this.#scenario();
    try {
      return yield* runInSlices(new ScenarioRun({ ...parts, ...this.#bound(parts) }, plan.seed, { plan }));
    } catch (error) {
      // A check may rely on operations or events that a smaller run leaves out. The found run remains a finding.
      if (error instanceof TestCodeError) return undefined;
      throw error;
    }
  }

  /** Returns the times of the best run's events, in virtual milliseconds. */
  *eventTimes(): Generator<Rest, readonly number[]> {
    const { plan } = this.best;
    const run = new ScenarioRun({ ...this.#scenario(), trace: true }, plan.seed, { plan });
    const { trace } = yield* runInSlices(run);
    this.runs += 1;
    yield undefined;
    return trace.map(({ atMs }) => atMs);
  }

  /** Ends a run at the size of the best one, since a longer run cannot be better. */
  #bound({ eventsMax = Infinity }: ScenarioParts<A>): Pick<ScenarioParts<A>, "eventsMax"> {
    // A run that fails by this limit must be able to reach it.
    if (this.best.failure.kind === "events") return {};
    return { eventsMax: Math.min(eventsMax, Math.floor(sizeOf(this.best)) + 1) };
  }

  /**
   * Returns true for a plan that was not tried before. A plan that was not smaller than the best run then is not
   * smaller than the best run now.
   */
  #isNew(plan: RunPlan): boolean {
    const hash = new TraceHash();
    hash.bytes(new TextEncoder().encode(JSON.stringify(plan)));
    const { size } = this.#tried;
    return this.#tried.add(hash.hex()).size > size;
  }
}
