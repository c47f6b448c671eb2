/** The part of the values that counts as the tail. */
const TAIL_PART = 0.1;
/** Fewest values that make a tail. */
const TAIL_VALUES_MIN = 5;

/**
 * Rate at which a statistic of a normal window is at least as large as a value. Up to where the largest tenth begins it is
 * counted; beyond, Pareto's law with Hill's estimate of the index (Hill, 1975) goes through that tenth, since windows that
 * overlap count one strange hour many times.
 */
export class Tail {
  readonly #ascending: Float64Array;
  readonly #tailFrom: number;
  readonly #tailPart: number;
  readonly #index: number;

  constructor(values: Float64Array) {
    this.#ascending = values.slice().sort();
    const count = this.#ascending.length;
    const tailCount = Math.min(count, Math.max(TAIL_VALUES_MIN, Math.ceil(count * TAIL_PART)));
    this.#tailPart = tailCount / count;
    this.#tailFrom = this.#ascending[count - tailCount] ?? 0;
    let sum = 0;
    for (let at = count - tailCount; at < count; at++) sum += Math.log((this.#ascending[at] ?? 0) / this.#tailFrom);
    this.#index = sum / tailCount;
  }

  /** The part of normal windows with a value of at least this. */
  rate(value: number): number {
    if (!(value > this.#tailFrom && this.#tailFrom > 0)) return atLeast(this.#ascending, value) / this.#ascending.length;
    return this.#index > 0 ? this.#tailPart * (value / this.#tailFrom) ** (-1 / this.#index) : 0;
  }
}

/** Returns the number of values that are at least as large. */
function atLeast(ascending: Float64Array, value: number): number {
  let [low, high] = [0, ascending.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ascending[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return ascending.length - low;
}
