import { readOptions } from "../arguments.ts";
import { numbersOf } from "./admg.ts";
import type { Admg } from "./admg.ts";
import { admgOf } from "./dag.ts";
import { readGraph, writeGraph, writeName } from "./read-graph.ts";

/** A graph with the question that dagitty keeps beside it. */
export interface DagittyModel {
  /** The graph. */
  readonly graph: Admg;
  /** Nodes marked as exposure: the `x` of a question. */
  readonly exposures: readonly string[];
  /** Nodes marked as outcome: the `y` of a question. */
  readonly outcomes: readonly string[];
}

/**
 * Reads a model of dagitty, with its exposures, outcomes and latent nodes. Positions and other attributes are ignored.
 *
 * @throws `InvalidTextError` at the first mistake, with its line.
 * @throws the same as {@link Admg}'s constructor.
 * @example
 * ```ts
 * import { fromDagitty } from "@void-system/causal/graphs";
 * const { graph, exposures } = fromDagitty(`dag { X [exposure,pos="0,1"] Y [outcome] U [latent] X -> Y; X <- U -> Y }`);
 * exposures; // => ["X"]
 * [...graph.latent]; // => ["U"]
 * ```
 */
export function fromDagitty(text: string): DagittyModel {
  const read = readGraph(text, "dagitty");
  const marked = (keys: readonly string[]): readonly string[] =>
    [...read.nodes].flatMap(([name, attributes]) => (keys.some((key) => attributes.get(key) === "") ? [name] : []));
  return { graph: admgOf(read, "dagitty"), exposures: marked(["exposure", "e"]), outcomes: marked(["outcome", "o"]) };
}

/**
 * Writes a model for dagitty, so that {@link fromDagitty} reads the same model back.
 *
 * @throws `UnknownNodeError` if an exposure or outcome is not a node.
 * @example
 * ```ts
 * import { dag, toDagitty } from "@void-system/causal/graphs";
 * toDagitty({ graph: dag`X -> Y`, exposures: ["X"] }); // => "dag {\n  X [exposure]\n  Y\n  X -> Y\n}\n"
 * ```
 */
export function toDagitty(model: Pick<DagittyModel, "graph"> & Partial<DagittyModel>): string {
  readOptions("a model", model, ["graph", "exposures", "outcomes"]);
  const { graph, exposures = [], outcomes = [] } = model;
  numbersOf(graph, "exposures", exposures);
  numbersOf(graph, "outcomes", outcomes);
  const roles = [
    ["exposure", new Set(exposures)],
    ["outcome", new Set(outcomes)],
    ["latent", graph.latent],
  ] as const;
  const nodes = graph.nodes.map((name) => {
    const marks = roles.flatMap(([role, names]) => (names.has(name) ? [role] : []));
    return writeName(name) + (marks.length > 0 ? ` [${marks.join(",")}]` : "");
  });
  const edges = [
    ...graph.directed.map(([from, to]) => `${writeName(from)} -> ${writeName(to)}`),
    ...graph.bidirected.map(([a, b]) => `${writeName(a)} <-> ${writeName(b)}`),
  ];
  return writeGraph("dag", [...nodes, ...edges]);
}
