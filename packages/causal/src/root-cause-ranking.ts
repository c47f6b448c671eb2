import { InvalidTableError, quote, UnknownNodeError } from "./errors.ts";
import type { CausalGraph } from "./graph.ts";
import { compareNames } from "./inference.ts";
import type { MetricTable } from "./metric-table.ts";
import { baseline, correlation } from "./statistics.ts";

/** The symptom whose cause is looked for. */
export interface RankingTarget {
  /** The node that shows it. */
  readonly node: string;
  /** The metric that shows it; the same metric of the other nodes is compared with it. */
  readonly metric: string;
  /**
   * The side on which the metric is bad: `higher` for a latency, `lower` for an availability.
   * @defaultValue the side to which the target moved furthest from its normal median in the incident
   */
  readonly worse?: "higher" | "lower";
}

/** What {@link rankRootCauses} works on. */
export interface RootCauseQuestion {
  /** Causal direction: an edge from the service that answers to the one that waits ({@link CausalGraph.fromCalls}). */
  readonly graph: CausalGraph;
  /** Metrics of a normal period. Nodes with fewer than {@link BASELINE_VALUES_MIN} values are not ranked. */
  readonly normal: MetricTable;
  /** Metrics around the incident. A few normal rows before or after it do not hurt. */
  readonly incident: MetricTable;
  /** The symptom. */
  readonly target: RankingTarget;
  /** Name of the metric that counts a node's requests; without it each node counts as equally busy. */
  readonly load?: string;
}

/** One candidate of {@link rankRootCauses}. */
export interface RankedCause {
  /** The node. */
  readonly node: string;
  /**
   * What the order is by, 0..1: its part of all excess that is the candidates' own, times
   * {@link RankedCause.correlation}.
   */
  readonly score: number;
  /** How much worse than normal it was while the target was bad: metric times load, averaged over the incident. */
  readonly excess: number;
  /** The part of the excess that the nodes it depends on do not account for. */
  readonly ownExcess: number;
  /** Correlation of its metric with the target's during the incident, negative values as 0. */
  readonly correlation: number;
  /** Its worst deviation from normal in the incident, in robust standard deviations. */
  readonly deviation: number;
  /** A shortest way from it to the target, both included. */
  readonly path: readonly string[];
}

/** Fewest values that make a normal period: below that a node has no baseline. */
export const BASELINE_VALUES_MIN = 5;
/** A deviation of this many robust standard deviations counts half; smaller ones fade out with their square. */
const DEVIATION_HALF = 3;

/**
 * Ranks the causes (ancestors) of the target by how much of its trouble is theirs. For each node, the excess over its
 * normal median is weighed with its load, which gives time or failures in one unit for all nodes, and with how unusual
 * it is; the excess that its own dependencies had at the same time is taken off, since waiting for a slow service is a
 * symptom. What is left, times the correlation with the target, is the score. No training, no dice: same tables, same
 * ranking.
 *
 * @returns the candidates, most suspect first; the target itself is none of them. Empty if nothing can be judged.
 * @throws {@link UnknownNodeError} if the target is not in the graph.
 * @throws {@link InvalidTableError} if a table lacks the target's metric.
 * @example
 * ```ts
 * import { CausalGraph, MetricTable, rankRootCauses } from "@void-system/causal";
 * const graph = CausalGraph.fromCalls([
 *   { caller: "site", callee: "search" },
 *   { caller: "site", callee: "pay" },
 * ]);
 * const normal = new MetricTable(5)
 *   .set("site", "latency", [20, 21, 20, 19, 20])
 *   .set("search", "latency", [5, 6, 5, 5, 4])
 *   .set("pay", "latency", [9, 9, 8, 9, 10]);
 * const incident = new MetricTable(3)
 *   .set("site", "latency", [20, 60, 21])
 *   .set("search", "latency", [5, 45, 6])
 *   .set("pay", "latency", [9, 8, 9]);
 * const [first] = rankRootCauses({ graph, normal, incident, target: { node: "site", metric: "latency" } });
 * first?.node; // => "search"
 * first?.path; // => ["search", "site"]
 * ```
 */
