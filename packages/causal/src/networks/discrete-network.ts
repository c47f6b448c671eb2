import { readOptions } from "../arguments.ts";
import { InvalidModelError, QueryTooLargeError, quote, UnknownNodeError } from "../errors.ts";
import { Admg } from "../graphs/admg.ts";
import { JunctionTree } from "./junction-tree.ts";
import { Variables } from "./variables.ts";
import type { Variable } from "./variables.ts";

/** Most entries of one conditional table. */
export const TABLE_ENTRIES_MAX: number = 2 ** 20;
/** Greatest distance from 1 of the sum of a table's row. Published networks are rounded. */
export const ROW_SUM_TOLERANCE = 1e-6;

/** Numbers, nested as deep as one likes: only their order counts. */
export type NestedNumbers = readonly (number | NestedNumbers)[];

/** One variable of a {@link DiscreteNetwork}. */
export interface DiscreteVariable {
  /** The values it may have. */
  readonly states: readonly string[];
  /** Its direct causes. @defaultValue none */
  readonly parents?: readonly string[];
  /** `P(state | states of the parents)`: a row for each combination of the parents' states, the last parent's changing fastest. */
  readonly table: NestedNumbers;
}

/**
 * A Bayesian network of discrete variables with conditional tables. Networks do not change once they are made:
 * {@link DiscreteNetwork.compile} one, and ask the result.
 *
 * @example
 * ```ts
 * import { DiscreteNetwork } from "@void-system/causal/networks";
 * const network = new DiscreteNetwork({
 *   disk: { states: ["full", "free"], table: [0.1, 0.9] },
 *   api: { states: ["slow", "fast"], parents: ["disk"], table: [[0.8, 0.2], [0.1, 0.9]] },
 * });
 * const { full = 0 } = network.compile().posterior("disk", { evidence: { api: "slow" } });
 * full.toFixed(3); // => "0.471"
 * ```
 */
export class DiscreteNetwork {
  /** The graph of the network. */
  readonly graph: Admg;
  readonly #variables: Variables;

  /**
   * @throws `InvalidModelError` for no variables, doubled states, a table of the wrong length or a row that does not sum to 1.
   * @throws `UnknownNodeError` if a parent is not a variable.
   * @throws `CycleError` if variables cause each other in a circle.
   * @throws `QueryTooLargeError` if a table has more than {@link TABLE_ENTRIES_MAX} entries.
   */
  constructor(variables: Readonly<Record<string, DiscreteVariable>>) {
    readModel(variables);
    const all = Object.entries(variables);
    const numbers = new Map(all.map(([name], at) => [name, at]));
    for (const [name, { states }] of all) checkStates(name, states);
    const list = all.map(([name, variable]) => {
      const parents = (variable.parents ?? []).map((parent) => {
        const number = numbers.get(parent);
        if (number === undefined) throw new UnknownNodeError(parent);
        return number;
      });
      const counts = parents.map((parent) => all[parent]?.[1].states.length ?? 0);
      return { name, states: [...variable.states], parents, table: tableOf(name, variable, counts) };
    });
    this.#variables = new Variables(list);
    const edges = all.flatMap(([name, { parents = [] }]) => parents.map((parent) => [parent, name] as const));
    this.graph = new Admg({ nodes: all.map(([name]) => name), directed: edges });
  }

  /** The variables, numbered in the order given. */
  get variables(): readonly Variable[] {
    return this.#variables.list;
  }

  /**
   * Returns an engine for queries. Compiling takes longer than a query, so do it once.
   *
   * @throws `QueryTooLargeError` if the graph is too wide for exact answers. This is found before any table is made.
   */
  compile(): JunctionTree {
    return new JunctionTree(this.#variables);
  }
}

function readModel(variables: Readonly<Record<string, DiscreteVariable>>): void {
  const isObject = typeof variables === "object" && variables !== null && !Array.isArray(variables);
  if (!isObject || Object.keys(variables).length === 0) {
    throw new InvalidModelError(`expected variables by name, got ${isObject ? "none" : quote(variables)}; name at least one`);
  }
  for (const [name, variable] of Object.entries(variables)) {
    readOptions(`the variable ${quote(name)}`, variable, ["states", "parents", "table"]);
    for (const list of [variable.states, variable.parents ?? [], variable.table]) {
      if (!Array.isArray(list)) throw new InvalidModelError(`expected arrays of ${quote(name)}, got ${quote(list)}`);
    }
  }
}

function checkStates(name: string, states: readonly string[]): void {
  if (states.length > 0 && new Set(states).size === states.length && states.every((state) => typeof state === "string")) return;
  throw new InvalidModelError(`expected different strings as states of ${quote(name)}, got ${states.map(quote).join(", ")}`);
}

function tableOf(name: string, { states, table }: DiscreteVariable, counts: readonly number[]): Float64Array {
  const entries = counts.reduce((product, count) => product * count, states.length);
  if (entries > TABLE_ENTRIES_MAX) throw new QueryTooLargeError("table entries", entries, TABLE_ENTRIES_MAX);
  const values = flat(table);
  if (values.length !== entries) {
    throw new InvalidModelError(`expected ${entries} probabilities of ${quote(name)}, got ${values.length}; give a row for each combination of its parents' states`);
  }
  for (let row = 0; row < entries; row += states.length) {
    const sum = values.slice(row, row + states.length).reduce((total, value) => total + (value >= 0 ? value : Number.NaN), 0);
    if (!(Math.abs(sum - 1) <= ROW_SUM_TOLERANCE)) {
      throw new InvalidModelError(`expected row ${row / states.length} of ${quote(name)} to be probabilities that sum to 1 within ${ROW_SUM_TOLERANCE}, got ${sum}`);
    }
  }
  return Float64Array.from(values);
}

function flat(numbers: NestedNumbers): readonly number[] {
  return numbers.flatMap((item) => (typeof item === "number" ? [item] : Array.isArray(item) ? flat(item) : [Number.NaN]));
}
