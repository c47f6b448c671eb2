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
/** Least spread, that of zeros alone: neither its square nor what is divided by it leaves the range of numbers. */
const SPREAD_MIN = 1e-100;

/**
 * Median and scaled median absolute deviation (Rousseeuw and Croux, 1993) of the values that are there; undefined if
 * fewer than `valuesMin` are.
 */
export function baseline(series: Float64Array, valuesMin: number): Baseline | undefined {
  const kept = new Float64Array(series.length);
  let count = 0;
  for (const value of series) if (Number.isFinite(value)) kept[count++] = value;
  if (count < valuesMin) return undefined;
  const values = kept.subarray(0, count);
  const centre = median(values);
  for (let at = 0; at < count; at++) values[at] = Math.abs((values[at] ?? 0) - centre);
  const mad = median(values);
  return { centre, spread: Math.max(mad * MAD_TO_DEVIATION, Math.abs(centre) * SPREAD_FLOOR, SPREAD_MIN) };
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

/** Sums of the squares of each of two series and of their products, over the rows where both have a value. */
export function products(a: Float64Array, b: Float64Array): readonly [aa: number, bb: number, ab: number] {
  let [aa, bb, ab] = [0, 0, 0];
  for (let row = 0; row < a.length; row++) {
    const [x, y] = [a[row] ?? Number.NaN, b[row] ?? Number.NaN];
    if (Number.isNaN(x * y)) continue;
    aa += x * x;
    bb += y * y;
    ab += x * y;
  }
  return [aa, bb, ab];
}

/** The median; NaN if there are no values. Reorders them (quickselect, Hoare 1961). */
function median(values: Float64Array): number {
  const count = values.length;
  if (count === 0) return Number.NaN;
  const middle = count >> 1;
  const high = select(values, middle);
  if (count % 2 === 1) return high;
  let low = Number.NEGATIVE_INFINITY;
  for (let at = 0; at < middle; at++) low = Math.max(low, values[at] ?? 0);
  return (low + high) / 2;
}

/** Reorders until the value of a rank is in its place, with none above it before it, and returns that value. */
function select(values: Float64Array, rank: number): number {
  let [from, to] = [0, values.length - 1];
  while (from < to) {
    const pivot = values[(from + to) >> 1] ?? 0;
    let [left, right] = [from, to];
    while (left <= right) {
      while ((values[left] ?? 0) < pivot) left++;
      while ((values[right] ?? 0) > pivot) right--;
      if (left > right) break;
      const swapped = values[left] ?? 0;
      values[left++] = values[right] ?? 0;
      values[right--] = swapped;
    }
    if (rank <= right) to = right;
    else if (rank >= left) from = left;
    else break;
  }
  return values[rank] ?? Number.NaN;
}
