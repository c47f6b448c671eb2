import { readOptions, readRecord } from "../arguments.ts";
import { InvalidModelError, QueryTooLargeError, quote, UnknownNodeError, UnknownStateError } from "../errors.ts";
import { Admg } from "../graphs/admg.ts";
import { TABLE_ENTRIES_MAX } from "./discrete-network.ts";

/** A value of a variable in a {@link StructuralModel}. */
export type Value = boolean | number | string;

/** Values of variables by name. */
export type Values = Readonly<Record<string, Value>>;

/** Equation of a variable: its value is a function of others. */
export interface Equation {
  /** The variables that the function takes, in this order. */
  readonly parents: readonly string[];
  /** The value for the values of the parents. It must not depend on anything else. */
  readonly value: (...parents: never) => Value;
}

/** Parts of a {@link StructuralModel}. */
export interface StructuralParts {
  /** Background variables, independent of each other: the probability of true, or pairs of a value and its probability. */
  readonly exogenous: Readonly<Record<string, number | readonly (readonly [Value, number])[]>>;
  /** All other variables, each with its equation. */
  readonly endogenous: Readonly<Record<string, Equation>>;
}

/** A variable with the values that it may have. */
export interface Mechanism {
  /** Its name. */
  readonly name: string;
  /** The values, in the order of their numbers. */
  readonly values: readonly Value[];
  /** Its direct causes, in the order of the equation. */
  readonly parents: readonly string[];
  /** Probabilities of the values of a background variable; undefined where an equation decides. */
  readonly probabilities: readonly number[] | undefined;
  /** Number of the value for the numbers of the parents' values. */
  readonly equation: (parents: readonly number[]) => number;
}

/**
 * Structural causal model of discrete variables: background variables with probabilities, and equations that decide the
 * rest (Pearl, Causality, 2nd ed. 2009, §7.1). It answers what would have been, which a network cannot.
 *
 * @example
 * ```ts
 * import { counterfactual, StructuralModel } from "@void-system/causal/networks";
 * const model = new StructuralModel({
 *   exogenous: { diskFails: 0.02, bug: 0.03 },
 *   endogenous: {
 *     db: { parents: ["diskFails"], value: (fails: boolean) => fails },
 *     api: { parents: ["db", "bug"], value: (db: boolean, bug: boolean) => db || bug },
 *   },
 * });
 * // The API failed. Would it have failed with a healthy database?
 * const p = counterfactual(model, { evidence: { api: true }, do: { db: false }, query: { api: true } });
 * p.toFixed(3); // => "0.607"
 * ```
 */
export class StructuralModel {
  /** Graph over all variables, background variables included. */
  readonly graph: Admg;
  /** Every variable, causes before effects. */
  readonly mechanisms: ReadonlyMap<string, Mechanism>;

  /**
   * @throws `InvalidModelError` if a name is both background and endogenous, or if probabilities are none.
   * @throws `UnknownNodeError` if a parent is not a variable.
   * @throws `CycleError` if equations depend on each other in a circle.
   * @throws `QueryTooLargeError` if an equation has more than {@link TABLE_ENTRIES_MAX} combinations of parents' values.
   */
  constructor(parts: StructuralParts) {
    readOptions("a model", parts, ["exogenous", "endogenous"]);
    const { exogenous, endogenous } = parts;
    readRecord("exogenous", exogenous);
    readRecord("endogenous", endogenous);
    const nodes = [...Object.keys(exogenous), ...Object.keys(endogenous)];
    const known = new Set(nodes);
    if (known.size < nodes.length) throw new InvalidModelError("expected each variable once, got one both exogenous and endogenous; rename one");
    for (const [name, equation] of Object.entries(endogenous)) checkEquation(name, equation, known);
    const directed = Object.entries(endogenous).flatMap(([name, { parents }]) => parents.map((parent) => [parent, name] as const));
    this.graph = new Admg({ nodes, directed });
    const mechanisms = new Map<string, Mechanism>();
    for (const [name, distribution] of Object.entries(exogenous)) mechanisms.set(name, background(name, distribution));
    for (const name of causesFirst(this.graph)) {
      const equation = endogenous[name];
      if (equation && !mechanisms.has(name)) mechanisms.set(name, mechanismOf(name, equation, mechanisms));
    }
    this.mechanisms = mechanisms;
  }

