/** Counters from `from` to `to`, both included. */
export interface CounterRange {
  /** First counter. */
  readonly from: number;
  /** Last counter. */
  readonly to: number;
}

/** Most separate runs of counters above the lowest hole. A receiver closes the lowest hole to make room. */
export const RUNS_MAX = 1_024;

/**
 * Counters of one epoch of an origin that have been received: all up to `low`, and runs above it. Nothing below `low` can
 * be received again.
 */
export class CounterSet {
  #low = 0;
  /** Ascending, with at least one missing counter before each. */
  readonly #runs: { from: number; to: number }[] = [];

  /** Highest counter below which none is missing. */
  get low(): number {
    return this.#low;
  }

  /** Highest counter received. */
  get high(): number {
    return this.#runs.at(-1)?.to ?? this.#low;
  }

  /** Runs above `low`, ascending. */
  get runs(): readonly CounterRange[] {
    return this.#runs;
  }

  /** Returns true for a counter that was received. */
  has(counter: number): boolean {
    if (counter <= this.#low) return true;
    const run = this.#runs[this.#indexOf(counter)];
    return run !== undefined && run.from <= counter;
  }

  /** Adds a counter that is missing. */
  add(counter: number): void {
    const index = this.#indexOf(counter);
    const next = this.#runs[index];
    const previous = this.#runs[index - 1];
    const joinsNext = next?.from === counter + 1;
    if (counter === this.#low + 1) {
      this.#low = joinsNext ? next.to : counter;
      if (joinsNext) this.#runs.shift();
    } else if (previous?.to === counter - 1) {
      previous.to = joinsNext ? next.to : counter;
      if (joinsNext) this.#runs.splice(index, 1);
    } else if (joinsNext) {
      next.from = counter;
    } else {
      this.#runs.splice(index, 0, { from: counter, to: counter });
    }
  }

  /** Counts everything up to `counter` as received. */
  raise(counter: number): void {
    if (counter <= this.#low) return;
    const index = this.#indexOf(counter + 1);
    const next = this.#runs[index];
    const joins = next !== undefined && next.from <= counter + 1;
    this.#low = joins ? next.to : counter;
    this.#runs.splice(0, joins ? index + 1 : index);
  }

  /** Yields the missing counters up to `to`, ascending. */
  *holes(to: number): Generator<CounterRange, void, undefined> {
    let from = this.#low + 1;
    for (const run of this.#runs) {
      if (from > to) return;
      yield { from, to: Math.min(run.from - 1, to) };
      from = run.to + 1;
    }
    if (from <= to) yield { from, to };
  }

  /** Index of the first run that ends at `counter` or later. */
  #indexOf(counter: number): number {
    let low = 0;
    let high = this.#runs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#runs[middle]?.to ?? counter) < counter) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
