/**
 * The passes that make a failing run smaller.
 *
 * As in Hypothesis, everything that identifies a run is data (its plan). Each pass changes one aspect of the plan, and
 * the passes repeat until none of them helps (MacIver, Donaldson: "Test-Case Reduction via Test-Case Generation", ECOOP
 * 2020). As in DEMi, external events (faults, operations) are left out by delta debugging, which does not move the
 * others (Scott et al.: "Minimizing Faulty Executions of Distributed Systems", NSDI 2016).
 */
import { SeededRandom } from "@void-system/effects";
import { ddmin } from "./ddmin.ts";
import type { Fault } from "../world/fault.ts";
import { drawFaults } from "../scenario/fault-plan.ts";
import { CALMS } from "../scenario/calm.ts";
import type { Rest } from "./run-in-slices.ts";
import type { ShrinkSearch } from "./shrink-search.ts";

/** Number of other seeds, and of other lists of faults, to try once a run cannot be made smaller. */
const OTHERS_TRIED = 100;
/** Most times to try for one fault. */
const TIMES_TRIED = 64;

type Pass = Generator<Rest, void>;

/** Repeats all passes until none makes the best run smaller. */
export function* smaller<A>(search: ShrinkSearch<A>): Pass {
  let before;
  do {
    before = search.best;
    yield* calm(search);
    yield* leaveOut(search);
    yield* hurry(search);
    yield* bringForward(search);
    yield* end(search);
    yield* simplify(search);
    if (search.best === before) yield* otherSeeds(search);
    if (search.best === before) yield* otherFaults(search);
  } while (search.best !== before);
}

function* calm<A>(search: ShrinkSearch<A>): Pass {
  if (yield* search.try({ calm: CALMS })) return;
  for (const one of CALMS) {
    const { calm: already } = search.best.plan;
    if (!already.includes(one)) yield* search.try({ calm: [...already, one] });
  }
}

function* leaveOut<A>(search: ShrinkSearch<A>): Pass {
  yield* ddmin(search.best.plan.faults, (faults) => search.try({ faults }));
  yield* ddmin(search.best.plan.decisions, (decisions) => search.try({ decisions }));
  yield* ddmin(search.best.plan.forks, (forks) => search.try({ forks }));
  const { operations, times, plan } = search.best;
  const indices = operations.map(({ index }) => index);
  yield* ddmin(indices, function* (subset) {
    const kept = new Set(subset);
    const left = indices.filter((index) => !kept.has(index));
    const omitted = [...plan.omitted, ...left].sort((one, other) => one - other);
    // The remaining operations keep their times, or follow each other as soon as possible. The first may hit a fault
    // that the second misses.
    const stay = times.filter(({ index }) => kept.has(index));
    return (yield* search.try({ omitted, times: stay })) || (yield* search.try({ omitted }));
  });
}

/** Tries the same plan in less time, with earlier operations and faults. */
function* hurry<A>(search: ShrinkSearch<A>): Pass {
  const { plan, times } = search.best;
  for (const part of [0, 0.1, 0.25, 0.5, 0.75]) {
    const faults = plan.faults.map((fault) => ({ ...fault, atMs: Math.round(fault.atMs * part) }));
    const earlier = times.map(({ index, atMs }) => ({ index, atMs: Math.round(atMs * part) }));
    if (yield* search.try({ faults, times: earlier })) return;
  }
}

/** Moves one fault at a time to just after an earlier event, where the nodes may be as vulnerable. */
function* bringForward<A>(search: ShrinkSearch<A>): Pass {
  for (const index of search.best.plan.faults.keys()) {
    const { faults } = search.best.plan;
    const { atMs = 0 } = faults[index] ?? {};
    const all = (yield* search.eventTimes()).map((eventMs) => Math.ceil(eventMs));
    const times = [...new Set(all)].filter((time) => time < atMs);
    const every = Math.ceil(times.length / TIMES_TRIED);
    for (const [at, time] of times.entries())
      if (at % every === 0 && (yield* search.try({ faults: moved(faults, index, time) }))) break;
  }
}

function moved(faults: readonly Fault[], index: number, atMs: number): readonly Fault[] {
  return faults.map((fault, at) => (at === index ? { ...fault, atMs } : fault));
}

/** Ends the run earlier, for checks that apply only at its end. */
function* end<A>(search: ShrinkSearch<A>): Pass {
  const { kind } = search.best.failure;
  if (kind === "until" || kind === "liveness") return;
  for (const part of [0.1, 0.25, 0.5, 0.75, 0.9])
    if (yield* search.try({ untilMs: Math.ceil(search.best.atMs * part) })) return;
}

/**
 * Makes faults as long as allowed, so that nothing follows from their end. Then tries shorter faults, and rounder
 * times.
 */
function* simplify<A>(search: ShrinkSearch<A>): Pass {
  for (const at of search.best.plan.faults.keys()) {
    const replace = (change: (fault: Fault) => Fault): Generator<Rest, boolean> =>
      search.try({ faults: search.best.plan.faults.map((fault, index) => (index === at ? change(fault) : fault)) });
    yield* replace((fault) => search.limits.longest(fault));
    const numbers = Object.entries(search.best.plan.faults[at] ?? {}).filter(([, value]) => typeof value === "number");
    for (const [name, value] of numbers)
      for (const number of simpler(Number(value))) {
        // The shape of a flap refuses a period of 0.
        if (name === "periodMs" && number === 0) continue;
        if (yield* replace((fault) => ({ ...fault, [name]: number }))) break;
      }
  }
}

/** Returns simpler numbers than `value`, the simplest first. */
function simpler(value: number): readonly number[] {
  const size = Math.abs(value);
  const steps = [1, 10, 100, 1_000, 10_000].filter((step) => step < size);
  const rounded = steps.toReversed().map((step) => Math.floor(size / step) * step);
  const sizes = [...new Set([0, ...steps, ...rounded])].filter((number) => number < size);
  return sizes.map((number) => Math.sign(value) * number);
}

function* otherSeeds<A>(search: ShrinkSearch<A>): Pass {
  for (let seed = 0; seed < OTHERS_TRIED; seed += 1) if (yield* search.try({ seed })) return;
}

/**
 * Draws other faults from the same budget, within the time of the best run. They may lead to the same failure on a
 * shorter way.
 */
function* otherFaults<A>(search: ShrinkSearch<A>): Pass {
  const { budget: whole, nodes, best } = search;
  if (!whole) return;
  const { fromMs } = whole;
  const count = Math.max(1, best.plan.faults.length);
  const untilMs = Math.min(whole.untilMs, Math.max(fromMs + 1, Math.ceil(best.atMs)));
  const dense = { ...whole, untilMs, everyMs: (untilMs - fromMs) / (count + 1) };
  for (let seed = 0; seed < OTHERS_TRIED; seed += 1) {
    const faults = drawFaults(dense, nodes, new SeededRandom(seed, "other faults"));
    if (yield* search.try({ faults: faults.slice(0, count), seed })) return;
  }
}
