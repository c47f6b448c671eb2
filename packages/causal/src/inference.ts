import { eliminate, planElimination } from "./elimination.ts";
import type { EliminationPlan, Factor } from "./elimination.ts";
import {
  EvidenceAgainstDoError,
  ImpossibleEvidenceError,
  InvalidAssignmentError,
  InvalidGraphError,
  InvalidQueryError,
  QueryTooLargeError,
  quote,
  UnknownNodeError,
} from "./errors.ts";
import type { CausalGraph } from "./graph.ts";
import { readRecord } from "./arguments.ts";
import { quickscore, quickscoreSteps } from "./networks/quickscore.ts";
import type { LayerCause, TwoLayers } from "./networks/quickscore.ts";

/** Most nodes that one exact query may involve: the ancestors of what is asked and of what is given. */
export const QUERY_NODES_MAX = 2048;

/** Most steps that a sum over sets of findings may take: a fraction of a second. */
const QUICKSCORE_STEPS_MAX = 2 ** 26;
/** Most entries that the tables of one query may have together, which bounds its time. */
const QUERY_ENTRIES_MAX = 2 ** 26;

/** Values of nodes by name: true for active. */
export type Assignment = Readonly<Record<string, boolean>>;

/**
 * Exact inference on a {@link CausalGraph}: conditioning (`P(y | x)`), intervention (`P(y | do(x))`), and which
 * anomalies are not explained by others. Reads the graph at each call, so later edges count.
 *
 * @example
 * ```ts
 * import { CausalGraph, CausalInference } from "@void-system/causal";
 * const graph = new CausalGraph().addEdge("Database", "Cache", 0.7).addEdge("Cache", "API", 0.8);
 * const inference = new CausalInference(graph);
 * inference.observationalProbability("API", { Cache: true }); // => 0.8
 * inference.findRootCauses(new Set(["Database", "Cache", "API"])); // => ["Database"]
 * ```
 */
export class CausalInference {
  readonly #graph: CausalGraph;

  /** @throws {@link InvalidQueryError} for what is no graph. */
  constructor(graph: CausalGraph) {
    // By what it can do: the class would be in every bundle.
    if (typeof graph?.has !== "function" || typeof graph.prior !== "function") throw new InvalidQueryError(`expected a CausalGraph, got ${quote(graph)}`);
    this.#graph = graph;
  }

  /**
   * `P(node active | evidence)`: what is to be believed of a node after seeing others, by exact variable elimination.
   *
   * @throws {@link UnknownNodeError} if a name is not a node.
   * @throws {@link InvalidAssignmentError} if a value is neither true nor false.
   * @throws {@link ImpossibleEvidenceError} if the evidence has probability 0.
   * @throws {@link EvidenceAgainstDoError} if a node is forced to one value and seen in the other.
   * @throws {@link QueryTooLargeError} beyond {@link QUERY_NODES_MAX} nodes or too wide a graph.
   * @example
   * ```ts
   * import { CausalGraph, CausalInference } from "@void-system/causal";
   * const graph = new CausalGraph({ prior: 0.5 }).addEdge("Database", "API", 0.5);
   * new CausalInference(graph).observationalProbability("Database", { API: true }); // => 1
   * ```
   */
  observationalProbability(node: string, evidence: Assignment = {}): number {
    return this.interventionalProbability(node, {}, evidence);
  }

