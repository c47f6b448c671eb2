import { readOptions } from "../arguments.ts";
import { InvalidQueryError, quote } from "../errors.ts";
import { measuredOf, numbersOf, structureOf } from "../graphs/admg.ts";
import type { Admg, Edge } from "../graphs/admg.ts";
import { latentProjection } from "../graphs/latent-projection.ts";
import { NodeSet } from "../graphs/node-set.ts";
import { ancestorsOf, districtsOf, withoutEdgesInto } from "../graphs/structure.ts";
import type { Structure } from "../graphs/structure.ts";
import type { Failure } from "./id.ts";

/** C-forest: nodes that bidirected edges join, and directed edges by which each has at most one child. */
export interface CForest {
  /** Its nodes. */
  readonly nodes: readonly string[];
  /** One edge from each node but the roots. */
  readonly directed: readonly Edge[];
  /** The hidden common causes among its nodes. */
  readonly bidirected: readonly Edge[];
}

/**
 * Proof that an effect cannot be computed from observations: two C-forests with the same roots, of which only the larger
 * one has nodes that are done (Shpitser and Pearl, AAAI 2006, definitions 5 and 6). From it one can make two models that
 * agree on everything observed and differ in the effect.
 */
export interface Hedge {
  /** The unconditional effect that it stands against. */
  readonly effect: { readonly y: readonly string[]; readonly do: readonly string[] };
  /** The nodes without children in both forests. */
  readonly roots: readonly string[];
  /** The forest with nodes that are done. */
  readonly larger: CForest;
  /** The part of it without them. */
  readonly smaller: CForest;
}

/** Makes the hedge from where ID failed: each node keeps one child, those of the smaller forest one inside of it. */
export function hedgeOf(graph: Structure, { larger, smaller }: Failure, y: NodeSet, x: NodeSet): Hedge {
  const names = (nodes: Iterable<number>): readonly string[] => Array.from(nodes, (node) => graph.names[node] ?? "");
  const edge = (from: number, to: number): Edge => [graph.names[from] ?? "", graph.names[to] ?? ""];
  const kept = new Map<number, number>();
  for (const node of larger) {
    const child = graph.children[node]?.find((other) => (smaller.has(node) ? smaller : larger).has(other));
    if (child !== undefined) kept.set(node, child);
  }
  const forest = (nodes: NodeSet): CForest => ({
    nodes: names(nodes),
    directed: [...kept].flatMap(([from, to]) => (nodes.has(from) ? [edge(from, to)] : [])),
    bidirected: [...nodes].flatMap((a) => (graph.siblings[a] ?? []).flatMap((b) => (a < b && nodes.has(b) ? [edge(a, b)] : []))),
  });
  return {
    effect: { y: names(y), do: names(x) },
    roots: names([...smaller].filter((node) => !kept.has(node))),
    larger: forest(larger),
    smaller: forest(smaller),
  };
}

/**
 * Returns true if a hedge holds every condition of its definition in the graph, whoever made it: its forests are
 * C-forests of the graph with the same roots, the smaller one is a part of the larger one, only the larger one has nodes
 * of `do`, and the roots are ancestors of `y` after `do`.
 *
 * @throws `UnknownNodeError` if it names a node that the graph does not have.
 * @example
 * ```ts
 * import { dag } from "@void-system/causal/graphs";
 * import { identify, isHedge } from "@void-system/causal/identification";
 * const graph = dag`x -> y; x <-> y`;
 * const { hedge } = identify(graph, { y: ["y"], do: ["x"] });
 * hedge !== undefined && isHedge(graph, hedge); // => true
 * ```
 */
export function isHedge(graph: Admg, hedge: Hedge): boolean {
  const measured = measuredOf(graph);
  readOptions("a hedge", hedge, ["effect", "roots", "larger", "smaller"]);
  readOptions("the effect of a hedge", hedge.effect, ["y", "do"]);
  for (const forest of [hedge.larger, hedge.smaller]) {
    readOptions("a forest", forest, ["nodes", "directed", "bidirected"]);
    for (const edges of [forest.directed, forest.bidirected]) {
      if (!Array.isArray(edges) || !edges.every(Array.isArray)) throw new InvalidQueryError(`expected edges of a forest, got ${quote(edges)}`);
    }
  }
  const everything = NodeSet.of(graph.nodes.length, graph.nodes.keys());
  const structure = latentProjection(structureOf(graph), everything.minus(measured));
  const set = (names: readonly string[]): NodeSet => numbersOf(graph, "a hedge", names);
  const [y, x, roots] = [set(hedge.effect.y), set(hedge.effect.do), set(hedge.roots)];
  const [larger, smaller] = [set(hedge.larger.nodes), set(hedge.smaller.nodes)];
  const isPart = (part: CForest, whole: CForest): boolean =>
    (["directed", "bidirected"] as const).every((key) => part[key].every((edge) => whole[key].some((other) => String(other) === String(edge))));
  return (
    isForest(structure, hedge.larger, larger, roots, graph) &&
    isForest(structure, hedge.smaller, smaller, roots, graph) &&
    isPart(hedge.smaller, hedge.larger) &&
    smaller.isSubsetOf(larger) &&
    larger.meets(x) &&
    !smaller.meets(x) &&
    roots.isSubsetOf(ancestorsOf(withoutEdgesInto(structure, x), y))
  );
}

function isForest(structure: Structure, forest: CForest, nodes: NodeSet, roots: NodeSet, graph: Admg): boolean {
  const number = new Map(graph.nodes.map((name, at) => [name, at]));
  const ends = ([a, b]: Edge): readonly [number, number] => [number.get(a) ?? -1, number.get(b) ?? -1];
  const directed = forest.directed.map(ends);
  const bidirected = forest.bidirected.map(ends);
  const lists = (pick: (node: number) => readonly number[]): readonly (readonly number[])[] => graph.nodes.map((_, at) => pick(at));
  const own: Structure = {
    ...structure,
    children: lists((at) => directed.flatMap(([a, b]) => (a === at ? [b] : []))),
    siblings: lists((at) => bidirected.flatMap(([a, b]) => (a === at ? [b] : b === at ? [a] : []))),
  };
  const isInside = ([a, b]: readonly [number, number]): boolean => nodes.has(a) && nodes.has(b);
  return (
    directed.every((edge) => isInside(edge) && structure.children[edge[0]]?.includes(edge[1])) &&
    bidirected.every((edge) => isInside(edge) && structure.siblings[edge[0]]?.includes(edge[1])) &&
    districtsOf(own, nodes).length === 1 &&
    [...nodes].every((node) => own.children[node]?.length === (roots.has(node) ? 0 : 1)) &&
    roots.isSubsetOf(nodes)
  );
}
