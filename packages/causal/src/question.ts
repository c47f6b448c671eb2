import { readOptions } from "./arguments.ts";
import type { CallGraph } from "./call-graph.ts";
import { InvalidQueryError, InvalidTableError, quote, UnknownNodeError } from "./errors.ts";
import type { CausalGraph } from "./graph.ts";
import { MetricTable } from "./metric-table.ts";

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

/** The question of {@link rankRootCauses}: a graph, two tables and a symptom. */
export interface RootCauseQuestion {
  /**
   * Causal direction: an edge from the service that answers to the one that waits ({@link CausalGraph.fromCalls}). A
   * {@link CallGraph} may have cycles.
   */
  readonly graph: CausalGraph | CallGraph;
  /** Metrics of a normal period. Nodes with fewer than {@link BASELINE_VALUES_MIN} values are not ranked. */
  readonly normal: MetricTable;
  /** Metrics around the incident. A few normal rows before or after it do not hurt. */
  readonly incident: MetricTable;
  /** The symptom. */
  readonly target: RankingTarget;
  /** Name of the metric that counts a node's requests; without it each node counts as equally busy. */
  readonly load?: string;
}

const QUESTION = ["graph", "normal", "incident", "target", "load"];
const TARGET = ["node", "metric", "worse"];

/**
 * Refuses a question that cannot be meant: unknown names, empty tables, a load or a target that was never measured.
 *
 * @param further - names that the question may have beside those of {@link RootCauseQuestion}.
 */
export function checkQuestion(question: RootCauseQuestion, further: readonly string[]): void {
  readOptions("the question", question, [...QUESTION, ...further]);
  const { graph, normal, incident, target, load } = question;
  // By what it can do: its class would bring all that graphs can do into every bundle.
  if (typeof graph?.has !== "function" || typeof graph.causes !== "function" || typeof graph.effects !== "function") {
    throw new InvalidQueryError(`expected graph to be a CausalGraph or a CallGraph, got ${quote(graph)}`);
  }
  for (const [name, table] of Object.entries({ normal, incident })) {
    if (!(table instanceof MetricTable)) throw new InvalidQueryError(`expected ${name} to be a MetricTable, got ${quote(table)}`);
    if (table.rows === 0 || table.nodes().length === 0) throw new InvalidTableError(`expected rows and columns in ${name}, got an empty table`);
  }
  readOptions("target", target, TARGET);
  if (target.worse !== undefined && target.worse !== "higher" && target.worse !== "lower") {
    throw new InvalidQueryError(`expected target.worse to be "higher" or "lower", got ${quote(target.worse)}`);
  }
  if (!graph.has(target.node)) throw new UnknownNodeError(target.node);
  if (load !== undefined && !incident.nodes().some((node) => incident.get(node, load))) {
    throw new InvalidTableError(`expected load to be a metric of the incident, got ${quote(load)}, which no node has`);
  }
  if (!incident.get(target.node, target.metric)?.some((value) => Number.isFinite(value))) {
    throw new InvalidTableError(
      `expected values of ${quote(target.metric)} of the target ${quote(target.node)} in the incident, got none`,
    );
  }
}
