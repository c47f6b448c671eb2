/**
 * Where telemetry stands in the store. One key a measurement, so that writing it twice is writing it once; a head per
 * period that says which measurements there are; a cursor that follows the batches it counts.
 *
 * ```text
 * telemetry/DATASET/head                                         calls, symptom
 * telemetry/DATASET/PERIOD/head                                  series, times
 * telemetry/DATASET/PERIOD/cursor                                batches written
 * telemetry/DATASET/PERIOD/TIME/SERVICE/METRIC/STATISTIC         a number as text
 * ```
 */
import type { Series } from "@void-system/causal/import";
import type { Period, PeriodName } from "./dataset.ts";

/** The key of a dataset's head. */
export function datasetHeadKey(dataset: string): string {
  return `telemetry/${dataset}/head`;
}

/** The key of a period's head. */
export function periodHeadKey(dataset: string, period: PeriodName): string {
  return `telemetry/${dataset}/${period}/head`;
}

/** The key of a period's cursor. */
export function cursorKey(dataset: string, period: PeriodName): string {
  return `telemetry/${dataset}/${period}/cursor`;
}

/** The key of one measurement. Slashes inside a name are escaped, so that no two measurements share a key. */
export function measurementKey(dataset: string, period: PeriodName, timeSeconds: number, { service, metric, statistic }: Series): string {
  return ["telemetry", dataset, period, String(timeSeconds), ...[service, metric, statistic].map(encodeURIComponent)].join("/");
}

/** One measurement and where it stands. */
export interface Measurement {
  readonly key: string;
  readonly value: number;
}

/** Every measurement of a period, in the order of the file; empty cells are left out. */
export function* measurements(dataset: string, name: PeriodName, period: Period): Generator<Measurement> {
  for (const [row, timeSeconds] of period.timesSeconds.entries()) {
    for (const [column, series] of period.series.entries()) {
      const value = period.rows[row]?.[column];
      if (value !== undefined) yield { key: measurementKey(dataset, name, timeSeconds, series), value };
    }
  }
}