export function rankRootCauses(question: RootCauseQuestion): readonly RankedCause[] {
  const { graph, incident, target } = question;
  if (!graph.has(target.node)) throw new UnknownNodeError(target.node);
  const worse = sideOf(question);
  const measured = new Map<string, Measured>();
  for (const node of [target.node, ...graph.ancestors(target.node)]) {
    const found = measure(question, node, worse);
    if (found) measured.set(node, found);
  }
  const symptom = measured.get(target.node);
  if (!symptom || incident.rows === 0) throw missing(target);
  const excess = new Map([...measured].map(([node, { excess }]) => [node, inStep(excess, symptom.excess)]));
  const ownExcess = new Map([...measured.keys()].map((node) => [node, own(graph, node, measured, excess)]));
  ownExcess.delete(target.node);
  const total = [...ownExcess.values()].reduce((sum, value) => sum + Math.max(0, value), 0);
  const symptomSeries = columnOf(incident, target.node, target.metric);
  const ranked = [...ownExcess].map(([node, value]): RankedCause => {
    const together = Math.max(0, correlation(columnOf(incident, node, target.metric), symptomSeries));
    return {
      node,
      score: total > 0 ? (Math.max(0, value) / total) * together : 0,
      excess: excess.get(node) ?? 0,
      ownExcess: value,
      correlation: together,
      deviation: measured.get(node)?.deviation ?? 0,
      path: graph.path(node, target.node) ?? [],
    };
  });
  return ranked.sort(
    (a, b) =>
      b.score - a.score || b.correlation - a.correlation || b.deviation - a.deviation || compareNames(a.node, b.node),
  );
}

/** One node in the incident. */
interface Measured {
  /** By row: how much worse than its median it was, times its load, faded out where that is usual. 0 where unknown. */
  readonly excess: Float64Array;
  /** Its load over all rows. */
  readonly load: number;
  /** Its worst deviation, in robust standard deviations. */
  readonly deviation: number;
}

function measure(question: RootCauseQuestion, node: string, worse: number): Measured | undefined {
  const { normal, incident, target, load } = question;
  const base = baseline(columnOf(normal, node, target.metric), BASELINE_VALUES_MIN);
  const series = incident.get(node, target.metric);
  if (!base || !series) return undefined;
  const loads = load === undefined ? undefined : columnOf(incident, node, load);
  const excess = new Float64Array(series.length);
  let [busy, deviation] = [0, 0];
  for (let row = 0; row < series.length; row++) {
    const over = worse * ((series[row] ?? Number.NaN) - base.centre);
    const requests = loads ? (loads[row] ?? Number.NaN) : 1;
    if (!Number.isFinite(over) || !Number.isFinite(requests)) continue;
    const unusual = over / base.spread;
    excess[row] = (over * requests) / (1 + (DEVIATION_HALF / unusual) ** 2);
    busy += requests;
    deviation = Math.max(deviation, unusual);
  }
  return { excess, load: busy, deviation };
}

/** The average of a series over the rows, each row as heavy as the symptom was bad in it (alike if it never was). */
function inStep(series: Float64Array, symptom: Float64Array): number {
  const shown = symptom.some((value) => value > 0);
  const weights = symptom.map((value) => (shown ? Math.max(0, value) : 1));
  const sum = series.reduce((sum, value, row) => sum + value * (weights[row] ?? 0), 0);
  return sum / weights.reduce((a, b) => a + b, 0);
}

/**
 * A node's excess without that of its dependencies; a dependency that serves several callers is split by their load.
 */
function own(
  graph: CausalGraph,
  node: string,
  measured: ReadonlyMap<string, Measured>,
  excess: ReadonlyMap<string, number>,
): number {
  const loadOf = (name: string): number => measured.get(name)?.load ?? 0;
  let left = excess.get(node) ?? 0;
  for (const dependency of graph.causes(node).keys()) {
    const callers = [...graph.effects(dependency).keys()].reduce((sum, caller) => sum + loadOf(caller), 0);
    if (callers > 0) left -= Math.max(0, excess.get(dependency) ?? 0) * (loadOf(node) / callers);
  }
  return left;
}

/** 1 if high values are bad, -1 if low ones are. */
function sideOf({ normal, incident, target }: RootCauseQuestion): number {
  if (target.worse) return target.worse === "higher" ? 1 : -1;
  const base = baseline(columnOf(normal, target.node, target.metric), BASELINE_VALUES_MIN);
  if (!base) throw missing(target);
  let furthest = 0;
  for (const value of columnOf(incident, target.node, target.metric)) {
    if (Math.abs(value - base.centre) > Math.abs(furthest)) furthest = value - base.centre;
  }
  return furthest < 0 ? -1 : 1;
}

function columnOf(table: MetricTable, node: string, metric: string): Float64Array {
  return table.get(node, metric) ?? new Float64Array(table.rows).fill(Number.NaN);
}

function missing({ node, metric }: RankingTarget): InvalidTableError {
  return new InvalidTableError(
    `expected ${quote(metric)} of the target ${quote(node)} in both tables, ` +
      `with at least ${BASELINE_VALUES_MIN} normal values`,
  );
}
