import fc from "fast-check";
import { planShape } from "../scenario/plan-shape.ts";
import type { FailedRun, RunPlan, Scenario, SimulationResult } from "../scenario/scenario.ts";
import { shrink } from "../shrink/shrink.ts";
import { replay, simulate } from "../scenario/simulate.ts";

/** Options of {@link runPlans}. */
export interface RunPlansOptions {
  /** Largest seed; the smallest is 0. @defaultValue 2^31 - 1 */
  readonly seedMax?: number;
  /** Most runs of each shrinking step, when the scenario's own checks fail. @defaultValue 1_000 */
  readonly shrinkRunsMax?: number;
}

const SEED_MAX = 2 ** 31 - 1;

/**
 * Returns an arbitrary of plans of a scenario's runs: a seed, the faults that it draws, and the order of events that
 * its schedule decides. A property of `replay(scenario, plan)` is tested with many plans. A plan that breaks the
 * property is shrunk (faults, order and operations together) and printed as plain JSON, which `replay` accepts.
 *
 * @example
 * ```ts
 * import fc from "fast-check";
 * import { runPlans } from "@void-system/simulation/fast-check";
 * import { replay, type Scenario } from "@void-system/simulation";
 *
 * const scenario: Scenario = () => ({
 *   nodes: {
 *     a: ({ clock }, { check }) => {
 *       let last = 0;
 *       const beat = () => {
 *         check("it beats", clock.monotonicMs() - last < 100);
 *         last = clock.monotonicMs();
 *         clock.schedule(10, beat);
 *       };
 *       beat();
 *     },
 *   },
 *   faults: { kinds: ["pause", "clock-jump"], untilMs: 5_000 },
 *   until: 5_000,
 * });
 * const found = fc.check(fc.property(runPlans(scenario), (plan) => replay(scenario, plan).ok), { seed: 1 });
 * found.failed; // => true
 * found.counterexample?.[0].faults.map(({ kind }) => kind); // => ["pause"]
 * ```
 */
export function runPlans<A = unknown>(scenario: Scenario<A>, options: RunPlansOptions = {}): fc.Arbitrary<RunPlan> {
  return new RunPlans(scenario, options);
}

class RunPlans<A> extends fc.Arbitrary<RunPlan> {
  readonly #scenario: Scenario<A>;
  readonly #seeds: fc.Arbitrary<number>;
  readonly #runsMax: number;

  constructor(scenario: Scenario<A>, { seedMax = SEED_MAX, shrinkRunsMax = 1_000 }: RunPlansOptions) {
    super();
    this.#scenario = scenario;
    this.#seeds = fc.nat(seedMax);
    this.#runsMax = shrinkRunsMax;
  }

  override generate(random: fc.Random): fc.Value<RunPlan> {
    // No bias: no seed is simpler than another.
    const seed = this.#seeds.generate(random, undefined).value;
    return new fc.Value(simulate({ ...this.#scenario(), seed }).plan, undefined);
  }

  /** Accepts plans that were not drawn here, too, such as `examples`. */
  override canShrinkWithoutContext(value: unknown): value is RunPlan {
    try {
      planShape(value, "");
      return true;
    } catch {
      return false;
    }
  }

  override shrink(plan: RunPlan): fc.Stream<fc.Value<RunPlan>> {
    return fc.stream(this.#smaller(plan)).map((smaller) => new fc.Value(smaller, undefined));
  }

  /**
   * Yields the plan with the smallest failure of the scenario's own checks, then every plan that leaves something out.
   */
  *#smaller(plan: RunPlan): Generator<RunPlan> {
    const run = replay(this.#scenario, plan);
    if (!run.ok) {
      const smallest = this.#smallest(run);
      if (sizeOf(smallest) < sizeOf(plan)) yield smallest;
    }
    for (const faults of shorter(plan.faults)) yield { ...plan, faults };
    for (const decisions of shorter(plan.decisions)) yield { ...plan, decisions };
    for (const kept of shorter(indicesOf(run))) {
      const left = indicesOf(run).filter((index) => !kept.includes(index));
      yield { ...plan, omitted: [...plan.omitted, ...left] };
    }
  }

  #smallest(run: FailedRun): RunPlan {
    return shrink(this.#scenario, run, { runsMax: this.#runsMax }).run.plan;
  }
}

function indicesOf(run: SimulationResult): readonly number[] {
  return run.operations.map(({ index }) => index);
}

/** Returns the size of a plan: the parts of it that can be left out. */
function sizeOf({ faults, decisions, omitted, calm, untilMs }: RunPlan): number {
  return (
    JSON.stringify(faults).length + decisions.length - omitted.length - calm.length - (untilMs === undefined ? 0 : 1)
  );
}

/** Yields a list without all of its items, each half, each quarter, …, and each item. */
function* shorter<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let size = list.length; size >= 1; size = Math.floor(size / 2))
    for (let from = 0; from < list.length; from += size) yield list.toSpliced(from, size);
}
