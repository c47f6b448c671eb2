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
export function scan(series: Float64Array): Segment {
  const rows = series.length;
  const sums = new Float64Array(rows + 1);
  for (let row = 0; row < rows; row++) {
    const value = series[row] ?? Number.NaN;
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
  return { fromRow: begin(sums, bestFrom, end), toRow: end, height: best };
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

/**
 * Scans all windows of `rows` rows, `stride` rows apart, of series of one length. For each length of a segment, the largest
 * sum within a window slides along the series (van Herk, 1992; Gil and Werman, 1993): the cost of a row does not depend on
 * `rows`. The buffers are made once, as there are many series.
 */
export class WindowScan {
  /** Heights of the scans by window, of the series that was last given to {@link WindowScan.of}. */
  readonly heights: Float64Array;
  readonly #rows: number;
  readonly #stride: number;
  readonly #sums: Float64Array;
  readonly #from: Float64Array;
  readonly #upTo: Float64Array;

  constructor(length: number, rows: number, stride: number) {
    this.#rows = rows;
    this.#stride = stride;
    this.heights = new Float64Array(Math.floor((length - rows) / stride) + 1);
    this.#sums = new Float64Array(length + 1);
    this.#from = new Float64Array(length);
    this.#upTo = new Float64Array(length);
  }

  /** Returns {@link WindowScan.heights}. */
  of(series: Float64Array): Float64Array {
    const [heights, sums, from, upTo] = [this.heights, this.#sums, this.#from, this.#upTo];
    for (let row = 0, sum = 0; row < series.length; row++) {
      const value = series[row] ?? 0;
      if (!Number.isNaN(value)) sum += value;
      sums[row + 1] = sum;
    }
    heights.fill(0);
    for (const tried of LENGTHS) {
      const length = Math.min(tried, this.#rows);
      const perRoot = 1 / Math.sqrt(length);
      const starts = series.length - length + 1;
      // A window holds `width` segments of this length. In blocks of as many: the largest up to a start, and from it on.
      const width = this.#rows - length + 1;
      for (let block = 0; block < starts; block += width) {
        const end = Math.min(block + width, starts);
        let most = Number.NEGATIVE_INFINITY;
        for (let start = block; start < end; start++) {
          const sum = (sums[start + length] ?? 0) - (sums[start] ?? 0);
          from[start] = sum;
          if (sum > most) most = sum;
          upTo[start] = most;
        }
        most = Number.NEGATIVE_INFINITY;
        for (let start = end - 1; start >= block; start--) {
          const sum = from[start] ?? 0;
          if (sum > most) most = sum;
          from[start] = most;
        }
      }
      for (let window = 0, start = 0; window < heights.length; window++, start += this.#stride) {
        const [left, right] = [from[start] ?? 0, upTo[start + width - 1] ?? 0];
        const height = (left > right ? left : right) * perRoot;
        if (height > (heights[window] ?? 0)) heights[window] = height;
      }
      if (length === this.#rows) break;
    }
    return heights;
  }
}

/**
 * The usual largest of the heights of normal windows, and at least `floor`; the windows from `skipFrom` to before `skipTo`
 * are left out.
 */
export function usualLargest(heights: Float64Array, floor: number, skipFrom: number = 0, skipTo: number = 0): number {
  const count = heights.length - (skipTo - skipFrom);
  const larger = count - Math.min(count - 1, Math.floor(USUAL_PART * count));
  // The few largest, ascending: cheaper than to sort all.
  const largest = new Float64Array(larger).fill(Number.NEGATIVE_INFINITY);
  for (let window = 0; window < heights.length; window++) {
    if (window === skipFrom && skipTo > skipFrom) window = skipTo;
    const height = heights[window] ?? Number.NEGATIVE_INFINITY;
    if (height <= (largest[0] ?? 0)) continue;
    let at = 1;
    while (at < larger && (largest[at] ?? 0) < height) {
      largest[at - 1] = largest[at] ?? 0;
      at++;
    }
    largest[at - 1] = height;
  }
  return Math.max(floor, largest[0] ?? 0);
}
