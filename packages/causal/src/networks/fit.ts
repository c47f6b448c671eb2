import { readOptions } from "../arguments.ts";
import { InvalidModelError, InvalidQueryError, quote, UnknownNodeError, UnknownStateError } from "../errors.ts";
import { structureOf } from "../graphs/admg.ts";
import type { Admg } from "../graphs/admg.ts";
import { Random } from "../random.ts";
import { DiscreteNetwork } from "./discrete-network.ts";
import type { DiscreteVariable } from "./discrete-network.ts";
import { normalise } from "./tables.ts";

/** One observation: states by variable. A variable that is left out, undefined or null is missing. */
export type Row = Readonly<Record<string, string | null | undefined>>;

/** Options of {@link fitNetwork}. */
export interface FitOptions {
  /** States of variables whose states the rows do not all show. @defaultValue the states in the rows, sorted */
  readonly states?: Readonly<Record<string, readonly string[]>>;
  /** Added to every count: 1 is Laplace's rule, 0 is maximum likelihood. @defaultValue 1 */
  readonly pseudocount?: number;
  /** Most rounds of expectation and maximisation. @defaultValue 200 */
  readonly roundsMax?: number;
  /** The rounds end when the objective grows by less than this. @defaultValue 1e-6 */
  readonly tolerance?: number;
  /** Start of the random numbers that set apart the states of variables that no row shows. @defaultValue 1 */
  readonly seed?: number;
}

/** A network with how it was found. */
export interface Fit {
  /** The fitted network. */
  readonly network: DiscreteNetwork;
  /** Natural logarithm of the probability of the rows under the network. */
  readonly logLikelihood: number;
  /** Rounds of expectation and maximisation; 0 if no value was missing. */
  readonly rounds: number;
  /** False if the rounds ended at `roundsMax`. */
  readonly converged: boolean;
}

/**
 * Fits the tables of a network to rows: by counting where every value is there, else by expectation-maximisation
 * (Dempster, Laird and Rubin, 1977; Lauritzen, Computational Statistics and Data Analysis 19, 1995). That finds a local
 * maximum, and takes values to be missing at random. A row of a table that no observation reaches is uniform.
 *
 * @throws `InvalidModelError` for no rows, hidden common causes in the graph, or a variable without states.
 * @throws `UnknownNodeError` if a row names a variable that the graph does not have.
 * @throws `UnknownStateError` if a row has a state that `states` does not have.
 * @throws `ImpossibleEvidenceError` if a row cannot happen, which takes a pseudocount of 0.
 * @example
 * ```ts
 * import { dag } from "@void-system/causal/graphs";
 * import { fitNetwork } from "@void-system/causal/networks";
 * const rows = [{ disk: "full", api: "slow" }, { disk: "free", api: "fast" }, { disk: "free" }];
 * const { network, converged } = fitNetwork(dag`disk -> api`, rows);
 * network.compile().posterior("disk"); // => { free: 0.6, full: 0.4 }
 * converged; // => true
 * ```
 */
export function fitNetwork(graph: Admg, rows: readonly Row[], options: FitOptions = {}): Fit {
  readOptions("a fit", options, ["states", "pseudocount", "roundsMax", "tolerance", "seed"]);
  const { pseudocount = 1, roundsMax = 200, tolerance = 1e-6, seed = 1 } = options;
  for (const [name, value] of Object.entries({ pseudocount, roundsMax, tolerance })) {
    if (typeof value !== "number" || !(value >= 0)) throw new InvalidQueryError(`expected ${name} to be a number >= 0, got ${quote(value)}`);
  }
  structureOf(graph);
  if (!graph.isDag) throw new InvalidModelError("expected a graph without bidirected edges, got some; name each hidden cause as a node");
  const variables = shapeOf(graph, rows, options.states ?? {});
  let network = initial(graph, variables, seed);
  const patterns = patternsOf(network, rows);
  const isComplete = patterns.every(({ evidence }) => Object.keys(evidence).length === graph.nodes.length);
  // Complete rows need no expectation: a single round from anywhere counts them.
  let [objective, converged] = [-Infinity, isComplete];
  for (let rounds = 0; ; rounds++) {
    const expected = expectation(network, patterns, pseudocount);
    if (!isComplete) converged = expected.objective - objective < tolerance;
    if (rounds > 0 && (converged || rounds >= roundsMax)) {
      return { network, logLikelihood: expected.logLikelihood, rounds: isComplete ? 0 : rounds, converged };
    }
    objective = expected.objective;
    network = withTables(network, expected.counts);
  }
}

