/** Returns, for each entry over `scope`, the entry over `part` that has the same states. The last variable changes fastest in both. */
export function entriesOf(scope: readonly number[], part: readonly number[], sizes: readonly number[]): Int32Array {
  let entries = Int32Array.of(0);
  for (const variable of scope) {
    const size = sizes[variable] ?? 1;
    const position = part.indexOf(variable);
    const stride = position < 0 ? 0 : sizeOf(part.slice(position + 1), sizes);
    const longer = new Int32Array(entries.length * size);
    for (let at = 0; at < longer.length; at++) longer[at] = (entries[Math.floor(at / size)] ?? 0) + (at % size) * stride;
    entries = longer;
  }
  return entries;
}

/** Returns the number of entries of a table over `scope`. */
export function sizeOf(scope: readonly number[], sizes: readonly number[]): number {
  return scope.reduce((product, variable) => product * (sizes[variable] ?? 1), 1);
}

/** Adds each value to the entry of `sums` that `entries` says. */
export function scatterSum(values: Float64Array, entries: Int32Array, sums: Float64Array): void {
  for (let at = 0; at < values.length; at++) {
    const to = entries[at] ?? 0;
    sums[to] = (sums[to] ?? 0) + (values[at] ?? 0);
  }
}

/** Raises each entry of `peaks` that `entries` says to the value, if that is larger. */
export function scatterMax(values: Float64Array, entries: Int32Array, peaks: Float64Array): void {
  for (let at = 0; at < values.length; at++) {
    const to = entries[at] ?? 0;
    const value = values[at] ?? 0;
    if (value > (peaks[to] ?? 0)) peaks[to] = value;
  }
}

/** Sets every value to 0 whose state is another one. */
export function zeroOthers(values: Float64Array, states: Int32Array, state: number): void {
  for (let at = 0; at < values.length; at++) if (states[at] !== state) values[at] = 0;
}

/** Divides the values by their sum, and returns the sum. Values that are all 0 stay so. */
export function normalise(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  if (sum > 0) for (let at = 0; at < values.length; at++) values[at] = (values[at] ?? 0) / sum;
  return sum;
}

/** Returns the index of the largest value, the first among equals, where `entries` is `entry`; anywhere without `entries`. */
export function maximise(values: Float64Array, entries: Int32Array | undefined, entry: number): number {
  let [best, most] = [-1, -1];
  for (let at = 0; at < values.length; at++) {
    const value = values[at] ?? 0;
    if (value > most && (!entries || entries[at] === entry)) [best, most] = [at, value];
  }
  return best;
}
