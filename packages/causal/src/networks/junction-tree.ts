import { readNames, readOptions, readRecord } from "../arguments.ts";
import { EvidenceAgainstDoError, ImpossibleEvidenceError, InvalidQueryError, QueryTooLargeError, quote } from "../errors.ts";
import { cliqueTree } from "./clique-tree.ts";
import type { Clique } from "./clique-tree.ts";
import { entriesOf, maximise, normalise, scatterMax, scatterSum, sizeOf, zeroOthers } from "./tables.ts";
import type { Variable, Variables } from "./variables.ts";

/** Most entries of the joint distribution that {@link JunctionTree.joint} returns. */
export const JOINT_ENTRIES_MAX: number = 2 ** 16;

/** States of variables by name. */
export type States = Readonly<Record<string, string>>;

/** Evidence and actions of a query. */
export interface Knowledge {
  /** States that were seen, in the world after `do`. @defaultValue none */
  readonly evidence?: States;
  /** States that are forced: edges into these variables are cut. @defaultValue none */
  readonly do?: States;
}

/** Probability of each state of one variable. */
export type Distribution = Readonly<Record<string, number>>;

/** A clique with what its tables need. */
interface Node extends Clique {
  /** Product of the tables of its families. */
  readonly base: Float64Array;
  /** Its table while a query runs. */
  readonly work: Float64Array;
  /** The message to and from its parent, over the separator. */
  readonly message: Float64Array;
  /** Entry of the message for each entry of this clique. */
  readonly toMessage: Int32Array;
  /** Entry of the message for each entry of the parent. */
  readonly fromParent: Int32Array;
  /** The variables whose conditional tables it holds. */
  readonly families: number[];
}

/** Place of a variable's table. */
interface Home {
  readonly clique: number;
  /** Entry of the conditional table for each entry of the clique. */
  readonly toTable: Int32Array;
  /** Entry of the variable's states for each entry of the clique. */
  readonly toState: Int32Array;
}

/**
 * Exact answers from a compiled network, by messages between the cliques of a junction tree (Lauritzen and Spiegelhalter,
 * Journal of the Royal Statistical Society B 50, 1988; in the form of Jensen, Lauritzen and Olesen, Computational
 * Statistics Quarterly 4, 1990). Made by {@link DiscreteNetwork.compile}.
 *
 * @example
 * ```ts
 * import { DiscreteNetwork } from "@void-system/causal/networks";
 * const network = new DiscreteNetwork({
 *   load: { states: ["high", "low"], table: [0.5, 0.5] },
 *   cache: { states: ["miss", "hit"], parents: ["load"], table: [[0.5, 0.5], [0, 1]] },
 * });
 * const tree = network.compile();
 * tree.posterior("load", { evidence: { cache: "miss" } }); // => { high: 1, low: 0 }
 * tree.posterior("load", { do: { cache: "miss" } }); // => { high: 0.5, low: 0.5 }
 * tree.probability({ evidence: { cache: "miss" } }); // => 0.25
 * tree.mostProbable({ evidence: { cache: "miss" } }).states; // => { load: "high", cache: "miss" }
 * ```
 */
export class JunctionTree {
  readonly #variables: Variables;
  readonly #nodes: readonly Node[];
  readonly #homes: readonly Home[];

