/**
 * Compares a run with its repetition. A finding that does not repeat is worth nothing.
 */
import { frameLabel } from "../chart/frame-label.ts";
import type { TraceEvent } from "../engine/trace.ts";
import { NotAFunctionOfItsSeedError } from "../errors.ts";
import type { RunPlan, Scenario, SimulationResult } from "../scenario/scenario.ts";
import { ScenarioRun } from "../scenario/scenario-run.ts";
import { replay } from "../scenario/simulate.ts";

/** Pairs of runs to trace in search of the first event that differs. */
const PAIRS_MAX = 3;

/**
 * Checks that two runs of one plan are the same, failures included.
 *
 * @throws {@link NotAFunctionOfItsSeedError} with the first event that differs.
 */
export function expectSame<A>(scenario: Scenario<A>, one: SimulationResult, other: SimulationResult): void {
  if (one.traceHash === other.traceHash && verdictOf(one) === verdictOf(other)) return;
  throw new NotAFunctionOfItsSeedError(one.seed, differenceOf(scenario, one, other));
}

function differenceOf<A>(scenario: Scenario<A>, one: SimulationResult, other: SimulationResult): string {
  const events = sameEventsText(scenario, one, other) ?? differingEventText(scenario, one.plan);
  const hashes = `the trace hashes ${one.traceHash} and ${other.traceHash}`;
  if (verdictOf(one) === verdictOf(other)) return `${hashes}; ${events}`;
  return `one that ${verdictText(one)} and one that ${verdictText(other)}; ${events}`;
}

/** Returns a text if the events of the two runs are the same as far as the shorter one goes, so the verdicts alone differ. */
function sameEventsText<A>(scenario: Scenario<A>, one: SimulationResult, other: SimulationResult): string | undefined {
  const [short, long] = one.events <= other.events ? [one, other] : [other, one];
  if (short.traceHash !== hashAt(scenario, long, short.events)) return undefined;
  return `their events are the same up to event ${short.events}, at ${short.atMs} ms, and only the verdicts differ`;
}

/** Returns the trace hash of a run after an event, by running its plan up to there. */
function hashAt<A>(scenario: Scenario<A>, { plan, events, traceHash }: SimulationResult, event: number): string {
  if (event === events) return traceHash;
  const run = new ScenarioRun(scenario(), plan.seed, { plan });
  run.runTo(event);
  return run.result().traceHash;
}

/** Repeats the plan with traces until two of them differ, and shows both events. */
function differingEventText<A>(scenario: Scenario<A>, plan: RunPlan): string {
  const trace = (): readonly TraceEvent[] => replay(() => ({ ...scenario(), trace: true }), plan).trace;
  for (let pair = 0; pair < PAIRS_MAX; pair += 1) {
    const [first, second] = [trace().map(eventText), trace().map(eventText)];
    const at = first.findIndex((text, index) => text !== second[index]);
    const index = at < 0 && second.length > first.length ? first.length : at;
    if (index >= 0)
      return `the first event that differs is number ${index + 1}: ${first[index] ?? "none"}, or ${second[index] ?? "none"}`;
  }
  return `${2 * PAIRS_MAX} further repetitions were the same, so something outside the run changes it now and then`;
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
