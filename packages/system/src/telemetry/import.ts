/**
 * Sends a dataset through the cluster, measurement by measurement: resumable, and exactly once by idempotent keys.
 */
import { type Need, all } from "@void-system/effects/fibers";
import { Store } from "../store/store.ts";
import { type Dataset, PERIODS, type Period, type PeriodName } from "./dataset.ts";
import { type Measurement, cursorKey, datasetHeadKey, measurements, periodHeadKey } from "./records.ts";

/** What an import did. */
export interface ImportReport {
  readonly dataset: string;
  /** Measurements in the files. */
  readonly measurements: number;
  /** Of these, written now. */
  readonly written: number;
  /** Of these, there from an earlier import. */
  readonly before: number;
  /** Cells that hold no measurement. */
  readonly emptyCells: number;
  /** Whether it was stopped before the end; what is written stays, and the next import goes on from there. */
  readonly stopped: boolean;
}

/** Measurements in one write. */
export const IMPORT_BATCH_MEASUREMENTS = 250;
/** Writes on their way at a time. */
const BATCHES_IN_FLIGHT = 4;

/** One import of a dataset. */
export class DatasetImport {
  readonly #dataset: Dataset;
  readonly #periods: readonly { readonly name: PeriodName; readonly period: Period; readonly measured: readonly Measurement[] }[];
  readonly #total: number;
  #done = 0;
  #written = 0;
  #isWhole = false;

  constructor(dataset: Dataset) {
    this.#dataset = dataset;
    this.#periods = PERIODS.map((name) => {
      const period = dataset.periods[name];
      return { name, period, measured: [...measurements(dataset.name, name, period)] };
    });
    this.#total = this.#periods.reduce((sum, { measured }) => sum + measured.length, 0);
  }

  /** What it has done so far. */
  get report(): ImportReport {
    const cells = this.#periods.reduce((sum, { period }) => sum + period.rows.length * period.series.length, 0);
    return {
      dataset: this.#dataset.name,
      measurements: this.#total,
      written: this.#written,
      before: this.#done - this.#written,
      emptyCells: cells - this.#total,
      stopped: !this.#isWhole,
    };
  }

  /**
   * Writes every measurement. It may be cancelled, or fail: what was written stays; run it again to go on.
   *
   * @param onProgress told as it goes on how many of how many measurements are in.
   */
  *write(onProgress: (done: number, total: number) => void = () => undefined): Generator<Need<"void.store">, ImportReport> {
    const { name, calls, symptom } = this.#dataset;
    for (const { name: period, period: { series, timesSeconds }, measured } of this.#periods) {
      const head = JSON.stringify({ series, timesSeconds, batch: IMPORT_BATCH_MEASUREMENTS });
      yield* this.#writePeriod(cursorKey(name, period), periodHeadKey(name, period), head, measured, () => onProgress(this.#done, this.#total));
    }
    yield* Store.set(datasetHeadKey(name), JSON.stringify({ calls, symptom }));
    this.#isWhole = true;
    return this.report;
  }

  *#writePeriod(
    cursor: string,
    headKey: string,
    head: string,
    measured: readonly Measurement[],
    onProgress: () => void,
  ): Generator<Need<"void.store">, void> {
    // A cursor counts batches of one set of measurements: with another head it means nothing.
    if ((yield* Store.get(headKey)) !== head) yield* Store.setAll([[headKey, head], [cursor, "0"]]);
    const batches = batchesOf(measured);
    let next = Math.min(Number((yield* Store.get(cursor)) ?? "0"), batches.length);
    this.#done += sizeOf(batches.slice(0, next));
    while (next < batches.length) {
      onProgress();
      const flight = batches.slice(next, next + BATCHES_IN_FLIGHT);
      yield* all(flight.map((batch) => () => Store.setAll(batch.map(({ key, value }) => [key, String(value)]))));
      next += flight.length;
      // Behind the batches it counts: if it is lost, they are written again, to the same keys with the same values.
      yield* Store.set(cursor, String(next));
      this.#done += sizeOf(flight);
      this.#written += sizeOf(flight);
    }
    onProgress();
  }
}

function batchesOf(measured: readonly Measurement[]): readonly (readonly Measurement[])[] {
  const count = Math.ceil(measured.length / IMPORT_BATCH_MEASUREMENTS);
  return Array.from({ length: count }, (_, index) => measured.slice(index * IMPORT_BATCH_MEASUREMENTS, (index + 1) * IMPORT_BATCH_MEASUREMENTS));
}

function sizeOf(batches: readonly (readonly Measurement[])[]): number {
  return batches.reduce((sum, { length }) => sum + length, 0);
}
