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

/** The order in which variables are summed out. */
export interface EliminationPlan {
  readonly order: readonly number[];
}

/**
 * Plans to sum all variables but `keep` out of a product of tables, from their scopes alone. The next variable is always
 * the one whose table is smallest, the lowest number among equals, so the order and the rounding are the same on every run.
 *
 * @returns undefined if all tables together would have more than `entriesMax` entries.
 * @throws {@link QueryTooLargeError} if a table would have more than {@link FACTOR_ENTRIES_MAX} entries.
 */
export function planElimination(
  scopes: readonly (readonly number[])[],
  keep: number | undefined,
  entriesMax: number,
): EliminationPlan | undefined {
  const uses = new Map<number, Set<readonly number[]>>();
  for (const scope of scopes) index(uses, scope, scope);
  /** Number of variables in the table of each one that is left. */
  const widths = new Map<number, number>();
  const queue = new LeastFirst();
  const measure = (variable: number): void => {
    const width = scopeOf(uses.get(variable) ?? []).length;
    if (widths.get(variable) === width) return;
    widths.set(variable, width);
    queue.push(width, variable);
  };
  for (const variable of uses.keys()) if (variable !== keep) measure(variable);
  const order: number[] = [];
  let entries = 0;
  for (let next = queue.pop(); next; next = queue.pop()) {
    const { width, variable } = next;
    if (widths.get(variable) !== width) continue;
    entries += 2 ** width;
    if (entries > entriesMax) return undefined;
    if (2 ** width > FACTOR_ENTRIES_MAX) throw new QueryTooLargeError("table entries", 2 ** width, FACTOR_ENTRIES_MAX);
    order.push(variable);
    widths.delete(variable);
    const used = [...(uses.get(variable) ?? [])];
    const rest = scopeOf(used).filter((other) => other !== variable);
    for (const scope of used) for (const other of scope) uses.get(other)?.delete(scope);
    index(uses, rest, rest);
    for (const other of rest) if (widths.has(other)) measure(other);
  }
  return { order };
}

/**
 * Sums all variables but `keep` out of the product of the factors, in the order of the plan (variable elimination; Koller
 * and Friedman, Probabilistic Graphical Models, 2009, §9.3).
 */
export function eliminate(factors: readonly Factor[], { order }: EliminationPlan): Eliminated {
  const pool = new Set(factors);
  const uses = new Map<number, Set<Factor>>();
  for (const factor of factors) index(uses, factor.scope, factor);
  let logScale = 0;
  for (const variable of order) {
    const used = [...(uses.get(variable) ?? [])];
    const summed = sumOut(used.reduce(multiply), variable);
    const peak = normalise(summed.values);
    if (peak === 0) return { factor: { scope: [], values: new Float64Array(1) }, logScale: 0 };
    logScale += Math.log(peak);
    for (const factor of used) {
      pool.delete(factor);
      for (const other of factor.scope) uses.get(other)?.delete(factor);
    }
    pool.add(summed);
    index(uses, summed.scope, summed);
  }
  let factor: Factor = { scope: [], values: Float64Array.of(1) };
  for (const rest of pool) {
    factor = multiply(factor, rest);
    logScale += Math.log(normalise(factor.values) || 1);
  }
  return { factor, logScale };
}

function index<T>(uses: Map<number, Set<T>>, scope: readonly number[], item: T): void {
  for (const variable of scope) {
    const set = uses.get(variable);
    if (set) set.add(item);
    else uses.set(variable, new Set([item]));
  }
}

function scopeOf(scopes: Iterable<readonly number[]>): readonly number[] {
  const scope = new Set<number>();
  for (const one of scopes) for (const variable of one) scope.add(variable);
  return [...scope];
}

/** A binary heap: the narrowest variable first, the lowest number among equals. */
class LeastFirst {
  readonly #heap: { width: number; variable: number }[] = [];

  push(width: number, variable: number): void {
    const heap = this.#heap;
    heap.push({ width, variable });
    for (let at = heap.length - 1; at > 0 && this.#isBefore(at, (at - 1) >> 1); at = (at - 1) >> 1) this.#swap(at, (at - 1) >> 1);
  }

  pop(): { width: number; variable: number } | undefined {
    const heap = this.#heap;
    if (heap.length > 1) this.#swap(0, heap.length - 1);
    const first = heap.pop();
    for (let at = 0; ; ) {
      let least = at;
      for (const child of [2 * at + 1, 2 * at + 2]) if (this.#isBefore(child, least)) least = child;
      if (least === at) return first;
      this.#swap(at, least);
      at = least;
    }
  }

  #isBefore(a: number, b: number): boolean {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (!one || !other) return false;
    return one.width < other.width || (one.width === other.width && one.variable < other.variable);
  }

  #swap(a: number, b: number): void {
    const [one, other] = [this.#heap[a], this.#heap[b]];
    if (one && other) [this.#heap[a], this.#heap[b]] = [other, one];
  }
}

function multiply(a: Factor, b: Factor): Factor {
  const scope = [...new Set([...a.scope, ...b.scope])].sort((x, y) => x - y);
  const entries = 2 ** scope.length;
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
