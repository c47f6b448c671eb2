import { readNames, readObjects, readOptions } from "./arguments.ts";
import { CycleError, InvalidCountsError, InvalidGraphError, InvalidProbabilityError, quote, UnknownNodeError } from "./errors.ts";
import { type Decay, FailureCounts } from "./learning/failure-counts.ts";
import { type Estimate, fitNoisyOr } from "./learning/noisy-or-em.ts";

/** Longest name of a node, in characters. */
export const NODE_NAME_LENGTH_MAX = 512;

/** Defaults of a {@link CausalGraph} for nodes that do not say otherwise. */
export interface CausalGraphOptions {
  /** Probability that a node without causes is active. @defaultValue 0.1 */
  readonly prior?: number;
  /** Probability that a node with causes is active though none of them made it so. @defaultValue 0 */
  readonly leak?: number;
}

/** What {@link CausalGraph.addNode} may say about one node. */
export interface CausalNodeOptions {
  /** Probability that the node is active on its own: its prior if it is a root, else its leak. */
  readonly prior?: number;
}

/** An edge of a {@link CausalGraph}: `cause` alone makes `effect` active with probability `strength`. */
export interface CausalEdge {
  /** The node where the influence starts. */
  readonly cause: string;
  /** The node that it acts on. */
  readonly effect: string;
  /** Probability in 0..1 that the active cause, alone, makes the effect active. */
  readonly strength: number;
}

/** One observed call: `caller` waits for `callee`, so trouble travels from the callee to the caller. */
export interface ServiceCall {
  /** The service that asks. */
  readonly caller: string;
  /** The service that answers. */
  readonly callee: string;
}

/** A moment in which it was known of every node whether it had failed. */
export interface FailureEvent {
  /** When, in milliseconds. */
  readonly timeMs: number;
  /** The nodes that had failed; all others had not. */
  readonly failed: readonly string[] | ReadonlySet<string>;
}

/** Result of {@link CausalGraph.learn}, each weight with its 90 % interval. */
export interface LearnedWeights {
  /** The same graph with the learned weights: queries and root causes read them. */
  readonly graph: CausalGraph;
  /** By node: its prior if nothing causes it, else its leak. */
  readonly priors: ReadonlyMap<string, Estimate>;
  /** Every edge. */
  readonly edges: readonly { readonly cause: string; readonly effect: string; readonly strength: Estimate }[];
}

/**
 * A directed acyclic graph of binary causes with noisy-OR effects (Pearl, Probabilistic Reasoning in Intelligent
 * Systems, 1988, §4.3.2). A node is active (anomalous, failed, true) or not:
 *
 * `P(effect inactive | causes) = (1 - own) * product over active causes of (1 - strength)`
 *
 * where `own` is the probability that it is active by itself: {@link CausalGraphOptions.prior} for a root,
 * {@link CausalGraphOptions.leak} for a node with causes, or what {@link CausalGraph.addNode} said.
 *
 * @example
 * ```ts
 * import { CausalGraph } from "@void-system/causal";
 * const graph = new CausalGraph();
 * graph.addEdge("Database", "Cache", 0.7);
 * graph.addEdge("Cache", "API", 0.8);
 * graph.ancestors("API"); // => ["Cache", "Database"]
 * ```
 */
export class CausalGraph {
  readonly #prior: number;
  readonly #leak: number;
  /** Every node, in the order of its first mention; the value is its own prior where one was given. */
  readonly #nodes = new Map<string, number | undefined>();
  readonly #causes = new Map<string, Map<string, number>>();
  readonly #effects = new Map<string, Map<string, number>>();

  /**
   * @throws {@link InvalidProbabilityError} if a default is not in 0..1.
   * @throws {@link UnknownOptionError} for an option that does not exist.
   */
  constructor(options: CausalGraphOptions = {}) {
    readOptions("a graph", options, ["prior", "leak"]);
    this.#prior = probability("prior", options.prior ?? 0.1);
    this.#leak = probability("leak", options.leak ?? 0);
  }