/** Rows that say the same, once. */
interface Pattern {
  readonly evidence: Readonly<Record<string, string>>;
  readonly weight: number;
}

type Shape = ReadonlyMap<string, { readonly states: readonly string[]; readonly parents: readonly string[] }>;

function shapeOf(graph: Admg, rows: readonly Row[], given: Readonly<Record<string, readonly string[]>>): Shape {
  checkRows(rows);
  const seen = new Map(graph.nodes.map((name) => [name, new Set<string>()]));
  for (const [name] of Object.entries(given)) if (!seen.has(name)) throw new UnknownNodeError(name);
  for (const row of rows) {
    for (const [name, state] of Object.entries(row)) {
      const states = seen.get(name);
      if (!states) throw new UnknownNodeError(name);
      if (state !== null && state !== undefined) states.add(state);
    }
  }
  return new Map(
    graph.nodes.map((name) => {
      const states = given[name] ?? [...(seen.get(name) ?? [])].sort();
      if (states.length === 0) throw new InvalidModelError(`expected states of ${quote(name)}, got no row that shows one; name them in states`);
      return [name, { states, parents: graph.parents(name) }];
    }),
  );
}

function checkRows(rows: unknown): void {
  const isList = Array.isArray(rows) && rows.length > 0 && rows.every((row) => typeof row === "object" && row !== null);
  if (!isList) throw new InvalidModelError(`expected rows as objects of states by variable, at least one, got ${quote(rows)}`);
}

/** Uniform tables, but for a small tilt: from equal states that no row shows, the rounds could never set them apart. */
function initial(graph: Admg, shape: Shape, seed: number): DiscreteNetwork {
  const random = new Random(seed);
  const variables = graph.nodes.map((name): [string, DiscreteVariable] => {
    const { states = [], parents = [] } = shape.get(name) ?? {};
    const rows = parents.reduce((product, parent) => product * (shape.get(parent)?.states.length ?? 1), 1);
    const table = Array.from({ length: rows }, () => {
      const row = Float64Array.from(states, () => 1 + 0.1 * random.uniform());
      normalise(row);
      return [...row];
    });
    return [name, { states, parents, table }];
  });
  return new DiscreteNetwork(Object.fromEntries(variables));
}

function patternsOf(network: DiscreteNetwork, rows: readonly Row[]): readonly Pattern[] {
  const found = new Map<string, { evidence: Readonly<Record<string, string>>; weight: number }>();
  for (const row of rows) {
    const known = network.variables.flatMap((variable) => {
      const state = Object.hasOwn(row, variable.name) ? row[variable.name] : undefined;
      if (state === null || state === undefined) return [];
      if (!variable.states.includes(state)) throw new UnknownStateError(variable.name, state, variable.states);
      return [[variable.name, state] as const];
    });
    const key = JSON.stringify(known);
    const pattern = found.get(key);
    if (pattern) pattern.weight++;
    else found.set(key, { evidence: Object.fromEntries(known), weight: 1 });
  }
  return [...found.values()];
}

/** Expected counts of every table, and the objective: the log likelihood, and what the pseudocounts add to it. */
function expectation(
  network: DiscreteNetwork,
  patterns: readonly Pattern[],
  pseudocount: number,
): { counts: readonly Float64Array[]; logLikelihood: number; objective: number } {
  const tree = network.compile();
  const counts = network.variables.map(({ table }) => new Float64Array(table.length).fill(pseudocount));
  let logLikelihood = 0;
  for (const { evidence, weight } of patterns) {
    logLikelihood += weight * tree.calibrate({ evidence });
    for (const [at, count] of counts.entries()) {
      const family = tree.family(at);
      for (let entry = 0; entry < count.length; entry++) count[entry] = (count[entry] ?? 0) + weight * (family[entry] ?? 0);
    }
  }
  const prior = network.variables.reduce((sum, { table }) => sum + table.reduce((inner, p) => inner + (pseudocount > 0 ? Math.log(p) : 0), 0), 0);
  return { counts, logLikelihood, objective: logLikelihood + pseudocount * prior };
}

function withTables(network: DiscreteNetwork, counts: readonly Float64Array[]): DiscreteNetwork {
  const variables = network.variables.map(({ name, states, parents }, at): [string, DiscreteVariable] => {
    const table = counts[at] ?? new Float64Array();
    for (let row = 0; row < table.length; row += states.length) {
      const values = table.subarray(row, row + states.length);
      if (normalise(values) === 0) values.fill(1 / states.length);
    }
    return [name, { states, parents: parents.map((parent) => network.variables[parent]?.name ?? ""), table: [...table] }];
  });
  return new DiscreteNetwork(Object.fromEntries(variables));
}
