import { MetricTable } from "../metric-table.ts";
import { numberIn, readCells, timeIn } from "./cell.ts";
import { ImportError } from "./import-error.ts";

/** Subject of one column of measurements. */
export interface Series {
  /** The service that was measured. */
  readonly service: string;
  /** Name of the measurement. */
  readonly metric: string;
  /** Statistic by which the measurements of an interval became one number. */
  readonly statistic: string;
}

/** Measurements as they stand in the file. */
export interface SeriesRows {
  /** The series. */
  readonly series: readonly Series[];
  /** Ascending. */
  readonly timesMs: readonly number[];
  /** One row per time, one cell per series; `undefined` where nothing was measured. */
  readonly rows: readonly (readonly (number | undefined)[])[];
}

const HEADER_ROWS = 3;

/**
 * Reads rows with three header rows (service, metric, statistic), an optional row that names the index, then one row a
 * time: the layout of Amazon's PetShop data.
 *
 * @throws {@link ImportError} naming the line.
 */
export function readHeaderRows(table: readonly (readonly string[])[]): SeriesRows {
  const [services = [], metrics = [], statistics = []] = readCells(table);
  const series = services.slice(1).map((service, at) => ({ service, metric: metrics[at + 1] ?? "", statistic: statistics[at + 1] ?? "" }));
  if (series.length === 0 || series.some(({ service, metric, statistic }) => !service || !metric || !statistic)) {
    throw new ImportError("three header rows: service, metric, statistic", 1);
  }
  const hasIndexName = table[HEADER_ROWS]?.slice(1).every((cell) => cell.trim() === "") && /[a-z_]/i.test(table[HEADER_ROWS]?.[0] ?? "");
  const first = hasIndexName ? HEADER_ROWS + 1 : HEADER_ROWS;
  const body = table.slice(first);
  const timesMs = body.map((row, at) => timeIn(row[0], first + at + 1));
  for (const [at, timeMs] of timesMs.entries()) {
    if (at > 0 && timeMs <= (timesMs[at - 1] ?? 0)) throw new ImportError("times that ascend", first + at + 1);
  }
  return { series, timesMs, rows: body.map((row, at) => series.map((_, column) => numberIn(row[column + 1], first + at + 1))) };
}

/**
 * The columns of one statistic a metric, as a table. A metric that is not mentioned is left out.
 *
 * @param statistics - by metric; those of PetShop if left out.
 */
export function tableOfSeries({ series, timesMs, rows }: SeriesRows, statistics: Readonly<Record<string, string>> = PETSHOP_STATISTICS): MetricTable {
  const table = new MetricTable(timesMs);
  for (const [column, { service, metric, statistic }] of series.entries()) {
    if (Object.hasOwn(statistics, metric) && statistics[metric] === statistic) {
      table.set(service, metric, rows.map((row) => row[column] ?? Number.NaN));
    }
  }
  return table;
}

const PETSHOP_STATISTICS = { latency: "Average", availability: "Average", requests: "Sum" };