  /**
   * `P(node active | do(doing), evidence)`: what holds after the nodes of `doing` are forced to their values. Forcing
   * cuts the edges into a node (graph surgery; Pearl, Causality, 2nd ed. 2009, §3.2.3), so it says nothing about the
   * node's causes; `evidence` is what is seen in the world after that.
   *
   * @throws the same as {@link CausalInference.observationalProbability}.
   * @example
   * ```ts
   * import { CausalGraph, CausalInference } from "@void-system/causal";
   * const graph = new CausalGraph({ prior: 0.5 }).addEdge("Database", "API", 0.5);
   * new CausalInference(graph).interventionalProbability("Database", { API: true }); // => 0.5
   * ```
   */
  interventionalProbability(node: string, doing: Assignment, evidence: Assignment = {}): number {
    if (!this.#graph.has(node)) throw new UnknownNodeError(node);
    const model = new Surgery(this.#graph, doing, evidence);
    const fixed = model.fixed.get(node);
    if (fixed !== undefined) {
      if (this.#logProbability(model) === -Infinity) throw new ImpossibleEvidenceError(describe(evidence));
      return Number(fixed);
    }
    const factors = model.factors(node);
    const variable = model.variables.get(node);
    const clamped = (value: boolean): Surgery => new Surgery(this.#graph, doing, { ...evidence, [node]: value });
    const found = cheaper(factors, variable, () => [clamped(false), clamped(true)]);
    const [inactive = 0, active = 0] = found.layers ? relative(found.layers.map(quickscore)) : eliminate(factors, found.plan).factor.values;
    if (inactive + active === 0) throw new ImpossibleEvidenceError(describe(evidence));
    return active / (inactive + active);
  }

  /**
   * `P(evidence)`, or `P(evidence | do(doing))`: how probable it is that all of these hold together.
   *
   * @throws {@link UnknownNodeError} and {@link QueryTooLargeError} as above.
   * @example
   * ```ts
   * import { CausalGraph, CausalInference } from "@void-system/causal";
   * const graph = new CausalGraph({ prior: 0.5 }).addEdge("Database", "API", 0.5);
   * new CausalInference(graph).evidenceProbability({ Database: true, API: true }); // => 0.25
   * ```
   */
  evidenceProbability(evidence: Assignment, doing: Assignment = {}): number {
    return Math.min(1, Math.exp(this.#logProbability(new Surgery(this.#graph, doing, evidence))));
  }

  /**
   * The anomalies that no other anomaly explains: nodes of the set none of whose direct causes (edges of strength 0
   * aside) is in the set. A node outside the set counts as healthy, so an anomaly does not explain another one through
   * it. Those with the most anomalies downstream, along edges between anomalies, come first; then by name.
   *
   * @returns every anomaly is in it, or is an effect of one that is.
   * @throws {@link UnknownNodeError} if a name is not a node.
   * @throws {@link InvalidQueryError} for a string in place of a set of names.
   * @throws {@link InvalidGraphError} if the graph has no nodes.
   * @example
   * ```ts
   * import { CausalGraph, CausalInference } from "@void-system/causal";
   * const graph = new CausalGraph().addEdge("Disk", "Database").addEdge("Database", "API").addEdge("Auth", "API");
   * new CausalInference(graph).findRootCauses(["API", "Auth", "Database"]); // => ["Auth", "Database"]
   * ```
   */
  findRootCauses(anomalous: Iterable<string>): readonly string[] {
    if (typeof anomalous === "string" || typeof anomalous?.[Symbol.iterator] !== "function") {
      throw new InvalidQueryError(`expected a set of names, got ${quote(anomalous)}; put one name into an array`);
    }
    if (this.#graph.nodes().length === 0) throw new InvalidGraphError("expected a graph with nodes, got none; add some with addEdge");
    const set = new Set(anomalous);
    const explained = (node: string): readonly string[] =>
      [...this.#graph.effects(node)].flatMap(([effect, strength]) => (strength > 0 && set.has(effect) ? [effect] : []));
    const roots = [...set].filter((node) =>
      [...this.#graph.causes(node)].every(([cause, strength]) => strength === 0 || !set.has(cause)),
    );
    const reach = (root: string): number => {
      const seen = new Set([root]);
      for (const node of seen) for (const effect of explained(node)) seen.add(effect);
      return seen.size;
    };
    const ranked = roots.map((root) => ({ root, reach: reach(root) }));
    ranked.sort((a, b) => b.reach - a.reach || compareNames(a.root, b.root));
    return ranked.map(({ root }) => root);
  }

  #logProbability(model: Surgery): number {
    const factors = model.factors(undefined);
    const found = cheaper(factors, undefined, () => [model]);
    if (found.layers) return found.layers.reduce((sum, layers) => sum + quickscore(layers), 0);
    const { factor, logScale } = eliminate(factors, found.plan);
    return Math.log(factor.values[0] ?? 0) + logScale;
  }
}

/** An elimination that needs no more entries than this is not worth looking for another way. */
const CHEAP_ENTRIES = 2 ** 12;

/** A way to sum: in the order of a plan, or over the findings of each of some models. */
type Method = { readonly plan: EliminationPlan; readonly layers?: never } | { readonly layers: readonly TwoLayers[] };

/**
 * Returns the cheaper way to sum: a plan of elimination, or two layers for each of `models`, where all have that shape.
 *
 * @throws {@link QueryTooLargeError} if either is too much, before it begins.
 */
function cheaper(
  factors: readonly Factor[],
  keep: number | undefined,
  models: () => readonly Surgery[],
): Method {
  const scopes = factors.map(({ scope }) => scope);
  const cheap = planElimination(scopes, keep, CHEAP_ENTRIES);
  if (cheap) return { plan: cheap };
  const layered = models().map((model) => model.twoLayers());
  const layers = layered.flatMap((one) => one ?? []);
  const steps = layers.reduce((sum, one) => sum + quickscoreSteps(one), 0);
  if (layers.length === layered.length && steps <= QUICKSCORE_STEPS_MAX) return { layers };
  const plan = planElimination(scopes, keep, QUERY_ENTRIES_MAX);
  if (!plan) throw new QueryTooLargeError("entries of all tables", Infinity, QUERY_ENTRIES_MAX);
  return { plan };
}

/** Numbers in proportion to those whose logarithms are given, the largest 1. */
function relative(logs: readonly number[]): readonly number[] {
  const most = Math.max(...logs);
  return logs.map((log) => (most === -Infinity ? 0 : Math.exp(log - most)));
}

/**
 * The model after surgery and evidence: nodes with a known value are no variables any more, their influence is folded
 * into the nodes they act on. Only ancestors of what is asked or seen are looked at; the rest sums to 1.
 */
class Surgery {
  /** Numbers of the nodes that are still unknown. */
  readonly variables = new Map<string, number>();
  /** Values that are known: forced ones and seen ones. */
  readonly fixed = new Map<string, boolean>();
  readonly #graph: CausalGraph;
  readonly #forced: ReadonlySet<string>;
  readonly #seen: ReadonlyMap<string, boolean>;
  #variableCount = 0;

  constructor(graph: CausalGraph, doing: Assignment, evidence: Assignment) {
    this.#graph = graph;
    readRecord("do", doing);
    readRecord("evidence", evidence);
    this.#forced = new Set(Object.keys(doing));
    this.#seen = new Map(Object.entries(evidence));
    for (const [name, value] of [...this.#seen, ...Object.entries(doing)]) {
      if (!graph.has(name)) throw new UnknownNodeError(name);
      if (typeof value !== "boolean") throw new InvalidAssignmentError(name, value);
      if ((this.fixed.get(name) ?? value) !== value) throw new EvidenceAgainstDoError(name);
      this.fixed.set(name, value);
    }
    for (const name of graph.nodes()) if (!this.fixed.has(name)) this.variables.set(name, this.#variableCount++);
  }

  /** The factors whose product is `P(variables, evidence | do)`, for the ancestors of `asked` and of the evidence. */
  factors(asked: string | undefined): readonly Factor[] {
    return this.#relevant(asked).flatMap((name) => (this.#forced.has(name) ? [] : this.#noisyOr(name)));
  }

  /** The same model as causes and findings, or undefined if an unknown node has an unknown cause. */
  twoLayers(): TwoLayers | undefined {
    const causes = new Map<number, LayerCause & { readonly passes: number[] }>();
    const inactives: number[] = [];
    let factor = 1;
    const relevant = this.#relevant(undefined).filter((name) => !this.#forced.has(name));
    for (const name of relevant) {
      const { inactive, open } = this.#influences(name);
      const variable = this.variables.get(name);
      if (variable === undefined) continue;
      if (open.length > 0) return undefined;
      causes.set(variable, { inactive, active: 1 - inactive, passes: [] });
    }
    for (const name of relevant) {
      const value = this.fixed.get(name);
      if (value === undefined) continue;
      const { inactive, open } = this.#influences(name);
      if (open.length === 0) factor *= value ? 1 - inactive : inactive;
      else if (value) {
        for (const cause of causes.values()) cause.passes.push(1);
        for (const { variable, pass } of open) causes.get(variable)?.passes.splice(-1, 1, pass);
        inactives.push(inactive);
      } else {
        factor *= inactive;
        for (const { variable, pass } of open) {
          const cause = causes.get(variable);
          if (cause) causes.set(variable, { ...cause, active: cause.active * pass });
        }
      }
    }
    return { causes: [...causes.values()], inactive: inactives, factor };
  }

  #relevant(asked: string | undefined): readonly string[] {
    const relevant = new Set([...(asked === undefined ? [] : [asked]), ...this.#seen.keys()]);
    for (const name of relevant) {
      if (this.#forced.has(name)) continue;
      for (const cause of this.#graph.causes(name).keys()) relevant.add(cause);
    }
    if (relevant.size > QUERY_NODES_MAX) throw new QueryTooLargeError("nodes", relevant.size, QUERY_NODES_MAX);
    return [...relevant];
  }

  /** Probability that a node is inactive as far as known causes go, and its unknown causes. */
  #influences(name: string): { inactive: number; open: { variable: number; pass: number }[] } {
    let inactive = 1 - this.#graph.prior(name);
    const open: { variable: number; pass: number }[] = [];
    for (const [cause, strength] of this.#graph.causes(name)) {
      const value = this.fixed.get(cause);
      const variable = this.variables.get(cause);
      if (variable !== undefined) open.push({ variable, pass: 1 - strength });
      else if (value) inactive *= 1 - strength;
    }
    return { inactive, open };
  }

  /** `P(name | its causes)` as small tables. */
  #noisyOr(name: string): readonly Factor[] {
    const { inactive, open } = this.#influences(name);
    const value = this.fixed.get(name);
    if (value === false) {
      // All causes failed, each on its own: the table falls apart into one factor a cause.
      const own = { scope: [], values: Float64Array.of(inactive) };
      return [own, ...open.map(({ variable, pass }) => ({ scope: [variable], values: Float64Array.of(1, pass) }))];
    }
    const effect = this.variables.get(name);
    const last = open.pop();
    if (!last) return [table([], effect, () => inactive)];
    // A chain of ORs (Heckerman and Breese, 1996): one more cause a link, so no table grows with the number of causes.
    const chain: Factor[] = [];
    let before: number | undefined;
    for (const { variable, pass } of open) {
      const [previous, link] = [before, this.#variableCount++];
      chain.push(orLink(previous, variable, link, inactive, pass));
      before = link;
    }
    chain.push(orLink(before, last.variable, effect, inactive, last.pass));
    return chain;
  }
}

/** The table of `out = before OR (cause AND coin)`; without `before`, of `out = own OR (cause AND coin)`. */
function orLink(
  before: number | undefined,
  cause: number,
  out: number | undefined,
  inactive: number,
  pass: number,
): Factor {
  if (before === undefined) return table([cause], out, ([active]) => inactive * (active ? pass : 1));
  return table([before, cause], out, ([already, active]) => (already ? 0 : active ? pass : 1));
}

/** A factor from `P(out inactive | inputs)`; without `out`, of `P(out active | inputs)`, which is what was seen. */
function table(
  inputs: readonly number[],
  out: number | undefined,
  inactive: (values: readonly boolean[]) => number,
): Factor {
  const scope = [...inputs, ...(out === undefined ? [] : [out])].sort((a, b) => a - b);
  const values = new Float64Array(2 ** scope.length);
  for (let at = 0; at < values.length; at++) {
    const read = (variable: number): boolean => ((at >> scope.indexOf(variable)) & 1) === 1;
    const off = inactive(inputs.map(read));
    values[at] = out === undefined || read(out) ? 1 - off : off;
  }
  return { scope, values };
}

/** The first few values, so that the message stays readable. */
function describe(evidence: Assignment): string {
  const all = Object.entries(evidence).map(([name, value]) => `${quote(name)}: ${value}`);
  return `{ ${all.length > 8 ? [...all.slice(0, 8), `… ${all.length - 8} more`].join(", ") : all.join(", ")} }`;
}

/** Order by UTF-16 code units: the same on every machine, unlike a locale's. */
export function compareNames(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
