import { readNames, readOptions } from "../arguments.ts";
import type { NodeNames } from "../arguments.ts";
import { CycleError, InvalidGraphError, quote, UnknownNodeError } from "../errors.ts";
import type { CausalGraph } from "../graph.ts";
import { NodeSet } from "./node-set.ts";
import { ancestorsOf, descendantsOf, topologicalOrder } from "./structure.ts";
import type { Structure } from "./structure.ts";

/** Most nodes of an {@link Admg}. */
export const GRAPH_NODES_MAX = 10_000;
/** Most edges of an {@link Admg}. */
export const GRAPH_EDGES_MAX = 1_000_000;
/** Longest name of a node, in characters. */
const NAME_LENGTH_MAX = 512;

/** An edge by the names of its ends. */
export type Edge = readonly [from: string, to: string];

/** Parts of an {@link Admg}. */
export interface AdmgParts {
  /** Nodes, for those without edges or to fix the order; edges add theirs. */
  readonly nodes?: NodeNames;
  /** Edges from a cause to its effect. */
  readonly directed?: readonly Edge[];
  /** Pairs with a common cause that is not in the graph. */
  readonly bidirected?: readonly Edge[];
  /** Nodes of the graph that are not measured: no set that an algorithm returns has them. */
  readonly latent?: NodeNames;
}

/**
 * Acyclic directed mixed graph: `a -> b` for a cause and its effect, `a <-> b` for two nodes with a hidden common cause.
 * Without bidirected edges it is a DAG. Graphs do not change once they are made.
 *
 * @example
 * ```ts
 * import { Admg } from "@void-system/causal/graphs";
 * const graph = new Admg({ directed: [["load", "api"], ["db", "api"]], bidirected: [["load", "db"]] });
 * graph.nodes; // => ["load", "api", "db"]
 * graph.parents("api"); // => ["load", "db"]
 * graph.isDag; // => false
 * ```
 */
export class Admg {
  /** Every node, in the order of its first mention. */
  readonly nodes: readonly string[];
  /** Every edge from a cause to its effect, in the order given. */
  readonly directed: readonly Edge[];
  /** Every pair with a hidden common cause, in the order given. */
  readonly bidirected: readonly Edge[];
  /** Nodes that are not measured. */
  readonly latent: ReadonlySet<string>;

  /**
   * @throws `CycleError` if causes form a circle.
   * @throws `InvalidGraphError` for no nodes, a bad name, an edge said twice, an edge `a <-> a`, too large a graph.
   * @throws `UnknownNodeError` if a latent node is in no other list.
   */
  constructor(parts: AdmgParts) {
    readOptions("a graph", parts, ["nodes", "directed", "bidirected", "latent"]);
    this.directed = edgesOf("directed", parts.directed ?? []);
    this.bidirected = edgesOf("bidirected", parts.bidirected ?? []);
    const named = [...readNames("nodes", parts.nodes ?? []), ...this.directed.flat(), ...this.bidirected.flat()];
    this.nodes = [...new Set(named)];
    this.nodes.forEach(checkName);
    checkSize("nodes", this.nodes.length, GRAPH_NODES_MAX);
    checkSize("edges", 1 + this.directed.length + this.bidirected.length, GRAPH_EDGES_MAX);
    const numbers = new Map(this.nodes.map((name, at) => [name, at]));
    numbered.set(this, { numbers, structure: structured(this, numbers) });
    this.latent = new Set(readNames("latent", parts.latent ?? []));
    for (const name of this.latent) numberOf(this, name);
  }

  /**
   * Returns the graph of a {@link CausalGraph}, without its strengths.
   *
   * @throws `InvalidGraphError` if it has no nodes.
   * @example
   * ```ts
   * import { CausalGraph } from "@void-system/causal";
   * import { Admg } from "@void-system/causal/graphs";
   * Admg.fromCausalGraph(new CausalGraph().addEdge("db", "api", 0.7)).directed; // => [["db", "api"]]
   * ```
   */
  static fromCausalGraph(graph: Pick<CausalGraph, "edges" | "nodes">): Admg {
    if (typeof graph?.nodes !== "function" || typeof graph.edges !== "function") throw new InvalidGraphError(`expected a CausalGraph, got ${quote(graph)}; make one first`);
    return new Admg({ nodes: graph.nodes(), directed: graph.edges().map(({ cause, effect }) => [cause, effect]) });
  }

  /** True if there are no bidirected edges. */
  get isDag(): boolean {
    return this.bidirected.length === 0;
  }

  /** Returns true if the graph has a node of this name. */
  has(name: string): boolean {
    return numbersIn(this).numbers.has(name);
  }

  /**
   * Returns the direct causes of a node.
   *
   * @throws `UnknownNodeError` if there is no such node.
   */
  parents(name: string): readonly string[] {
    return namesOf(this, structureOf(this).parents[numberOf(this, name)] ?? []);
  }

  /**
   * Returns the direct effects of a node.
   *
   * @throws `UnknownNodeError` if there is no such node.
   */
  children(name: string): readonly string[] {
    return namesOf(this, structureOf(this).children[numberOf(this, name)] ?? []);
  }

  /**
   * Returns the nodes that share a hidden cause with a node.
   *
   * @throws `UnknownNodeError` if there is no such node.
   */
  siblings(name: string): readonly string[] {
    return namesOf(this, structureOf(this).siblings[numberOf(this, name)] ?? []);
  }

