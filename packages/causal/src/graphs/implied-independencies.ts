import { measuredOf, namesOf, structureOf } from "./admg.ts";
import type { Admg } from "./admg.ts";
import { minimalSeparators } from "./minimal-separators.ts";
import { NodeSet } from "./node-set.ts";

/** Two nodes that are independent given others, in every model of the graph. */
export interface Independence {
  /** One of the two. */
  readonly x: string;
  /** The other. */
  readonly y: string;
  /** Nodes to condition on. No part of the set would do. */
  readonly given: readonly string[];
}

/**
 * Yields what data must show if the graph is right: for each pair of measured nodes, every minimal set that separates
 * them. Test these against data before you trust a graph.
 *
 * @example
 * ```ts
 * import { dag, impliedIndependencies } from "@void-system/causal/graphs";
 * [...impliedIndependencies(dag`load -> api -> front`)]; // => [{ x: "load", y: "front", given: ["api"] }]
 * ```
 */
export function* impliedIndependencies(graph: Admg): Generator<Independence> {
  const measured = measuredOf(graph);
  const one = (node: number): NodeSet => NodeSet.of(graph.nodes.length, [node]);
  for (const a of measured) {
    for (const b of measured) {
      if (b <= a) continue;
      const [x = "", y = ""] = namesOf(graph, [a, b]);
      for (const set of minimalSeparators(structureOf(graph), one(a), one(b), measured)) yield { x, y, given: namesOf(graph, set) };
    }
  }
}
