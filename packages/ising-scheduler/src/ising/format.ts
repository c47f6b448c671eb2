import { SchedulerError } from "../errors.ts";
import { BinaryQuadraticModel } from "../qubo/bqm.ts";
import type { Vartype } from "../qubo/bqm.ts";

/** Most variables of a model that is read. */
export const VARIABLES_MAX = 1_000_000;

/** When this is thrown, a text or an object is no model of its format. */
export class FormatError extends SchedulerError {
  constructor(message: string) {
    super("ERR_FORMAT", message);
  }
}

/** Makes a model of its coefficients. Those of one pair add up; the pairs are in ascending order. */
export function modelOf(vartype: Vartype, linear: Float64Array, pairs: readonly (readonly [number, number, number])[], offset: number): BinaryQuadraticModel {
  const sums = new Map<number, number>();
  for (const [a, b, value] of pairs) {
    const key = Math.min(a, b) * linear.length + Math.max(a, b);
    sums.set(key, (sums.get(key) ?? 0) + value);
  }
  const sorted = [...sums].sort(([a], [b]) => a - b);
  const quadratic = {
    row: Int32Array.from(sorted, ([key]) => Math.floor(key / linear.length)),
    col: Int32Array.from(sorted, ([key]) => key % linear.length),
    value: Float64Array.from(sorted, ([, value]) => value),
  };
  return new BinaryQuadraticModel(vartype, linear, quadratic, offset);
}
