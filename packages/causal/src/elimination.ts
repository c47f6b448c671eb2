import { QueryTooLargeError } from "./errors.ts";

/** Most entries that one table may have while variables are eliminated: 2^20, 8 MB. */
export const FACTOR_ENTRIES_MAX: number = 2 ** 20;

/**
 * A table over binary variables. Bit k of an index into `values` is the value of `scope[k]`; `scope` ascends.
 */
export interface Factor {
  readonly scope: readonly number[];
  readonly values: Float64Array;
}

/** A number kept as `mantissa * e^logScale`, so that products of many small probabilities do not vanish. */
export interface Eliminated {
  readonly factor: Factor;
  readonly logScale: number;
}

/**
 * Sums all variables but `keep` out of the product of the factors (variable elimination; Koller and Friedman,
 * Probabilistic Graphical Models, 2009, §9.3). The next variable is always the one whose table is smallest, the lowest
 * number among equals, so the order and the rounding are the same on every run.
 *
 * @throws {@link QueryTooLargeError} if a table would have more than {@link FACTOR_ENTRIES_MAX} entries.
 */
export function eliminate(factors: readonly Factor[], keep: number | undefined): Eliminated {
  const pool = new Set(factors);
  const uses = new Map<number, Set<Factor>>();
  for (const factor of factors) index(uses, factor);
  const widths = new Map<number, number>();
  for (const variable of [...uses.keys()].sort((a, b) => a - b)) widths.set(variable, widthOf(variable, uses));
  if (keep !== undefined) widths.delete(keep);
  let logScale = 0;
  while (widths.size > 0) {
    const variable = narrowest(widths);
    widths.delete(variable);
    const used = [...(uses.get(variable) ?? [])];
    const product = used.reduce(multiply);
    const summed = sumOut(product, variable);
    const peak = normalise(summed.values);
    if (peak === 0) return { factor: { scope: [], values: new Float64Array(1) }, logScale: 0 };
    logScale += Math.log(peak);
    for (const factor of used) {
      pool.delete(factor);
      for (const other of factor.scope) uses.get(other)?.delete(factor);
    }
    pool.add(summed);
    index(uses, summed);
    for (const other of summed.scope) if (widths.has(other)) widths.set(other, widthOf(other, uses));
  }
  let factor: Factor = { scope: [], values: Float64Array.of(1) };
  for (const rest of pool) {
    factor = multiply(factor, rest);
    logScale += Math.log(normalise(factor.values) || 1);
  }
  return { factor, logScale };
}

function index(uses: Map<number, Set<Factor>>, factor: Factor): void {
  for (const variable of factor.scope) {
    const set = uses.get(variable);
    if (set) set.add(factor);
    else uses.set(variable, new Set([factor]));
  }
}

function widthOf(variable: number, uses: ReadonlyMap<number, ReadonlySet<Factor>>): number {
  const scope = new Set<number>();
  for (const factor of uses.get(variable) ?? []) for (const other of factor.scope) scope.add(other);
  return scope.size;
}

function narrowest(widths: ReadonlyMap<number, number>): number {
  let best = -1;
  let bestWidth = Infinity;
  for (const [variable, width] of widths) {
    if (width < bestWidth) [best, bestWidth] = [variable, width];
  }
  return best;
}

function multiply(a: Factor, b: Factor): Factor {
  const scope = [...new Set([...a.scope, ...b.scope])].sort((x, y) => x - y);
  const entries = 2 ** scope.length;
  if (entries > FACTOR_ENTRIES_MAX) throw new QueryTooLargeError("table entries", entries, FACTOR_ENTRIES_MAX);
  const bitsOfA = a.scope.map((variable) => scope.indexOf(variable));
  const bitsOfB = b.scope.map((variable) => scope.indexOf(variable));
  const values = new Float64Array(entries);
  for (let at = 0; at < entries; at++) {
    values[at] = (a.values[gather(at, bitsOfA)] ?? 0) * (b.values[gather(at, bitsOfB)] ?? 0);
  }
  return { scope, values };
}

function gather(at: number, bits: readonly number[]): number {
  let index = 0;
  for (let k = 0; k < bits.length; k++) index |= ((at >> (bits[k] ?? 0)) & 1) << k;
  return index;
}

function sumOut(factor: Factor, variable: number): Factor {
  const bit = factor.scope.indexOf(variable);
  const low = (1 << bit) - 1;
  const values = new Float64Array(factor.values.length / 2);
  for (let at = 0; at < values.length; at++) {
    const zero = ((at & ~low) << 1) | (at & low);
    values[at] = (factor.values[zero] ?? 0) + (factor.values[zero | (low + 1)] ?? 0);
  }
  return { scope: factor.scope.filter((other) => other !== variable), values };
}

function normalise(values: Float64Array): number {
  let peak = 0;
  for (const value of values) peak = Math.max(peak, value);
  if (peak > 0) for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) / peak;
  return peak;
}