  /**
   * Returns the mechanism of a variable.
   *
   * @throws `UnknownNodeError` if there is no such variable.
   */
  mechanism(name: string): Mechanism {
    const found = this.mechanisms.get(name);
    if (!found) throw new UnknownNodeError(name);
    return found;
  }

  /**
   * Returns the number of a value among those that the variable may have.
   *
   * @throws `UnknownStateError` if it can never have this value.
   */
  valueNumber(name: string, value: unknown): number {
    const { values } = this.mechanism(name);
    const number = values.findIndex((one) => one === value);
    if (number < 0) throw new UnknownStateError(name, value, values);
    return number;
  }
}

function checkEquation(name: string, equation: Equation, known: ReadonlySet<string>): void {
  readOptions(`the equation of ${quote(name)}`, equation, ["parents", "value"]);
  if (!Array.isArray(equation.parents) || typeof equation.value !== "function") {
    throw new InvalidModelError(`expected parents and a function value of ${quote(name)}, got something else; give both`);
  }
  for (const parent of equation.parents) if (!known.has(parent)) throw new UnknownNodeError(parent);
}

function background(name: string, distribution: number | readonly (readonly [Value, number])[]): Mechanism {
  const isListed = Array.isArray(distribution) && distribution.every((pair) => Array.isArray(pair));
  if (typeof distribution !== "number" && !isListed) {
    throw new InvalidModelError(`expected a probability of ${quote(name)}, or pairs of a value and its probability, got neither`);
  }
  const pairs = typeof distribution === "number" ? ([[false, 1 - distribution], [true, distribution]] as const) : distribution;
  const values = pairs.map(([value]) => value);
  const probabilities = pairs.map(([, probability]) => probability);
  const sum = probabilities.reduce((total, p) => total + (p >= 0 ? p : Number.NaN), 0);
  if (!(Math.abs(sum - 1) <= 1e-9) || new Set(values).size < values.length) {
    throw new InvalidModelError(`expected different values of ${quote(name)} with probabilities that sum to 1, got a sum of ${sum}`);
  }
  return { name, values, parents: [], probabilities, equation: () => 0 };
}

function mechanismOf(name: string, { parents, value }: Equation, mechanisms: ReadonlyMap<string, Mechanism>): Mechanism {
  const domains = parents.map((parent) => mechanisms.get(parent)?.values ?? []);
  const combinations = domains.reduce((product, { length }) => product * length, 1);
  if (combinations > TABLE_ENTRIES_MAX) throw new QueryTooLargeError("combinations of values", combinations, TABLE_ENTRIES_MAX);
  const values: Value[] = [];
  const rowOf = (numbers: readonly number[]): number => numbers.reduce((row, number, at) => row * (domains[at]?.length ?? 1) + number, 0);
  const table = Array.from({ length: combinations }, (_, row) => {
    let rest = row;
    const given = domains.toReversed().map((domain) => {
      const one = domain[rest % domain.length];
      rest = Math.floor(rest / domain.length);
      return one;
    });
    // The types of the parents are the caller's: the function is called with values of their domains, in their order.
    const result = (value as (...values: unknown[]) => Value)(...given.toReversed());
    const number = values.indexOf(result);
    return number < 0 ? values.push(result) - 1 : number;
  });
  return { name, values, parents, probabilities: undefined, equation: (numbers) => table[rowOf(numbers)] ?? 0 };
}

/** Returns the nodes so that causes stand before effects: an effect has more ancestors than each of its causes. */
export function causesFirst(graph: Admg): readonly string[] {
  const ancestors = new Map(graph.nodes.map((name) => [name, graph.ancestors(name).length]));
  return graph.nodes.toSorted((a, b) => (ancestors.get(a) ?? 0) - (ancestors.get(b) ?? 0));
}
