/**
 * Compares a run with its repetition. A finding that does not repeat is worth nothing.
 */
import { frameLabel } from "../chart/frame-label.ts";
import type { TraceEvent } from "../engine/trace.ts";
import { NotAFunctionOfItsSeedError } from "../errors.ts";
import type { RunPlan, Scenario, SimulationResult } from "./scenario.ts";
import { ScenarioRun } from "./scenario-run.ts";
import { inSteps, replaying, type RunProgress } from "./simulating.ts";
import { upTo } from "../shrink/run-in-slices.ts";

/** Number of first events of a run to keep for the comparison with its repetition. */
export const COMPARED_EVENTS_MAX = 10_000;

/** Pairs of runs to trace in search of the first event that differs. */
const PAIRS_MAX = 3;

/**
 * Checks that two runs of one plan are the same, failures included. Their traces, if they have some, show where they part.
 *
 * @throws {@link NotAFunctionOfItsSeedError} with the first event that differs.
 */
export function* expectingSame<A>(
  scenario: Scenario<A>,
  one: SimulationResult,
  other: SimulationResult
): Generator<RunProgress, void> {
  if (one.traceHash === other.traceHash && verdictOf(one) === verdictOf(other)) return;
  const where =
    differenceOf(one.trace, other.trace) ??
    (yield* verdictsText(scenario, one, other)) ??
    (yield* verdictsText(scenario, other, one)) ??
    (yield* repeatedText(scenario, one.plan));
  const got =
    verdictOf(one) === verdictOf(other)
      ? `the trace hashes ${one.traceHash} and ${other.traceHash}`
      : `one that ${verdictText(one)} and one that ${verdictText(other)}`;
  const failed = [one, other].find((result) => !result.ok);
  throw new NotAFunctionOfItsSeedError(one.seed, `${got}; ${where}`, failed && !failed.ok ? { cause: failed.failure.error } : {});
}

/** Returns a text about the first event that differs between two traces. Undefined if there is none, or no trace. */
function differenceOf(one: readonly TraceEvent[], other: readonly TraceEvent[]): string | undefined {
  const count = Math.min(one.length, other.length);
  if (count === 0) return undefined;
  for (let at = 0; at <= count; at += 1) {
    const [first, second] = [one[at], other[at]].map((event) => (event ? eventText(event) : "none"));
    if (first !== second) return `the first event that differs is number ${at + 1}: ${first}, or ${second}`;
  }
  return undefined;
}

/** Returns a text if a failed run has the same events as a repetition that does not fail there. */
function* verdictsText<A>(
  scenario: Scenario<A>,
  failed: SimulationResult,
  other: SimulationResult
): Generator<RunProgress, string | undefined> {
  if (failed.ok || failed.events > other.events) return undefined;
  const { plan, events, atMs, traceHash } = failed;
  const run = new ScenarioRun(scenario(), plan.seed, { plan });
  yield* inSteps(run, upTo(run, events));
  if (run.failure || run.result().traceHash !== traceHash) return undefined;
  return `their events are the same up to number ${events}, at ${atMs} ms, and the verdicts differ there`;
}

/** Repeats the plan with traces until two of them differ. */
function* repeatedText<A>(scenario: Scenario<A>, plan: RunPlan): Generator<RunProgress, string> {
  const traced = () => replaying(() => ({ ...scenario(), trace: true }), plan);
  for (let pair = 0; pair < PAIRS_MAX; pair += 1) {
    const found = differenceOf((yield* traced()).trace, (yield* traced()).trace);
    if (found !== undefined) return found;
  }
  return `${2 * PAIRS_MAX} further repetitions were the same, so something outside of the run changes it now and then`;
}

function eventText({ atMs, kind, node, peer, bytes, note }: TraceEvent): string {
  const parts = [node ?? "", kind, bytes ? frameLabel(bytes) : "", peer === undefined ? "" : `from ${peer}`, note];
  return `${parts.filter((part) => part !== "").join(" ")} at ${atMs} ms`;
}

/** Returns a text that is the same for the same verdict. */
function verdictOf(result: SimulationResult): string {
  return result.ok ? "" : JSON.stringify([result.failure.kind, result.failure.name, result.failure.event]);
}

function verdictText(result: SimulationResult): string {
  return result.ok ? "passes" : `fails (${result.failure.kind} ${JSON.stringify(result.failure.name)} in event ${result.failure.event})`;
}
