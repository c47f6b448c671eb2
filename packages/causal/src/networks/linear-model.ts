import { readOptions, readRecord } from "../arguments.ts";
import { ImpossibleEvidenceError, InvalidModelError, InvalidQueryError, quote, UnknownNodeError } from "../errors.ts";
import { Admg } from "../graphs/admg.ts";
import { causesFirst } from "./structural-model.ts";

/** Equation of a variable: `intercept + sum of coefficient x parent + noise`, the noise normal with mean 0. */
export interface LinearEquation {
  /** Weight of each parent. @defaultValue none */
  readonly coefficients?: Readonly<Record<string, number>>;
  /** @defaultValue 0 */
  readonly intercept?: number;
  /** Variance of the noise. @defaultValue 1 */
  readonly variance?: number;
}

/** A counterfactual question to a {@link LinearModel}. */
export interface LinearQuestion {
  /** Values that were seen. @defaultValue none */
  readonly evidence?: Readonly<Record<string, number>>;
  /** Values that are forced in the other world. */
  readonly do: Readonly<Record<string, number>>;
  /** The variable asked for in the other world. */
  readonly query: string;
}

/** Linear structural model with independent normal noises. Made once, asked often. */
export class LinearModel {
  /** The graph of the equations. */
  readonly graph: Admg;
  readonly #equations: ReadonlyMap<string, Required<LinearEquation>>;
  readonly #order: readonly string[];

  /**
   * @throws `InvalidModelError` if a number is not finite or a variance negative.
   * @throws `UnknownNodeError` if a coefficient names no variable.
   * @throws `CycleError` if variables cause each other in a circle.
   * @example
   * ```ts
   * import { LinearModel } from "@void-system/causal/networks";
   * const model = new LinearModel({
   *   load: {},
   *   queue: { coefficients: { load: 0.5 } },
   *   latency: { coefficients: { load: 0.7, queue: 0.4 } },
   * });
   * const seen = { load: 0.5, queue: 1, latency: 1.5 };
   * const { mean } = model.counterfactual({ evidence: seen, do: { queue: 2 }, query: "latency" });
   * mean.toFixed(6); // => "1.900000"
   * ```
   */
  constructor(equations: Readonly<Record<string, LinearEquation>>) {
    if (typeof equations !== "object" || equations === null) throw new InvalidModelError(`expected equations by variable, got ${quote(equations)}`);
    const all = Object.entries(equations).map(([name, equation]) => [name, read(name, equation)] as const);
    this.#equations = new Map(all);
    const directed = all.flatMap(([name, { coefficients }]) => Object.keys(coefficients).map((parent) => [parent, name] as const));
    for (const [parent] of directed) if (!this.#equations.has(parent)) throw new UnknownNodeError(parent);
    this.graph = new Admg({ nodes: all.map(([name]) => name), directed });
    this.#order = causesFirst(this.graph);
  }

  /**
   * Returns mean and variance that `query` would have had under `do`, given that `evidence` was seen: the noises are
   * inferred from the evidence, then the changed equations are solved (abduction, action, prediction; Pearl 2009, §7.1).
   *
   * @throws `UnknownNodeError` if a name is not a variable.
   * @throws `InvalidQueryError` if a value is not finite.
   * @throws `ImpossibleEvidenceError` if the evidence contradicts equations without noise.
   */
  counterfactual(question: LinearQuestion): { readonly mean: number; readonly variance: number } {
    readOptions("a counterfactual", question, ["evidence", "do", "query"]);
    const { evidence = {}, do: forced, query } = question;
    if (!this.#equations.has(query)) throw new UnknownNodeError(query);
    this.#check("evidence", evidence);
    this.#check("do", forced);
    const factual = this.#solve({});
    const other = this.#solve(forced).get(query) ?? { constant: 0, weights: new Map() };
    const seen = Object.entries(evidence).map(([name, value]) => ({ value, ...(factual.get(name) ?? other) }));
    let { constant: mean } = other;
    let variance = this.#covariance(other.weights, other.weights);
    // Gram-Schmidt over the observations: each leaves the part that those before it did not explain.
    const residuals: { weights: ReadonlyMap<string, number>; surprise: number; variance: number }[] = [];
    for (const { value, constant, weights } of seen) {
      let rest = weights;
      let surprise = value - constant;
      for (const before of residuals) {
        const slope = this.#covariance(weights, before.weights) / before.variance;
        rest = combined(rest, before.weights, -slope);
        surprise -= slope * before.surprise;
      }
      const left = this.#covariance(rest, rest);
      if (left <= 1e-12 * this.#covariance(weights, weights)) {
        if (Math.abs(surprise) > 1e-9 * Math.max(1, Math.abs(value))) throw new ImpossibleEvidenceError(JSON.stringify(evidence).slice(0, 200));
        continue;
      }
      residuals.push({ weights: rest, surprise, variance: left });
      const shared = this.#covariance(other.weights, rest);
      mean += (shared / left) * surprise;
      variance -= (shared * shared) / left;
    }
    return { mean, variance: Math.max(0, variance) };
  }

  #check(what: string, values: Readonly<Record<string, number>>): void {
    readRecord(what, values);
    for (const [name, value] of Object.entries(values)) {
      if (!this.#equations.has(name)) throw new UnknownNodeError(name);
      if (!Number.isFinite(value)) throw new InvalidQueryError(`expected a number as value of ${quote(name)}, got ${quote(value)}`);
    }
  }

  /** Every variable as a constant and weights of the noises. */
  #solve(forced: Readonly<Record<string, number>>): ReadonlyMap<string, { constant: number; weights: ReadonlyMap<string, number> }> {
    const solved = new Map<string, { constant: number; weights: ReadonlyMap<string, number> }>();
    for (const name of this.#order) {
      const { coefficients = {}, intercept = 0 } = this.#equations.get(name) ?? {};
      const value = Object.hasOwn(forced, name) ? forced[name] : undefined;
      let [constant, weights]: [number, ReadonlyMap<string, number>] = [intercept, new Map([[name, 1]])];
      for (const [parent, coefficient] of Object.entries(coefficients)) {
        const cause = solved.get(parent);
        constant += coefficient * (cause?.constant ?? 0);
        weights = combined(weights, cause?.weights ?? new Map(), coefficient);
      }
      solved.set(name, value === undefined ? { constant, weights } : { constant: value, weights: new Map() });
    }
    return solved;
  }

  #covariance(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): number {
    let sum = 0;
    for (const [name, weight] of a) sum += weight * (b.get(name) ?? 0) * (this.#equations.get(name)?.variance ?? 0);
    return sum;
  }
}

function combined(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>, factor: number): ReadonlyMap<string, number> {
  const sum = new Map(a);
  for (const [name, weight] of b) sum.set(name, (sum.get(name) ?? 0) + factor * weight);
  return sum;
}

function read(name: string, equation: LinearEquation): Required<LinearEquation> {
  readOptions(`the equation of ${quote(name)}`, equation, ["coefficients", "intercept", "variance"]);
  const { coefficients = {}, intercept = 0, variance = 1 } = equation;
  if (![...Object.values(coefficients), intercept, variance].every(Number.isFinite) || variance < 0) {
    throw new InvalidModelError(`expected finite numbers of ${quote(name)} and a variance >= 0, got others; correct them`);
  }
  return { coefficients, intercept, variance };
}
