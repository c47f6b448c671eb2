import { readNumbers, readObjects } from "./arguments.ts";
import { InvalidTableError, quote } from "./errors.ts";

/** One measurement: what a metric of a node was at a time. */
export interface MetricSample {
  /** The node that was measured. */
  readonly node: string;
  /** What was measured, for example `latency`. */
  readonly metric: string;
  /** When, in milliseconds; the samples of one time share a row. */
  readonly timeMs: number;
  /** The value, in whatever unit the metric has. */
  readonly value: number;
}

/**
 * Metrics of many nodes over the same times: one column of numbers per node and metric. NaN is a missing value.
 *
 * @example
 * ```ts
 * import { MetricTable } from "@void-system/causal";
 * const table = new MetricTable(3).set("API", "latency", [0.1, Number.NaN, 0.3]);
 * table.nodes(); // => ["API"]
 * table.get("API", "latency")?.at(-1); // => 0.3
 * ```
 */
export class MetricTable {
  /** How many times, and so values per column, the table has. */
  readonly rows: number;
  /** When each row was, in milliseconds, where that is known: {@link MetricTable.fromSamples} knows it. */
  readonly timesMs: Float64Array | undefined;
  readonly #columns = new Map<string, Map<string, Float64Array>>();

  /**
   * @param rows - how many times the table has, or the times themselves, in milliseconds, ascending.
   * @throws {@link InvalidTableError} if `rows` is not a whole number >= 0, or the times do not ascend.
   */
  constructor(rows: number | ArrayLike<number>) {
    if (typeof rows !== "number") {
      readNumbers("times", rows);
      for (let row = 0; row < rows.length; row++) checkNumber("a row", "time", rows[row]);
    }
    this.timesMs = typeof rows === "number" ? undefined : Float64Array.from(rows);
    this.rows = this.timesMs?.length ?? Number(rows);
    if (!Number.isSafeInteger(this.rows) || this.rows < 0) throw new InvalidTableError(`expected rows >= 0, got ${this.rows}`);
    this.timesMs?.forEach((timeMs, row, times) => {
      if (!Number.isFinite(timeMs)) throw new InvalidTableError(`expected a finite time, got ${timeMs}`);
      if (timeMs <= (times[row - 1] ?? Number.NEGATIVE_INFINITY)) {
        throw new InvalidTableError(`expected times that ascend, got ${timeMs} after ${times[row - 1]} in row ${row}`);
      }
    });
  }

  /**
   * A table from single measurements in any order: the distinct times, ascending, are its rows. What is not mentioned
   * is missing; of two samples of the same node, metric and time the later one counts.
   *
   * @throws {@link InvalidTableError} if a time is not finite, or a value no number.
   * @example
   * ```ts
   * import { MetricTable } from "@void-system/causal";
   * const table = MetricTable.fromSamples([
   *   { node: "API", metric: "latency", timeMs: 2000, value: 0.2 },
   *   { node: "API", metric: "latency", timeMs: 1000, value: 0.1 },
   * ]);
   * [...(table.get("API", "latency") ?? [])]; // => [0.1, 0.2]
   * ```
   */
  static fromSamples(samples: Iterable<MetricSample>): MetricTable {
    const all = [...readObjects("samples", samples)];
    for (const { node, metric, timeMs, value } of all) {
      if (!Number.isFinite(timeMs)) throw new InvalidTableError(`expected a finite time, got ${quote(timeMs)}`);
      checkNumber(node, metric, value);
    }
    const times = [...new Set(all.map(({ timeMs }) => timeMs))].sort((a, b) => a - b);
    const rowOf = new Map(times.map((timeMs, row) => [timeMs, row]));
    const table = new MetricTable(times);
    for (const { node, metric, timeMs, value } of all) {
      const row = rowOf.get(timeMs);
      const empty = (): Float64Array => new Float64Array(times.length).fill(Number.NaN);
      const column = table.get(node, metric) ?? table.#add(node, metric, empty());
      if (row !== undefined) column[row] = value;
    }
    return table;
  }

  /**
   * Puts in a copy of one column; it replaces the column that was there.
   *
   * @returns this table, to chain.
   * @throws {@link InvalidTableError} if the number of values is not {@link MetricTable.rows}, or one is no number.
   */
  set(node: string, metric: string, values: ArrayLike<number>): this {
    readNumbers("values", values);
    if (values.length !== this.rows) {
      throw new InvalidTableError(
        `expected ${this.rows} values of ${quote(metric)} of ${quote(node)}, got ${values.length}; NaN is missing`,
      );
    }
    const column = new Float64Array(this.rows);
    for (let row = 0; row < column.length; row++) column[row] = checkNumber(node, metric, values[row]);
    this.#add(node, metric, column);
    return this;
  }

  /** The column of a node's metric, or undefined if it was never set. */
  get(node: string, metric: string): Float64Array | undefined {
    return this.#columns.get(node)?.get(metric);
  }

  /** Every node that has a column, in the order of its first mention. */
  nodes(): readonly string[] {
    return [...this.#columns.keys()];
  }

  /** The metrics that a node has columns of, in the order of their first mention. */
  metrics(node: string): readonly string[] {
    return [...(this.#columns.get(node)?.keys() ?? [])];
  }

  #add(node: string, metric: string, column: Float64Array): Float64Array {
    const metrics = this.#columns.get(node) ?? new Map<string, Float64Array>();
    this.#columns.set(node, metrics.set(metric, column));
    return column;
  }
}

function checkNumber(node: string, metric: string, value: unknown): number {
  if (typeof value === "number") return value;
  const got = quote(value);
  throw new InvalidTableError(`expected numbers for ${quote(metric)} of ${quote(node)}, got ${got}; NaN is missing`);
}