  /**
   * The causal graph of a call graph: every edge reversed, because a slow callee slows its caller. Repeated calls count
   * once; strengths are 1, which rankings of telemetry do not read.
   *
   * @throws {@link CycleError} if services call each other in a circle.
   * @example
   * ```ts
   * import { CausalGraph } from "@void-system/causal";
   * const graph = CausalGraph.fromCalls([{ caller: "site", callee: "search" }]);
   * graph.edges(); // => [{ cause: "search", effect: "site", strength: 1 }]
   * ```
   */
  static fromCalls(calls: Iterable<ServiceCall>): CausalGraph {
    const graph = new CausalGraph();
    for (const { caller, callee } of readObjects("calls", calls)) {
      if (!graph.#effects.get(callee)?.has(caller)) graph.addEdge(callee, caller);
    }
    return graph;
  }

  /**
   * Adds a node, or gives the node that an edge mentioned its own prior. The prior is said at most once.
   *
   * @returns this graph, to chain.
   * @throws {@link InvalidGraphError} for a bad name, or if the node already has a prior of its own.
   * @throws {@link InvalidProbabilityError} if the prior is not in 0..1.
   * @example
   * ```ts
   * import { CausalGraph } from "@void-system/causal";
   * new CausalGraph().addNode("Disk", { prior: 0.02 }).prior("Disk"); // => 0.02
   * ```
   */
  addNode(name: string, options: CausalNodeOptions = {}): this {
    checkName(name);
    readOptions("a node", options, ["prior"]);
    const prior = options.prior === undefined ? undefined : probability(`the prior of ${quote(name)}`, options.prior);
    if (prior !== undefined && this.#nodes.get(name) !== undefined) {
      throw new InvalidGraphError(`expected a node without a prior of its own, got ${quote(name)}; say its prior once`);
    }
    this.#ensure(name);
    if (prior !== undefined) this.#nodes.set(name, prior);
    return this;
  }

  /**
   * Adds the edge `cause -> effect`; nodes that are new are added.
   *
   * @param strength - probability in 0..1 that the active cause alone makes the effect active; 1 if left out.
   * @returns this graph, to chain.
   * @throws {@link CycleError} if the edge would close a cycle. The graph is unchanged then.
   * @throws {@link InvalidGraphError} for a bad name, or if the edge is already there.
   * @throws {@link InvalidProbabilityError} if the strength is not in 0..1.
   * @example
   * ```ts
   * import { CausalGraph, CycleError } from "@void-system/causal";
   * const graph = new CausalGraph().addEdge("a", "b", 0.5).addEdge("b", "c", 0.5);
   * let cycle: readonly string[] = [];
   * try {
   *   graph.addEdge("c", "a", 0.5);
   * } catch (error) {
   *   if (error instanceof CycleError) cycle = error.cycle;
   * }
   * cycle; // => ["a", "b", "c", "a"]
   * ```
   */
  addEdge(cause: string, effect: string, strength: number = 1): this {
    checkName(cause);
    checkName(effect);
    probability(`the strength of ${quote(cause)} -> ${quote(effect)}`, strength);
    if (this.#effects.get(cause)?.has(effect)) {
      throw new InvalidGraphError(`expected a new edge, got ${quote(cause)} -> ${quote(effect)} again; add it once`);
    }
    const back = this.#path(effect, cause);
    if (back) throw new CycleError([...back, effect]);
    this.#ensure(cause).effects.set(effect, strength);
    this.#ensure(effect).causes.set(cause, strength);
    return this;
  }

  /**
   * Learns the prior, leak and strengths of every node from failures that were seen. The present weights count as one
   * observation, so that what was never seen keeps them. This graph is unchanged.
   *
   * @param seen - events, or counts of them, which may be merged from many nodes.
   * @param decay - old counts weigh less, so that the weights follow a system that changes; all alike if left out.
   * @throws {@link UnknownNodeError} if an event names a node that is not in the graph.
   * @throws {@link InvalidCountsError} for a time or a half-life that is none.
   * @example
   * ```ts
   * import { CausalGraph } from "@void-system/causal";
   * const graph = new CausalGraph().addEdge("Database", "API", 0.5);
   * const events = Array.from({ length: 100 }, (_, timeMs) => ({ timeMs, failed: timeMs < 10 ? ["Database", "API"] : [] }));
   * const learned = graph.learn(events).graph;
   * learned.prior("Database").toFixed(2); // => "0.10"
   * learned.causes("API").get("Database")?.toFixed(2); // => "0.95"
   * ```
   */
  learn(seen: FailureCounts | Iterable<FailureEvent>, decay?: Decay): LearnedWeights {
    if (decay !== undefined) readOptions("a decay", decay, ["nowMs", "halfLifeMs"]);
    if (decay && !(Number.isFinite(decay.nowMs) && typeof decay.halfLifeMs === "number" && decay.halfLifeMs > 0)) {
      throw new InvalidCountsError(`expected a finite nowMs and a halfLifeMs above 0, got ${quote(decay.nowMs)} and ${quote(decay.halfLifeMs)}`);
    }
    const counts = seen instanceof FailureCounts ? seen : this.#count(seen);
    const graph = new CausalGraph({ prior: this.#prior, leak: this.#leak });
    const priors = new Map<string, Estimate>();
    const edges: { cause: string; effect: string; strength: Estimate }[] = [];
    for (const name of this.#nodes.keys()) {
      const causes = [...this.causes(name)];
      const fit = fitNoisyOr(counts.patternsOf(name, decay), causes.map(([cause]) => cause), this.prior(name), causes.map(([, strength]) => strength));
      priors.set(name, fit.own);
      graph.addNode(name, { prior: fit.own.value });
      for (const [at, strength] of fit.strengths.entries()) edges.push({ cause: causes[at]?.[0] ?? "", effect: name, strength });
    }
    for (const { cause, effect, strength } of edges) graph.addEdge(cause, effect, strength.value);
    return { graph, priors, edges };
  }

  #count(events: Iterable<FailureEvent>): FailureCounts {
    const counts = new FailureCounts();
    for (const { timeMs, failed } of readObjects("events", events)) {
      const names = new Set(readNames("failed", failed));
      for (const name of names) if (!this.has(name)) throw new UnknownNodeError(name);
      for (const [name, causes] of this.#causes) {
        counts.record(name, names.has(name), [...causes.keys()].filter((cause) => names.has(cause)), timeMs);
      }
    }
    return counts;
  }

  /** Every node, in the order in which they were first mentioned. */
  nodes(): readonly string[] {
    return [...this.#nodes.keys()];
  }

  /** Every edge, by cause, in the order in which they were added. */
  edges(): readonly CausalEdge[] {
    return [...this.#effects].flatMap(([cause, effects]) =>
      [...effects].map(([effect, strength]) => ({ cause, effect, strength })),
    );
  }

  /** Whether the graph has a node of this name. */
  has(name: string): boolean {
    return this.#nodes.has(name);
  }

  /**
   * Probability that the node is active on its own: its prior if nothing causes it, else its leak.
   *
   * @throws {@link UnknownNodeError} if there is no such node.
   */
  prior(name: string): number {
    const causes = this.causes(name);
    return this.#nodes.get(name) ?? (causes.size === 0 ? this.#prior : this.#leak);
  }

  /**
   * The direct causes of a node, with the strength of each.
   *
   * @throws {@link UnknownNodeError} if there is no such node.
   */
  causes(name: string): ReadonlyMap<string, number> {
    return known(this.#causes, name);
  }

  /**
   * The direct effects of a node, with the strength of each.
   *
   * @throws {@link UnknownNodeError} if there is no such node.
   */
  effects(name: string): ReadonlyMap<string, number> {
    return known(this.#effects, name);
  }

  /**
   * Every direct and indirect cause of a node, nearest first.
   *
   * @throws {@link UnknownNodeError} if there is no such node.
   */
  ancestors(name: string): readonly string[] {
    return reachable(name, (node) => this.causes(node).keys());
  }

  /**
   * Every direct and indirect effect of a node, nearest first.
   *
   * @throws {@link UnknownNodeError} if there is no such node.
   */
  descendants(name: string): readonly string[] {
    return reachable(name, (node) => this.effects(node).keys());
  }

  /**
   * A shortest directed path from a cause to an effect, both included; undefined if there is none.
   *
   * @throws {@link UnknownNodeError} if one of them is not a node.
   */
  path(cause: string, effect: string): readonly string[] | undefined {
    known(this.#effects, cause);
    known(this.#effects, effect);
    return this.#path(cause, effect);
  }

  #ensure(name: string): { causes: Map<string, number>; effects: Map<string, number> } {
    const causes = this.#causes.get(name) ?? new Map<string, number>();
    const effects = this.#effects.get(name) ?? new Map<string, number>();
    if (!this.#nodes.has(name)) {
      this.#nodes.set(name, undefined);
      this.#causes.set(name, causes);
      this.#effects.set(name, effects);
    }
    return { causes, effects };
  }

  #path(from: string, to: string): readonly string[] | undefined {
    // The common cases of growing a graph need no search: nothing leads to a root, nothing leads on from a leaf.
    if (from !== to && !(this.#causes.get(to)?.size && this.#effects.get(from)?.size)) return undefined;
    const cameFrom = new Map<string, string | undefined>([[from, undefined]]);
    for (const node of cameFrom.keys()) {
      if (node === to) {
        const path: string[] = [];
        for (let step: string | undefined = to; step !== undefined; step = cameFrom.get(step)) path.push(step);
        return path.toReversed();
      }
      // A Map visits keys that are added while it is walked: this loop is the queue of a breadth-first search.
      for (const next of this.#effects.get(node)?.keys() ?? []) if (!cameFrom.has(next)) cameFrom.set(next, node);
    }
    return undefined;
  }
}

function reachable(start: string, next: (node: string) => Iterable<string>): readonly string[] {
  const found = new Set([start]);
  for (const node of found) for (const neighbour of next(node)) found.add(neighbour);
  found.delete(start);
  return [...found];
}

function known<V>(map: ReadonlyMap<string, V>, name: string): V {
  const value = map.get(name);
  if (value === undefined) throw new UnknownNodeError(name);
  return value;
}

function checkName(name: string): void {
  if (typeof name !== "string" || name.length === 0 || name.length > NODE_NAME_LENGTH_MAX) {
    const got = quote(name);
    throw new InvalidGraphError(`expected a node name of 1 to ${NODE_NAME_LENGTH_MAX} characters, got ${got}`);
  }
}

function probability(what: string, value: number): number {
  if (typeof value !== "number" || !(value >= 0 && value <= 1)) throw new InvalidProbabilityError(what, value);
  return value;
}
