import { InvalidGraphError } from "../errors.ts";
import { structureOf } from "./admg.ts";
import type { Admg, Edge } from "./admg.ts";

/** Completed partially directed graph: all DAGs that imply the same independencies, as one graph. */
export interface Cpdag {
  /** Every node. */
  readonly nodes: readonly string[];
  /** Edges that point the same way in all of these DAGs. */
  readonly directed: readonly Edge[];
  /** Edges that point either way. */
  readonly undirected: readonly Edge[];
}

/** Returns true if the third node makes the edge from the first to the second point that way. */
type Rule = (a: number, b: number, c: number) => boolean;

/**
 * Returns the class of DAGs that no observational data can tell from this one: the edges of its unshielded colliders
 * are directed, then those that Meek's rules 1 to 3 imply (Meek, Causal Inference and Causal Explanation with Background
 * Knowledge, UAI 1995, §2.1).
 *
 * @throws `InvalidGraphError` if the graph has bidirected edges or latent nodes: such classes are no CPDAG.
 * @example
 * ```ts
 * import { cpdagOf, dag } from "@void-system/causal/graphs";
 * cpdagOf(dag`load -> api; db -> api -> front; load -> disk`).undirected; // => [["load", "disk"]]
 * ```
 */
export function cpdagOf(graph: Admg): Cpdag {
  const { parents } = structureOf(graph);
  if (!graph.isDag || graph.latent.size > 0) {
    throw new InvalidGraphError("expected a DAG without latent nodes, got hidden causes; a CPDAG cannot show them");
  }
  const edges = parents.flatMap((list, to) => list.map((from) => [from, to] as const));
  const pair = (a: number, b: number): number => a * graph.nodes.length + b;
  const arrows = new Set(edges.map(([from, to]) => pair(from, to)));
  const linked = (a: number, b: number): boolean => arrows.has(pair(a, b)) || arrows.has(pair(b, a));
  const compelled = new Set<number>();
  const points = (a: number, b: number): boolean => compelled.has(pair(a, b));
  const open = (a: number, b: number): boolean => linked(a, b) && !points(b, a);
  const isCollider: Rule = (a, b, c) => c !== a && !linked(a, c) && arrows.has(pair(c, b));
  const meek: readonly Rule[] = [
    (a, b, c) => points(c, a) && c !== b && !linked(c, b),
    (a, b, c) => points(a, c) && points(c, b),
    (a, b, c) => points(c, b) && open(a, c) && (parents[b] ?? []).some((d) => c !== d && points(d, b) && open(a, d) && !linked(c, d)),
  ];
  // The rules never turn an edge against the DAG, which is one of the class.
  const grow = (rules: readonly Rule[]): boolean => {
    const before = compelled.size;
    for (const [a, b] of edges) if (rules.some((rule) => graph.nodes.some((_, c) => rule(a, b, c)))) compelled.add(pair(a, b));
    return compelled.size > before;
  };
  for (let more = grow([isCollider]); more; ) more = grow(meek);
  const number = new Map(graph.nodes.map((name, at) => [name, at]));
  const isDirected = ([from, to]: Edge): boolean => points(number.get(from) ?? -1, number.get(to) ?? -1);
  return {
    nodes: graph.nodes,
    directed: graph.directed.filter(isDirected),
    undirected: graph.directed.filter((edge) => !isDirected(edge)),
  };
}
