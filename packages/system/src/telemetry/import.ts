/**
 * Sends a dataset through the cluster, measurement by measurement: resumable, and exactly once by idempotent keys.
 */
import type { ClusterClient } from "../cluster-client.ts";
import { type Dataset, PERIODS, type Period, type PeriodName } from "./dataset.ts";
import { type Measurement, cursorKey, datasetHeadKey, measurements, periodHeadKey } from "./records.ts";

/** What an import did. */
export interface ImportReport {
  readonly dataset: string;
  /** Measurements in the files. */
  readonly measurements: number;
  /** Of these, written now; the others were there from an earlier, interrupted import. */
  readonly written: number;
  /** Cells that hold no measurement. */
  readonly emptyCells: number;
  /** Whether it was stopped before the end; what is written stays, and the next import goes on from there. */
  readonly stopped: boolean;
}

/** Measurements in one write. */
export const IMPORT_BATCH_MEASUREMENTS = 250;
/** Writes on their way at a time. */
const BATCHES_IN_FLIGHT = 4;

/**
 * Writes every measurement of a dataset.
 *
 * @param onProgress told after each batch how many of how many measurements are in.
 * @throws CommandError, UnreachableClusterError: what was written stays; run it again to go on.
 */
export async function importDataset(
  client: ClusterClient,
  dataset: Dataset,
  onProgress: (done: number, total: number) => void = () => undefined,
  signal?: AbortSignal,
): Promise<ImportReport> {
  const periods = PERIODS.map((name) => {
    const period = dataset.periods[name];
    return { name, period, all: [...measurements(dataset.name, name, period)] };
  });
  const total = periods.reduce((sum, { all }) => sum + all.length, 0);
  const cells = periods.reduce((sum, { period }) => sum + period.rows.length * period.series.length, 0);
  let done = 0;
  let written = 0;
  for (const { name, period, all } of periods) {
    await writePeriod(client, dataset.name, name, period, all, signal, (count, isNew) => {
      done += count;
      if (isNew) written += count;
      onProgress(done, total);
    });
  }
  const stopped = signal?.aborted ?? false;
  if (!stopped) await client.call("SET", datasetHeadKey(dataset.name), JSON.stringify({ calls: dataset.calls, symptom: dataset.symptom }));
  return { dataset: dataset.name, measurements: total, written, emptyCells: cells - total, stopped };
}

async function writePeriod(
  client: ClusterClient,
  dataset: string,
  name: PeriodName,
  period: Period,
  all: readonly Measurement[],
  signal: AbortSignal | undefined,
  onBatch: (count: number, isNew: boolean) => void,
): Promise<void> {
  const head = JSON.stringify({ series: period.series, timesSeconds: period.timesSeconds, batch: IMPORT_BATCH_MEASUREMENTS });
  const cursor = cursorKey(dataset, name);
  const begun = await client.call("GET", periodHeadKey(dataset, name));
  // A cursor counts batches of one set of measurements: with another head it means nothing.
  if (String(begun) !== head) await client.call("MSET", periodHeadKey(dataset, name), head, cursor, "0");
  const resumeAt = Number(String((await client.call("GET", cursor)) ?? "0"));
  const batches = Math.ceil(all.length / IMPORT_BATCH_MEASUREMENTS);
  const batch = (index: number): readonly Measurement[] =>
    all.slice(index * IMPORT_BATCH_MEASUREMENTS, (index + 1) * IMPORT_BATCH_MEASUREMENTS);
  for (let index = 0; index < Math.min(resumeAt, batches); index++) onBatch(batch(index).length, false);
  for (let next = resumeAt; next < batches && !signal?.aborted; next += BATCHES_IN_FLIGHT) {
    const indices = Array.from({ length: Math.min(BATCHES_IN_FLIGHT, batches - next) }, (_, offset) => next + offset);
    await Promise.all(
      indices.map(async (index) => {
        const part = batch(index);
        await client.call("MSET", ...part.flatMap(({ key, value }) => [key, String(value)]));
        onBatch(part.length, true);
      }),
    );
    // Behind the batches it counts: if it is lost, they are written again, to the same keys with the same values.
    await client.call("SET", cursor, String(next + indices.length));
  }
}
