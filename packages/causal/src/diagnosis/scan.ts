/** A run of rows, and how far above normal the series was in it. */
export interface Segment {
  /** The first row: since when. */
  readonly fromRow: number;
  /** The row after the last one. */
  readonly toRow: number;
  /** Sum over the rows, divided by the root of their number. */
  readonly height: number;
}

/** The height that this part of the normal windows stays below is the usual largest. */
const USUAL_PART = 0.97;
/** Lengths that are tried: close enough to any length, and few. */
const LENGTHS = [1, 2, 3, 5, 8, 13, 21, 34, 55, 89, 144, 233, 377, 610, 987, 1597, 2584, 4181, 6765, 10946];

/**
 * The scan statistic of a window: the segment with the largest sum over the root of its length. A short jump and a long
 * small shift are found alike, and the first row of the segment is the change point. Missing rows count as normal.
 */
export function scan(series: Float64Array, from: number = 0, to: number = series.length): Segment {
  const rows = to - from;
  const sums = new Float64Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    const value = series[from + row] ?? Number.NaN;
    sums[row + 1] = (sums[row] ?? 0) + (Number.isNaN(value) ? 0 : value);
  }
  let [best, bestFrom, bestLength] = [0, 0, 0];
  for (const tried of LENGTHS) {
    const length = Math.min(tried, rows);
    const perRoot = 1 / Math.sqrt(length);
    for (let last = length; last <= rows; last++) {
      const height = ((sums[last] ?? 0) - (sums[last - length] ?? 0)) * perRoot;
      if (height > best) [best, bestFrom, bestLength] = [height, last - length, length];
    }
    if (length === rows) break;
  }
  const end = bestFrom + bestLength;
  return { fromRow: from + begin(sums, bestFrom, end), toRow: from + end, height: best };
}

/** The exact first row of a segment, near to the one that the tried lengths gave. */
function begin(sums: Float64Array, near: number, to: number): number {
  let [best, at] = [Number.NEGATIVE_INFINITY, near];
  for (let from = Math.max(0, to - 2 * (to - near)); from < to; from++) {
    const height = ((sums[to] ?? 0) - (sums[from] ?? 0)) / Math.sqrt(to - from);
    if (height > best) [best, at] = [height, from];
  }
  return at;
}

/** The heights of the scans of all windows of `rows` rows, `stride` rows apart. */
export function scanWindows(series: Float64Array, rows: number, stride: number): Float64Array {
  const heights = new Float64Array(Math.floor((series.length - rows) / stride) + 1);
  for (let window = 0; window < heights.length; window++) {
    heights[window] = scan(series, window * stride, window * stride + rows).height;
  }
  return heights;
}

/** The usual largest of the heights of normal windows, and at least `floor`. */
export function usualLargest(heights: Float64Array, floor: number): number {
  const ascending = heights.slice().sort();
  const at = Math.min(ascending.length - 1, Math.floor(USUAL_PART * ascending.length));
  return Math.max(floor, ascending[at] ?? 0);
}
