import type { BinaryQuadraticModel } from "../qubo/bqm.ts";

/** An Ising model as an annealer reads it: the couplings of spin i are at start[i] .. start[i + 1] - 1. */
export interface Spins {
  /** The model that it was made of. */
  readonly model: BinaryQuadraticModel;
  /** Field of each spin. */
  readonly field: Float64Array;
  /** First coupling of each spin. */
  readonly start: Int32Array;
  /** Other spin of each coupling. */
  readonly other: Int32Array;
  /** Strength of each coupling. */
  readonly strength: Float64Array;
}

/** Prepares a model, of spins or of 0 and 1, for `anneal`. Done once, it serves many runs. */
export function fromBQM(model: BinaryQuadraticModel): Spins {
  const { linear, quadratic: { row, col, value } } = model.toSpin();
  const start = new Int32Array(linear.length + 1);
  for (let k = 0; k < value.length; k++) for (const spin of [row[k] ?? 0, col[k] ?? 0]) start[spin + 1] = (start[spin + 1] ?? 0) + 1;
  for (let spin = 0; spin < linear.length; spin++) start[spin + 1] = (start[spin + 1] ?? 0) + (start[spin] ?? 0);
  const next = start.slice();
  const [other, strength] = [new Int32Array(2 * value.length), new Float64Array(2 * value.length)];
  for (let k = 0; k < value.length; k++) {
    for (const [a, b] of [[row[k] ?? 0, col[k] ?? 0], [col[k] ?? 0, row[k] ?? 0]] as const) {
      const at = next[a] ?? 0;
      next[a] = at + 1;
      [other[at], strength[at]] = [b, value[k] ?? 0];
    }
  }
  return { model, field: linear, start, other, strength };
}
