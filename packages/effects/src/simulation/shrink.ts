/**
 * Makes a failing run small: schedule, faults, clients and chance together.
 */
import { ddmin } from "./ddmin.ts";
import type { Fault } from "./fault.ts";
import type { Calm, FailedRun, RunPlan, Scenario } from "./scenario.ts";
import { ScenarioRun } from "./scenario-run.ts";

/** How much {@link shrink} may try. */
export interface ShrinkOptions {
  /** Runs at most. @defaultValue 1_000 */
  readonly runsMax?: number;
  /** Told after each run: the smallest one so far, and how many it took; when it returns false, that one is it. */
  readonly onRun?: (best: FailedRun, runs: number) => boolean | void;
}

/** What {@link shrink} found. */
export interface Shrunk {
  /** The smallest run that fails in the same way; its `plan` repeats it. */
  readonly run: FailedRun;
  /** How many runs it took. */
  readonly runs: number;
}

const RUNS_MAX = 1_000;
/** Other seeds that are tried with a plan that cannot be made smaller. */
const SEEDS_TRIED = 16;
const CALMS: readonly Calm[] = ["loss", "duplicate", "reorder", "corrupt", "delay", "disk", "clock"];
/** Times that are tried for one fault. */
const TIMES_TRIED = 64;
/** What a part of a plan counts for, in events. */
const WEIGHT = { fault: 10, decision: 5, operation: 5, chance: 5 } as const;

/**
 * Looks for the smallest run of a scenario that fails in the same way (same kind, same name) as one that did: it leaves
 * out faults, deviations from the order of time, operations and kinds of chance, shortens what is left, and tries other
 * seeds. Deterministic; every run that it counts as failing was run.
 *
 * @example
 * ```ts
 * import { type Scenario, shrink, simulate } from "@void-system/effects/simulation";
 *
 * // It cannot bear that anything happens to b.
 * const scenario: Scenario = () => {
 *   let starts = 0;
 *   return {
 *     nodes: { a: () => undefined, b: () => { starts += 1; } },
 *     faults: { kinds: ["crash", "pause", "block"], untilMs: 20_000 },
 *     check: { always: { "b starts once": () => { if (starts > 1) throw new Error("again"); } } },
 *   };
 * };
 * const failed = simulate({ ...scenario(), seed: 1 });
 * if (failed.ok) throw new Error("expected a failure");
 * failed.plan.faults.length > 5; // => true
 * const { plan, failure } = shrink(scenario, failed).run;
 * plan.faults.map(({ kind }) => kind); // => ["crash"]
 * failure.name; // => "b starts once"
 * ```
 */
export function shrink<A = unknown>(scenario: Scenario<A>, failed: FailedRun, options: ShrinkOptions = {}): Shrunk {
  const search = new Search(scenario, failed, options);
  let before: FailedRun;
  do {
    before = search.best;
    calm(search);
    leaveOut(search);
    hurry(search);
    bringForward(search);
    end(search);
    simplify(search);
    if (search.best === before) otherSeeds(search);
  } while (search.best !== before && search.hasBudget);
  return { run: search.best, runs: search.runs };
}

/** The best run so far, and whether another one is better. */
class Search<A> {
  best: FailedRun;
  runs = 0;
  readonly #scenario: Scenario<A>;
  readonly #runsMax: number;
  readonly #onRun: ShrinkOptions["onRun"];
  #stopped = false;

  constructor(scenario: Scenario<A>, failed: FailedRun, { runsMax = RUNS_MAX, onRun }: ShrinkOptions) {
    this.#scenario = scenario;
    this.#runsMax = runsMax;
    this.#onRun = onRun;
    this.best = failed;
  }

  get hasBudget(): boolean {
    return this.runs < this.#runsMax && !this.#stopped;
  }

  /** Runs a plan; it becomes the best one, and true is returned, when it fails alike and is smaller. */
  better(plan: RunPlan): boolean {
    if (!this.hasBudget) return false;
    this.runs += 1;
    const isBetter = this.#run(plan);
    this.#stopped = this.#onRun?.(this.best, this.runs) === false;
    return isBetter;
  }

  #run(plan: RunPlan): boolean {
    const result = new ScenarioRun(this.#scenario(), plan.seed, { plan }).finish();
    const { failure } = this.best;
    if (result.ok || result.failure.kind !== failure.kind || result.failure.name !== failure.name) return false;
    if (sizeOf(result) >= sizeOf(this.best)) return false;
    this.best = result;
    return true;
  }

