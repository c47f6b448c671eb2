import { MANY, type WeighedPattern } from "./failure-counts.ts";

/** A probability, with the 90 % interval that the data allow. */
export interface Estimate {
  /** The estimate. */
  readonly value: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
}

/** Learned weights of one node: its own probability of failing, and the strength of each cause. */
export interface NodeFit {
  readonly own: Estimate;
  readonly strengths: readonly Estimate[];
}

/** The present value counts as much as this many observations: without data, it stays. */
const PRIOR_WEIGHT = 1;
const ROUNDS_MAX = 2_000;
const TOLERANCE = 1e-9;
/** The 95th percentile of the normal distribution: 5 % on each side are left out. */
const NORMAL_95 = 1.6449;

/**
 * Fits a noisy-OR by expectation maximisation (Dempster, Laird and Rubin, 1977). Each failed cause, and the node itself, may
 * have made the node fail; the E-step gives each the probability that it did, the M-step divides by how often it could
 * have. Intervals come from the observed information, on the scale of log-odds, so that they stay within 0..1.
 *
 * @param own - present probability of the node's own failing, `strengths` those of `causes`.
 */
export function fitNoisyOr(patterns: readonly WeighedPattern[], causes: readonly string[], own: number, strengths: readonly number[]): NodeFit {
  const positionOf = new Map(causes.map((cause, at) => [cause, at + 1]));
  const start = [own, ...strengths].map((value) => Math.min(1 - 1e-6, Math.max(1e-6, value)));
  const rows = patterns.flatMap(({ failedCauses, failed, healthy }) => {
    if (failedCauses === MANY) return [];
    const active = [0];
    for (const cause of failedCauses) {
      const at = positionOf.get(cause);
      // A cause that the graph does not have cannot be told from the node itself: such a moment says nothing.
      if (at === undefined) return [];
      active.push(at);
    }
    return [{ active, failed, healthy }];
  });
  const chances = start.map(() => PRIOR_WEIGHT);
  for (const { active, failed, healthy } of rows) for (const at of active) chances[at] = (chances[at] ?? 0) + failed + healthy;
  let values = start.slice();
  for (let round = 0; round < ROUNDS_MAX; round++) {
    const fired = start.map((value) => PRIOR_WEIGHT * value);
    for (const { active, failed } of rows) {
      if (failed === 0) continue;
      const chance = 1 - spared(values, active);
      for (const at of active) fired[at] = (fired[at] ?? 0) + (failed * (values[at] ?? 0)) / chance;
    }
    const next = fired.map((count, at) => Math.min(1 - 1e-12, count / (chances[at] ?? 1)));
    const change = Math.max(...next.map((value, at) => Math.abs(value - (values[at] ?? 0))));
    values = next;
    if (change < TOLERANCE) break;
  }
  const deviations = standardErrors(rows, values);
  const [first = { value: own, low: 0, high: 1 }, ...others] = values.map((value, at) => interval(value, deviations[at] ?? 0));
  return { own: first, strengths: others };
}

interface Row {
  readonly active: readonly number[];
  readonly failed: number;
  readonly healthy: number;
}

/** The probability that none of the active ones fires. */
function spared(values: readonly number[], active: readonly number[]): number {
  let product = 1;
  for (const at of active) product *= 1 - (values[at] ?? 0);
  return product;
}

/** Roots of the diagonal of the inverse of the observed information (the negative Hessian of the log-likelihood). */
function standardErrors(rows: readonly Row[], values: readonly number[]): readonly number[] {
  const size = values.length;
  const information = values.map((value, at) => values.map((_, other) => (other === at ? PRIOR_WEIGHT / (value * (1 - value)) : 0)));
  for (const { active, failed, healthy } of rows) {
    const inactive = spared(values, active);
    const chance = 1 - inactive;
    for (const a of active) {
      const row = information[a] ?? [];
      const left = 1 - (values[a] ?? 0);
      for (const b of active) {
        const right = 1 - (values[b] ?? 0);
        const slope = (inactive / left) * (inactive / right);
        const bend = a === b ? 0 : -inactive / (left * right);
        row[b] = (row[b] ?? 0) + failed * (slope / chance ** 2 - bend / chance) + (a === b ? healthy / left ** 2 : 0);
      }
    }
  }
  const inverse = inverted(information);
  return Array.from({ length: size }, (_, at) => Math.sqrt(Math.max(0, inverse[at]?.[at] ?? 0)));
}

/** Gauss-Jordan elimination; the matrix is symmetric and positive where the fit is a maximum. */
function inverted(matrix: readonly (readonly number[])[]): readonly (readonly number[])[] {
  const size = matrix.length;
  const work = matrix.map((row, at) => [...row, ...row.map((_, column) => Number(column === at))]);
  for (let column = 0; column < size; column++) {
    let pivot = column;
    for (let row = column + 1; row < size; row++) if (Math.abs(work[row]?.[column] ?? 0) > Math.abs(work[pivot]?.[column] ?? 0)) pivot = row;
    const lead = work[pivot] ?? [];
    [work[pivot], work[column]] = [work[column] ?? [], lead];
    const scale = lead[column] || 1;
    for (let at = 0; at < 2 * size; at++) lead[at] = (lead[at] ?? 0) / scale;
    for (const [row, cells] of work.entries()) {
      const factor = cells[column] ?? 0;
      if (row === column || factor === 0) continue;
      for (let at = 0; at < 2 * size; at++) cells[at] = (cells[at] ?? 0) - factor * (lead[at] ?? 0);
    }
  }
  return work.map((row) => row.slice(size));
}

function interval(value: number, deviation: number): Estimate {
  const odds = Math.log(value / (1 - value));
  const half = (NORMAL_95 * deviation) / (value * (1 - value));
  const back = (at: number): number => 1 / (1 + Math.exp(-at));
  return { value, low: back(odds - half), high: back(odds + half) };
}
