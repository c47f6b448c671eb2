import { InvalidGraphError, quote } from "../errors.ts";
import type { Admg, Edge } from "./admg.ts";
import type { Cpdag } from "./cpdag.ts";
import { admgOf } from "./dag.ts";
import { readGraph, writeGraph, writeName } from "./read-graph.ts";

/**
 * Reads a graph in Graphviz's DOT language. An edge with `dir=both` is bidirected, a node with the attribute `latent` is
 * not measured. Other attributes are ignored; HTML labels and ports are refused.
 *
 * @throws `InvalidTextError` at the first mistake, with its line.
 * @throws the same as {@link Admg}'s constructor.
 * @example
 * ```ts
 * import { fromDot } from "@void-system/causal/graphs";
 * fromDot(`digraph { load -> api [color=red]; db -> front [dir=both] }`).bidirected; // => [["db", "front"]]
 * ```
 */
export function fromDot(text: string): Admg {
  return admgOf(readGraph(text, "DOT"), "DOT");
}

/**
 * Writes a graph in Graphviz's DOT language, so that {@link fromDot} reads the same graph back. Bidirected edges and
 * latent nodes are dashed. The edges of a CPDAG that may point either way are drawn without an arrowhead.
 *
 * @example
 * ```ts
 * import { cpdagOf, dag, toDot } from "@void-system/causal/graphs";
 * const graph = dag`load -> api`;
 * toDot(graph); // => "digraph {\n  load;\n  api;\n  load -> api;\n}\n"
 * toDot(cpdagOf(graph)); // => "digraph {\n  load;\n  api;\n  load -> api [dir=none];\n}\n"
 * ```
 */
export function toDot(graph: Admg | Cpdag): string {
  if (!Array.isArray(graph?.nodes) || !Array.isArray(graph.directed)) {
    throw new InvalidGraphError(`expected a graph made by this package, got ${quote(graph)}; make it with new Admg, dag or cpdagOf`);
  }
  const edges = (list: readonly Edge[], attributes: string): readonly string[] =>
    list.map(([from, to]) => `${writeName(from)} -> ${writeName(to)}${attributes};`);
  const { bidirected = [], latent = new Set(), undirected = [] }: Partial<Admg & Cpdag> = graph;
  return writeGraph("digraph", [
    ...graph.nodes.map((node) => `${writeName(node)}${latent.has(node) ? ' [latent="", style=dashed]' : ""};`),
    ...edges(graph.directed, ""),
    ...edges(bidirected, " [dir=both, style=dashed]"),
    ...edges(undirected, " [dir=none]"),
  ]);
}
