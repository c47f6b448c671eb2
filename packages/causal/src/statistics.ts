/** What is normal for a series, in figures that single outliers cannot move. */
export interface Baseline {
  /** Median. */
  readonly centre: number;
  /** Spread, in the unit of the series, comparable to a standard deviation. */
  readonly spread: number;
}

/** The median absolute deviation times this is the standard deviation of a normal distribution. */
const MAD_TO_DEVIATION = 1.4826;
/** A spread below this part of the centre is taken to be this part: constant series have no spread to divide by. */
const SPREAD_FLOOR = 1e-3;

/**
 * Median and scaled median absolute deviation (Rousseeuw and Croux, 1993) of the values that are there; undefined if
 * fewer than `valuesMin` are.
 */
export function baseline(series: Float64Array, valuesMin: number): Baseline | undefined {
  const values = series.filter((value) => Number.isFinite(value)).sort();
  if (values.length < valuesMin) return undefined;
  const centre = median(values);
  const mad = median(values.map((value) => Math.abs(value - centre)).sort());
  return { centre, spread: Math.max(mad * MAD_TO_DEVIATION, Math.abs(centre) * SPREAD_FLOOR, Number.MIN_VALUE) };
}

/** Pearson's correlation over the rows where both have a value; 0 if it is not defined. */
export function correlation(a: Float64Array, b: Float64Array): number {
  let [count, sumA, sumB] = [0, 0, 0];
  const both = (row: number): boolean => Number.isFinite(a[row]) && Number.isFinite(b[row]);
  for (let row = 0; row < a.length; row++) {
    if (!both(row)) continue;
    count++;
    sumA += a[row] ?? 0;
    sumB += b[row] ?? 0;
  }
  let [aa, bb, ab] = [0, 0, 0];
  for (let row = 0; row < a.length; row++) {
    if (!both(row)) continue;
    const [x, y] = [(a[row] ?? 0) - sumA / count, (b[row] ?? 0) - sumB / count];
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  return aa > 0 && bb > 0 ? ab / Math.sqrt(aa * bb) : 0;
}

/** The median of values that ascend; NaN if there are none. */
function median(ascending: Float64Array): number {
  const middle = ascending.length / 2;
  const [low, high] = [ascending[Math.ceil(middle) - 1] ?? Number.NaN, ascending[Math.floor(middle)] ?? Number.NaN];
  return (low + high) / 2;
}
