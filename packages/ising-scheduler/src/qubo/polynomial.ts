import { BinaryQuadraticModel } from "./bqm.ts";
import { ENERGY_QUANTA } from "../compile/fixed-point.ts";

/** A variable with its coefficient in a linear form. */
export type Monomial = readonly [variable: number, coefficient: number];

/** Adds up a polynomial of 0-1 variables, in quanta. */
export class Polynomial {
  readonly linear: number[];
  offset = 0;
  readonly #couplings = new Map<number, number>();

  constructor(variables: number) {
    this.linear = new Array<number>(variables).fill(0);
  }

  add(variable: number, coefficient: number): void {
    this.linear[variable] = (this.linear[variable] ?? 0) + coefficient;
  }

  couple(a: number, b: number, coefficient: number): void {
    const key = Math.min(a, b) * this.linear.length + Math.max(a, b);
    this.#couplings.set(key, (this.#couplings.get(key) ?? 0) + coefficient);
  }

  /** Adds `weight * (sum of terms + constant)²`, where x² = x. */
  square(weight: number, terms: readonly Monomial[], constant: number): void {
    this.offset += weight * constant * constant;
    terms.forEach(([variable, c], at) => {
      this.add(variable, weight * c * (c + 2 * constant));
      for (let next = at + 1; next < terms.length; next++) {
        const [other, d] = terms[next] ?? [variable, 0];
        if (c !== 0 && d !== 0) this.couple(variable, other, 2 * weight * c * d);
      }
    });
  }

  /** The model in units of energy: dividing by a power of two is exact. */
  model(): BinaryQuadraticModel {
    const pairs = [...this.#couplings].filter(([, value]) => value !== 0).sort(([a], [b]) => a - b);
    const count = this.linear.length;
    const quadratic = {
      row: Int32Array.from(pairs, ([key]) => Math.floor(key / count)),
      col: Int32Array.from(pairs, ([key]) => key % count),
      value: Float64Array.from(pairs, ([, value]) => value / ENERGY_QUANTA),
    };
    const linear = Float64Array.from(this.linear, (value) => value / ENERGY_QUANTA);
    return new BinaryQuadraticModel("BINARY", linear, quadratic, this.offset / ENERGY_QUANTA);
  }
}