  /** When the events of the best run happen, in virtual milliseconds. */
  eventTimes(): readonly number[] {
    if (!this.hasBudget) return [];
    this.runs += 1;
    const { plan } = this.best;
    const { trace } = new ScenarioRun({ ...this.#scenario(), trace: true }, plan.seed, { plan }).finish();
    return trace.map(({ atMs }) => atMs);
  }

  /** The best plan with something changed. */
  with(change: Partial<RunPlan>): boolean {
    return this.better({ ...this.best.plan, ...change });
  }
}

function sizeOf({ plan, events, operations, atMs }: FailedRun): number {
  return (
    events +
    WEIGHT.fault * plan.faults.length +
    WEIGHT.decision * plan.decisions.length +
    WEIGHT.operation * operations.length -
    WEIGHT.chance * plan.calm.length +
    // Of two otherwise alike, the one of shorter times and rounder faults.
    Math.min(0.5, atMs / 1e8) +
    Math.min(0.4, JSON.stringify(plan.faults).length / 1e5)
  );
}

function calm<A>(search: Search<A>): void {
  if (search.with({ calm: CALMS })) return;
  for (const one of CALMS) {
    const { calm: already } = search.best.plan;
    if (!already.includes(one)) search.with({ calm: [...already, one] });
  }
}

function leaveOut<A>(search: Search<A>): void {
  ddmin(search.best.plan.faults, (faults) => search.with({ faults }));
  ddmin(search.best.plan.decisions, (decisions) => search.with({ decisions }));
  const { operations, times, plan } = search.best;
  const indices = operations.map(({ index }) => index);
  ddmin(indices, (kept) => {
    const left = indices.filter((index) => !kept.includes(index));
    const omitted = [...plan.omitted, ...left].sort((one, other) => one - other);
    // Where they were, or one after the other, as they come: the first may hit a fault that the second misses.
    const stay = times.filter(({ index }) => kept.includes(index));
    return search.with({ omitted, times: stay }) || search.with({ omitted });
  });
}

/** The same in less time: clients that think less, and faults that come earlier. */
function hurry<A>(search: Search<A>): void {
  const { plan, times } = search.best;
  for (const part of [0, 0.1, 0.25, 0.5, 0.75]) {
    const faults = plan.faults.map((fault) => ({ ...fault, atMs: Math.round(fault.atMs * part) }));
    const earlier = times.map(({ index, atMs }) => ({ index, atMs: Math.round(atMs * part) }));
    if (search.with({ faults, times: earlier })) return;
  }
}

/** One fault at a time earlier: right after an event before it, where the nodes may be as vulnerable as they were. */
function bringForward<A>(search: Search<A>): void {
  for (const index of search.best.plan.faults.keys()) {
    const { faults } = search.best.plan;
    const { atMs = 0 } = faults[index] ?? {};
    const times = [...new Set(search.eventTimes().map((eventMs) => Math.ceil(eventMs)))].filter((time) => time < atMs);
    const every = Math.ceil(times.length / TIMES_TRIED);
    for (const [at, time] of times.entries())
      if (at % every === 0 && search.with({ faults: moved(faults, index, time) })) break;
  }
}

function moved(faults: readonly Fault[], index: number, atMs: number): readonly Fault[] {
  return faults.map((fault, at) => (at === index ? { ...fault, atMs } : fault));
}

/** An earlier end, for what is found only there. */
function end<A>(search: Search<A>): void {
  const { kind } = search.best.failure;
  if (kind === "until" || kind === "liveness") return;
  for (const part of [0.1, 0.25, 0.5, 0.75, 0.9]) if (search.with({ untilMs: Math.ceil(search.best.atMs * part) })) return;
}

/** Faults that last for ever (so nothing follows from their end), or shorter, and begin at rounder times. */
function simplify<A>(search: Search<A>): void {
  for (const at of search.best.plan.faults.keys()) {
    const replace = (change: (fault: Fault) => Fault): boolean =>
      search.with({ faults: search.best.plan.faults.map((fault, index) => (index === at ? change(fault) : fault)) });
    replace(({ ...fault }) => {
      if ("forMs" in fault) delete fault.forMs;
      return fault;
    });
    const numbers = Object.entries(search.best.plan.faults[at] ?? {}).filter(([, value]) => typeof value === "number");
    for (const [name, value] of numbers)
      simpler(Number(value)).some((number) => replace((fault) => ({ ...fault, [name]: number })));
  }
}

/** Numbers that are simpler than one, the simplest first. */
function simpler(value: number): readonly number[] {
  const size = Math.abs(value);
  const steps = [1, 10, 100, 1_000, 10_000].filter((step) => step < size);
  const rounded = steps.toReversed().map((step) => Math.floor(size / step) * step);
  return [...new Set([0, ...steps, ...rounded])].filter((number) => number < size).map((number) => Math.sign(value) * number);
}

function otherSeeds<A>(search: Search<A>): void {
  for (let seed = 0; seed < SEEDS_TRIED; seed += 1) if (search.with({ seed })) return;
}
