import { evidenceOf } from "./diagnosis/evidence.ts";
import { excessesOf } from "./diagnosis/rankers/excess.ts";
import { systemOf, wayToTarget } from "./diagnosis/system.ts";
import { compareNames } from "./inference.ts";
import { checkQuestion, type RootCauseQuestion } from "./question.ts";

/** One candidate of {@link rankRootCauses}. */
export interface RankedCause {
  /** The node. */
  readonly node: string;
  /**
   * What the order is by, 0..1: its part of all excess that is the candidates' own, times
   * {@link RankedCause.correlation}.
   */
  readonly score: number;
  /** Excess over normal while the target was bad: metric times load, averaged over the incident. */
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

/**
 * Ranks the causes (ancestors) of the target by how much of its trouble is theirs. For each node, the excess over its
 * normal median is weighed with its load, which gives time or failures in one unit for all nodes, and with how unusual
 * it is; the excess that its own dependencies had at the same time is taken off, since waiting for a slow service is a
 * symptom. What is left, times the correlation with the target, is the score. No training, no dice: same tables, same
 * ranking.
 *
 * @returns the candidates, most suspect first; the target itself is none of them. Empty if nothing can be judged.
 * @throws {@link UnknownNodeError} if the target is not in the graph.
 * @throws {@link InvalidTableError} if a table lacks the target's metric, or no node has the load.
 * @throws {@link UnknownOptionError} for an option that does not exist.
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
  checkQuestion(question, []);
  const { graph, target } = question;
  const system = systemOf(graph, target.node);
  const found = excessesOf(evidenceOf(question, system));
  const ranked = system.reaching.flatMap((number): RankedCause[] => {
    const excess = found[number];
    if (!excess || number === system.target) return [];
    return [{ node: system.names[number] ?? "", ...excess, path: wayToTarget(system, number) }];
  });
  return ranked.sort(
    (a, b) =>
      b.score - a.score || b.correlation - a.correlation || b.deviation - a.deviation || compareNames(a.node, b.node),
  );
}
