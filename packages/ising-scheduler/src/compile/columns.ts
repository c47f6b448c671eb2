/** Sums of the columns of a table whose rows have `width` numbers. */
export function totals(flat: Float64Array, width: number): Float64Array {
  const sums = new Float64Array(width);
  flat.forEach((value, at) => (sums[at % width] = (sums[at % width] ?? 0) + value));
  return sums;
}

/** The largest number of each column, at least 0. */
export function maxima(flat: Float64Array, width: number): Float64Array {
  const most = new Float64Array(width);
  flat.forEach((value, at) => (most[at % width] = Math.max(most[at % width] ?? 0, value)));
  return most;
}
