import { InvalidTableError, PositivityError, quote, UnknownNodeError } from "../errors.ts";
import { entriesOf, scatterSum, sizeOf } from "../networks/tables.ts";
import { freeVariables, toText } from "./expression.ts";
import type { Expression } from "./expression.ts";
import { JointTable } from "./joint-table.ts";

/** A table over variables by number; the last one's state changes fastest. */
interface Factor {
  readonly scope: readonly number[];
  readonly values: Float64Array;
}

/** Probability of one combination of states. */
export interface EffectEntry {
  /** States of the variables asked for, done and given. */
  readonly states: Readonly<Record<string, string>>;
  /** The effect: the probability of the states asked for, given the others. */
  readonly probability: number;
}

/**
 * Computes a formula from a joint distribution, for every combination of states of `names`. A formula may leave other
 * variables free, whose states make no difference to the truth: their observed distribution weighs them.
 *
 * @throws `UnknownNodeError` if the table lacks a variable of the formula.
 * @throws `PositivityError` if the formula conditions on what never happens, and the result depends on it.
 */
export function evaluate(expression: Expression, table: JointTable, names: readonly string[]): readonly EffectEntry[] {
  if (!(table instanceof JointTable)) throw new InvalidTableError(`expected a JointTable, got ${quote(table)}; make one from rows`);
  const sizes = table.variables.map((name) => table.states(name).length);
  const evaluation = new Evaluation(table, sizes);
  const { scope } = evaluation.marginal(names);
  const found = evaluation.factor(expression);
  const extra = [...freeVariables(expression)].filter((name) => !names.includes(name));
  const weighted = extra.length > 0 ? combine(found, evaluation.marginal(extra), sizes, times) : found;
  const values = combine(summed(weighted, scope, sizes), { scope, values: new Float64Array(sizeOf(scope, sizes)).fill(1) }, sizes, times, scope).values;
  if (values.some(Number.isNaN)) throw new PositivityError(toText(expression));
  return Array.from(values, (probability, entry) => {
    let rest = entry;
    const states = names.toReversed().map((name) => {
      const all = table.states(name);
      const state = all[rest % all.length] ?? "";
      rest = Math.floor(rest / all.length);
      return [name, state] as const;
    });
    return { states: Object.fromEntries(states.toReversed()), probability };
  });
}

class Evaluation {
  readonly #table: JointTable;
  readonly #sizes: readonly number[];

  constructor(table: JointTable, sizes: readonly number[]) {
    this.#table = table;
    this.#sizes = sizes;
  }

  /** The observed distribution of some variables. */
  marginal(names: readonly string[]): Factor {
    const { variables, probabilities } = this.#table;
    const missing = names.find((name) => !variables.includes(name));
    if (missing !== undefined) throw new UnknownNodeError(missing);
    const whole = { scope: [...variables.keys()], values: probabilities };
    return summed(whole, names.map((name) => variables.indexOf(name)), this.#sizes);
  }

  factor(expression: Expression): Factor {
    switch (expression.kind) {
      case "probability": {
        const joint = this.marginal([...expression.given, ...expression.of]);
        return expression.given.length === 0 ? joint : combine(joint, this.marginal(expression.given), this.#sizes, over);
      }
      case "product": {
        const one: Factor = { scope: [], values: Float64Array.of(1) };
        return expression.factors.reduce((before, factor) => combine(before, this.factor(factor), this.#sizes, times), one);
      }
      case "fraction":
        return combine(this.factor(expression.numerator), this.factor(expression.denominator), this.#sizes, over);
      case "sum": {
        const inner = this.factor(expression.of);
        const bound = expression.over.map((name) => this.#table.variables.indexOf(name));
        return summed(inner, inner.scope.filter((variable) => !bound.includes(variable)), this.#sizes);
      }
    }
  }
}

/** A product with 0 is 0, even if the other number is not known. */
function times(a: number, b: number): number {
  return a === 0 || b === 0 ? 0 : a * b;
}

/** 0 / 0 is not known: NaN, until something multiplies it by 0. */
function over(a: number, b: number): number {
  return a / b;
}

function combine(
  a: Factor,
  b: Factor,
  sizes: readonly number[],
  operation: (a: number, b: number) => number,
  order: readonly number[] = [...a.scope, ...b.scope.filter((variable) => !a.scope.includes(variable))],
): Factor {
  const [toA, toB] = [entriesOf(order, a.scope, sizes), entriesOf(order, b.scope, sizes)];
  const values = Float64Array.from(toA, (entry, at) => operation(a.values[entry] ?? 0, b.values[toB[at] ?? 0] ?? 0));
  return { scope: order, values };
}

function summed(factor: Factor, scope: readonly number[], sizes: readonly number[]): Factor {
  const kept = scope.filter((variable) => factor.scope.includes(variable));
  const values = new Float64Array(sizeOf(kept, sizes));
  scatterSum(factor.values, entriesOf(factor.scope, kept, sizes), values);
  return { scope: kept, values };
}