  /** @throws `QueryTooLargeError` if the graph is too wide. */
  constructor(variables: Variables) {
    this.#variables = variables;
    const sizes = variables.list.map(({ states }) => states.length);
    const families = variables.list.map(({ parents }, at) => [...parents, at]);
    const cliques = cliqueTree(families, sizes);
    this.#nodes = cliques.map((clique) => nodeOf(clique, clique.parent === undefined ? undefined : cliques[clique.parent], sizes));
    this.#homes = families.map((family, at) => {
      const clique = smallestWith(cliques, family, this.#nodes);
      this.#nodes[clique]?.families.push(at);
      const scope = cliques[clique]?.scope ?? [];
      return { clique, toTable: entriesOf(scope, family, sizes), toState: entriesOf(scope, [at], sizes) };
    });
    for (const node of this.#nodes) {
      for (const at of node.families) this.#multiplyTable(node.base, at);
    }
  }

  /**
   * Returns `P(variable | evidence, do)`.
   *
   * @throws `UnknownNodeError` if a name is not a variable.
   * @throws `UnknownStateError` if a state is not one of its variable.
   * @throws `EvidenceAgainstDoError` if evidence and `do` disagree on a variable.
   * @throws `ImpossibleEvidenceError` if the evidence has probability 0.
   */
  posterior(variable: string, knowledge: Knowledge = {}): Distribution {
    const at = this.#variables.numberOf(variable);
    this.#collect(knowledge);
    const home = this.#homes[at]?.clique ?? 0;
    const path: Node[] = [];
    for (let node = this.#nodes[home]; node?.parent !== undefined; node = this.#nodes[node.parent]) path.push(node);
    for (const node of path.toReversed()) this.#distribute(node);
    return this.#distributionOf(at);
  }

  /**
   * Returns the posterior of every variable, by name. It costs about two queries of one.
   *
   * @throws the same as {@link JunctionTree.posterior}.
   */
  marginals(knowledge: Knowledge = {}): Readonly<Record<string, Distribution>> {
    this.calibrate(knowledge);
    return Object.fromEntries(this.#variables.list.map(({ name }, at) => [name, this.#distributionOf(at)]));
  }

  /**
   * Returns the joint posterior of several variables, an entry for each combination of their states, the last
   * variable's changing fastest.
   *
   * @throws the same as {@link JunctionTree.posterior}.
   * @throws `InvalidQueryError` if no variable is named.
   * @throws `QueryTooLargeError` beyond {@link JOINT_ENTRIES_MAX} entries.
   */
  joint(variables: readonly string[], knowledge: Knowledge = {}): readonly { readonly states: States; readonly probability: number }[] {
    const asked = readNames("variables", variables).map((name) => this.#variable(this.#variables.numberOf(name)));
    if (asked.length === 0) throw new InvalidQueryError("expected at least one variable, got none; name one");
    const entries = asked.reduce((product, { states }) => product * states.length, 1);
    if (entries > JOINT_ENTRIES_MAX) throw new QueryTooLargeError("entries of a joint distribution", entries, JOINT_ENTRIES_MAX);
    const total = this.#collect(knowledge);
    const { evidence = {} } = knowledge;
    // The chain rule: all but the last variable become evidence, one combination after another.
    const last = asked.at(-1);
    let combinations: States[] = [{}];
    for (const { name, states } of asked.slice(0, -1)) {
      combinations = combinations.flatMap((before) => states.map((state) => ({ ...before, [name]: state })));
    }
    return combinations.flatMap((seen) => {
      const logs = this.#contradicts(knowledge, seen) ? -Infinity : this.#logProbability({ ...knowledge, evidence: { ...evidence, ...seen } });
      const weight = Math.exp(logs - total);
      const inner: Distribution = last && weight > 0 ? this.posterior(last.name, { ...knowledge, evidence: { ...evidence, ...seen } }) : {};
      return (last?.states ?? []).map((state) => ({
        states: { ...seen, [last?.name ?? ""]: state },
        probability: weight * (inner[state] ?? 0),
      }));
    });
  }

  /**
   * Returns `P(evidence | do)`; 0 if the evidence is impossible.
   *
   * @throws `UnknownNodeError`, `UnknownStateError` and `EvidenceAgainstDoError` as {@link JunctionTree.posterior}.
   */
  probability(knowledge: Knowledge): number {
    return Math.exp(this.#logProbability(knowledge));
  }

  /**
   * Returns the most probable explanation: the states of all variables that are most probable together, and the natural
   * logarithm of `P(states | do)`. Among equals, it takes the first state.
   *
   * @throws the same as {@link JunctionTree.posterior}.
   */
  mostProbable(knowledge: Knowledge = {}): { readonly states: States; readonly logProbability: number } {
    let logProbability = this.#start(knowledge);
    for (const node of this.#nodes.toReversed()) logProbability += this.#send(node, scatterMax);
    const states: number[] = [];
    for (const node of this.#nodes) {
      const entry = maximise(node.work, node.parent === undefined ? undefined : node.toMessage, this.#entryOf(node.separator, states));
      if (node.parent === undefined) logProbability += Math.log(node.work[entry] ?? 0);
      let rest = entry;
      for (const variable of node.scope.toReversed()) {
        const count = this.#variable(variable).states.length;
        states[variable] = rest % count;
        rest = Math.floor(rest / count);
      }
    }
    if (logProbability === -Infinity) throw new ImpossibleEvidenceError(describe(knowledge));
    const named = this.#variables.list.map(({ name, states: all }, at) => [name, all[states[at] ?? 0] ?? ""]);
    return { states: Object.fromEntries(named), logProbability };
  }

  /**
   * Sends all messages, so that every clique has its posterior; returns the logarithm of the evidence's probability.
   * {@link JunctionTree.family} reads the result.
   */
  calibrate(knowledge: Knowledge): number {
    const log = this.#collect(knowledge);
    for (const node of this.#nodes.slice(1)) this.#distribute(node);
    return log;
  }

  /** Returns the posterior over a variable and its parents, in the order of its table. Call {@link JunctionTree.calibrate} first. */
  family(variable: number): Float64Array {
    const home = this.#homes[variable];
    const table = new Float64Array(this.#variable(variable).table.length);
    if (home) scatterSum(this.#nodes[home.clique]?.work ?? table, home.toTable, table);
    normalise(table);
    return table;
  }

  #variable(at: number): Variable {
    return this.#variables.list[at] ?? { name: "", states: [], parents: [], table: new Float64Array() };
  }

  /** Fills the tables of all cliques; returns 0, the logarithm of what was divided out so far. */
  #start(knowledge: Knowledge): number {
    readOptions("a query", knowledge, ["evidence", "do"]);
    const seen = this.#read("evidence", knowledge.evidence ?? {});
    const forced = this.#read("do", knowledge.do ?? {});
    for (const node of this.#nodes) {
      if (node.families.some((at) => forced.has(at))) {
        node.work.fill(1);
        for (const at of node.families) if (!forced.has(at)) this.#multiplyTable(node.work, at);
      } else node.work.set(node.base);
    }
    for (const [at, state] of [...seen, ...forced]) {
      if ((forced.get(at) ?? state) !== state) throw new EvidenceAgainstDoError(this.#variable(at).name);
      const home = this.#homes[at];
      if (home) zeroOthers(this.#nodes[home.clique]?.work ?? new Float64Array(), home.toState, state);
    }
    return 0;
  }

  #read(what: string, states: States): ReadonlyMap<number, number> {
    readRecord(what, states);
    return new Map(
      Object.entries(states).map(([name, state]) => {
        const at = this.#variables.numberOf(name);
        return [at, this.#variables.stateOf(this.#variable(at), state)];
      }),
    );
  }

  /** Sends messages to the root; returns the logarithm of the evidence's probability. */
  #logProbability(knowledge: Knowledge): number {
    let log = this.#start(knowledge);
    for (const node of this.#nodes.toReversed()) log += this.#send(node, scatterSum);
    const root = this.#nodes[0]?.work ?? [];
    let sum = 0;
    for (const value of root) sum += value;
    return log + Math.log(sum);
  }

  #collect(knowledge: Knowledge): number {
    const log = this.#logProbability(knowledge);
    if (log === -Infinity) throw new ImpossibleEvidenceError(describe(knowledge));
    return log;
  }

  /** One message towards the root. Returns the logarithm of the number that it was divided by. */
  #send(node: Node, scatter: typeof scatterSum): number {
    const parent = node.parent === undefined ? undefined : this.#nodes[node.parent];
    if (!parent) return 0;
    node.message.fill(0);
    scatter(node.work, node.toMessage, node.message);
    const scale = normalise(node.message);
    const { work } = parent;
    const { message, fromParent } = node;
    for (let at = 0; at < work.length; at++) work[at] = (work[at] ?? 0) * (message[fromParent[at] ?? 0] ?? 0);
    return Math.log(scale);
  }

  /** Passes one message away from the root: the parent's present table, divided by the message that it got. */
  #distribute(node: Node): void {
    const parent = node.parent === undefined ? undefined : this.#nodes[node.parent];
    if (!parent) return;
    const { work, message, toMessage, fromParent } = node;
    const news = new Float64Array(message.length);
    scatterSum(parent.work, fromParent, news);
    for (let at = 0; at < news.length; at++) {
      const sent = message[at] ?? 0;
      news[at] = sent > 0 ? (news[at] ?? 0) / sent : 0;
    }
    for (let at = 0; at < work.length; at++) work[at] = (work[at] ?? 0) * (news[toMessage[at] ?? 0] ?? 0);
  }

  #distributionOf(at: number): Distribution {
    const { states } = this.#variable(at);
    const home = this.#homes[at];
    const sums = new Float64Array(states.length);
    if (home) scatterSum(this.#nodes[home.clique]?.work ?? sums, home.toState, sums);
    normalise(sums);
    return Object.fromEntries(states.map((state, index) => [state, sums[index] ?? 0]));
  }

  #multiplyTable(values: Float64Array, at: number): void {
    const { table } = this.#variable(at);
    const toTable = this.#homes[at]?.toTable ?? new Int32Array();
    for (let entry = 0; entry < values.length; entry++) values[entry] = (values[entry] ?? 0) * (table[toTable[entry] ?? 0] ?? 0);
  }

  #contradicts({ evidence = {}, do: forced = {} }: Knowledge, seen: States): boolean {
    return Object.entries(seen).some(([name, state]) => ((Object.hasOwn(forced, name) ? forced : evidence)[name] ?? state) !== state);
  }

  #entryOf(scope: readonly number[], states: readonly number[]): number {
    let entry = 0;
    for (const variable of scope) entry = entry * this.#variable(variable).states.length + (states[variable] ?? 0);
    return entry;
  }
}

function nodeOf(clique: Clique, parent: Clique | undefined, sizes: readonly number[]): Node {
  const entries = sizeOf(clique.scope, sizes);
  return {
    ...clique,
    base: new Float64Array(entries).fill(1),
    work: new Float64Array(entries),
    message: new Float64Array(sizeOf(clique.separator, sizes)),
    toMessage: entriesOf(clique.scope, clique.separator, sizes),
    fromParent: entriesOf(parent?.scope ?? [], clique.separator, sizes),
    families: [],
  };
}

function smallestWith(cliques: readonly Clique[], family: readonly number[], nodes: readonly Node[]): number {
  let [best, least] = [-1, Infinity];
  for (const [at, { scope }] of cliques.entries()) {
    const entries = nodes[at]?.base.length ?? Infinity;
    if (entries < least && family.every((variable) => scope.includes(variable))) [best, least] = [at, entries];
  }
  return best;
}

/** The first few states, so that the message stays readable. */
function describe({ evidence = {}, do: forced = {} }: Knowledge): string {
  const all = [...Object.entries(evidence), ...Object.entries(forced).map(([name, state]) => [`do ${name}`, state] as const)];
  const shown = all.slice(0, 8).map(([name, state]) => `${quote(name)}: ${quote(state)}`);
  return `{ ${[...shown, ...(all.length > 8 ? [`… ${all.length - 8} more`] : [])].join(", ")} }`;
}
