/** Values of the variables of a {@link BinaryQuadraticModel}: 0 or 1, or -1 or 1. */
export type Vartype = "BINARY" | "SPIN";

/** Couplings of pairs of variables: coupling k joins `row[k] < col[k]` with `value[k]`. */
export interface Couplings {
  /** Lower variable of each pair. */
  readonly row: Int32Array;
  /** Higher variable of each pair. */
  readonly col: Int32Array;
  /** Coefficient of each pair. */
  readonly value: Float64Array;
}

/**
 * A quadratic function of binary variables (QUBO) or spins (Ising), the common language of annealers:
 * `offset + sum of linear[i] v[i] + sum of value[k] v[row[k]] v[col[k]]`.
 *
 * @example
 * ```ts
 * import { BinaryQuadraticModel } from "@void-system/ising-scheduler";
 * const pair = { row: Int32Array.of(0), col: Int32Array.of(1), value: Float64Array.of(2) };
 * const qubo = new BinaryQuadraticModel("BINARY", Float64Array.of(-1, -1), pair, 1);
 * qubo.energy([1, 0]); // => 0
 * qubo.energy([1, 1]); // => 1
 * qubo.toSpin().energy([1, -1]); // => 0
 * ```
 */
export class BinaryQuadraticModel {
  /** Values of the variables. */
  readonly vartype: Vartype;
  /** Coefficient of each variable. */
  readonly linear: Float64Array;
  /** Coefficients of pairs, each pair once. */
  readonly quadratic: Couplings;
  /** Energy when all else is 0. */
  readonly offset: number;

  constructor(vartype: Vartype, linear: Float64Array, quadratic: Couplings, offset: number) {
    this.vartype = vartype;
    this.linear = linear;
    this.quadratic = quadratic;
    this.offset = offset;
  }

  /**
   * The energy of a state.
   *
   * @param state - one value a variable: 0 or 1 for BINARY, -1 or 1 for SPIN.
   * @throws RangeError if the state has another length, or a value is none of the two.
   */
  energy(state: ArrayLike<number>): number {
    if (state.length !== this.linear.length) {
      throw new RangeError(`expected a state of ${this.linear.length} values, got ${state.length}`);
    }
    const low = this.vartype === "BINARY" ? 0 : -1;
    let energy = this.offset;
    this.linear.forEach((bias, at) => {
      const value = state[at];
      if (value !== low && value !== 1) throw new RangeError(`expected ${low} or 1 at ${at}, got ${String(value)}`);
      energy += bias * value;
    });
    const { row, col, value } = this.quadratic;
    for (let k = 0; k < value.length; k++) {
      energy += (value[k] ?? 0) * (state[row[k] ?? 0] ?? 0) * (state[col[k] ?? 0] ?? 0);
    }
    return energy;
  }

  /** The same function of spins, by x = (1 + s) / 2; itself if it is one of spins already. */
  toSpin(): BinaryQuadraticModel {
    return this.vartype === "SPIN" ? this : this.#substitute("SPIN", 1 / 2, 1 / 2);
  }

  /** The same function of 0 and 1, by s = 2 x - 1; itself if it is one of those already. */
  toBinary(): BinaryQuadraticModel {
    return this.vartype === "BINARY" ? this : this.#substitute("BINARY", 2, -1);
  }

  /** Replaces each variable by `scale * variable + shift`. */
  #substitute(vartype: Vartype, scale: number, shift: number): BinaryQuadraticModel {
    const { row, col, value } = this.quadratic;
    const linear = this.linear.map((bias) => bias * scale);
    let offset = this.linear.reduce((sum, bias) => sum + bias * shift, this.offset);
    for (let k = 0; k < value.length; k++) {
      const coupling = value[k] ?? 0;
      for (const at of [row[k] ?? 0, col[k] ?? 0]) linear[at] = (linear[at] ?? 0) + coupling * scale * shift;
      offset += coupling * shift * shift;
    }
    return new BinaryQuadraticModel(vartype, linear, { row, col, value: value.map((c) => c * scale * scale) }, offset);
  }
}