  /**
   * Returns every direct and indirect cause of a node, in the order of {@link Admg.nodes}.
   *
   * @throws `UnknownNodeError` if there is no such node.
   */
  ancestors(name: string): readonly string[] {
    const node = numberOf(this, name);
    return namesOf(this, ancestorsOf(structureOf(this), [node]).without(node));
  }

  /**
   * Returns every direct and indirect effect of a node, in the order of {@link Admg.nodes}.
   *
   * @throws `UnknownNodeError` if there is no such node.
   */
  descendants(name: string): readonly string[] {
    const node = numberOf(this, name);
    return namesOf(this, descendantsOf(structureOf(this), [node]).without(node));
  }
}

/** The numbered form of each graph, for the algorithms of this package alone. */
const numbered = new WeakMap<Admg, { numbers: ReadonlyMap<string, number>; structure: Structure }>();

function numbersIn(graph: Admg): { numbers: ReadonlyMap<string, number>; structure: Structure } {
  const found = numbered.get(graph);
  if (!found) throw new InvalidGraphError(`expected a graph made by this package, got ${quote(graph)}; make it with new Admg or dag`);
  return found;
}

/** Returns the numbered form of a graph. */
export function structureOf(graph: Admg): Structure {
  return numbersIn(graph).structure;
}

/** Returns the numbers of the named nodes. `what` names the argument in messages. */
export function numbersOf(graph: Admg, what: string, names: NodeNames): NodeSet {
  const { length } = structureOf(graph).names;
  return NodeSet.of(length, readNames(what, names).map((name) => numberOf(graph, name)));
}

function numberOf(graph: Admg, name: string): number {
  const number = numbersIn(graph).numbers.get(name);
  if (number === undefined) throw new UnknownNodeError(name);
  return number;
}

function structured({ nodes, directed, bidirected }: Admg, numbers: ReadonlyMap<string, number>): Structure {
  const neighbours = (edges: readonly Edge[]): readonly (readonly number[])[] => {
    const lists: number[][] = nodes.map(() => []);
    for (const [at, other] of edges) lists[numbers.get(at) ?? -1]?.push(numbers.get(other) ?? -1);
    return lists;
  };
  const turned = (edges: readonly Edge[]): readonly Edge[] => edges.map(([from, to]) => [to, from]);
  const structure = {
    names: nodes,
    parents: neighbours(turned(directed)),
    children: neighbours(directed),
    siblings: neighbours([...bidirected, ...turned(bidirected)]),
  };
  const sorted = topologicalOrder(structure);
  if (sorted.length < nodes.length) throw new CycleError(cycleAmong(structure, new Set(sorted)));
  return structure;
}

/** Returns the names of the numbered nodes. */
export function namesOf(graph: Admg, numbers: Iterable<number>): readonly string[] {
  return Array.from(numbers, (number) => graph.nodes[number] ?? "");
}

/** Returns the numbers of the nodes that are measured. */
export function measuredOf(graph: Admg): NodeSet {
  return NodeSet.of(structureOf(graph).names.length, graph.nodes.keys()).minus(numbersOf(graph, "latent", graph.latent));
}

/** Each node that is not `sorted` has a cause that is not sorted: going up long enough closes a circle. */
function cycleAmong(graph: Structure, sorted: ReadonlySet<number>): readonly string[] {
  const walk: number[] = [];
  let node = graph.names.findIndex((_, at) => !sorted.has(at));
  while (!walk.includes(node)) {
    walk.push(node);
    node = graph.parents[node]?.find((parent) => !sorted.has(parent)) ?? node;
  }
  const cycle = [node, ...walk.slice(walk.indexOf(node) + 1).toReversed(), node];
  return cycle.map((at) => graph.names[at] ?? "");
}

function edgesOf(what: "directed" | "bidirected", edges: readonly Edge[]): readonly Edge[] {
  const seen = new Set<string>();
  for (const edge of Array.isArray(edges) ? edges : [edges]) {
    const isPair = Array.isArray(edge) && edge.length === 2;
    if (!isPair || !edge.every((end) => typeof end === "string")) {
      throw new InvalidGraphError(`expected ${what} edges as pairs of names, got ${quote(edge)}; correct or remove it`);
    }
    const ends = what === "bidirected" ? edge.toSorted() : edge;
    const key = JSON.stringify(ends);
    if ((what === "bidirected" && ends[0] === ends[1]) || seen.has(key)) {
      throw new InvalidGraphError(`expected ${what} edges between two nodes, each once, got ${quote(key)}; remove it`);
    }
    seen.add(key);
  }
  return edges.map(([from, to]) => [from, to]);
}

function checkName(name: unknown): void {
  if (typeof name === "string" && name.length > 0 && name.length <= NAME_LENGTH_MAX) return;
  throw new InvalidGraphError(`expected a node name of 1 to ${NAME_LENGTH_MAX} characters, got ${quote(name)}`);
}

function checkSize(what: string, got: number, limit: number): void {
  if (got < 1 || got > limit) {
    throw new InvalidGraphError(`expected a graph of 1 to ${limit} ${what}, got ${got}; name what the question needs, and no more`);
  }
}
