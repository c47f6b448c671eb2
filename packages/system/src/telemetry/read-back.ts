/**
 * Reads a dataset out of the cluster again, as it went in.
 */
import { type Need, all } from "@void-system/effects/fibers";
import { DatasetError } from "../errors.ts";
import { Store } from "../store/store.ts";
import { type Dataset, PERIODS, type Period, type PeriodName } from "./dataset.ts";
import { datasetHeadKey, measurementKey, periodHeadKey } from "./records.ts";

/** Keys in one read. */
const READ_BATCH_KEYS = 1_000;
/** Reads on their way at a time. */
const READS_IN_FLIGHT = 4;

/**
 * The dataset of that name.
 *
 * @throws {@link DatasetError} when the store does not hold it whole.
 */
export function* readBack(
  name: string,
  onProgress: (done: number, total: number) => void = () => undefined,
): Generator<Need<"void.store">, Dataset> {
  const head = yield* readJson<Pick<Dataset, "calls" | "symptom">>(datasetHeadKey(name), name);
  const heads = yield* all(PERIODS.map((period) => () => readJson<Pick<Period, "series" | "timesSeconds">>(periodHeadKey(name, period), name)));
  const total = heads.reduce((sum, { series, timesSeconds }) => sum + series.length * timesSeconds.length, 0);
  let done = 0;
  const periods: Partial<Record<PeriodName, Period>> = {};
  for (const [index, { series, timesSeconds }] of heads.entries()) {
    const period = PERIODS[index] ?? "normal";
    const keys = timesSeconds.flatMap((time) => series.map((one) => measurementKey(name, period, time, one)));
    const cells: (number | undefined)[] = [];
    while (cells.length < keys.length) {
      const starts = Array.from({ length: READS_IN_FLIGHT }, (_, index) => cells.length + index * READ_BATCH_KEYS);
      const parts = starts.map((at) => keys.slice(at, at + READ_BATCH_KEYS)).filter((part) => part.length > 0);
      for (const values of yield* all(parts.map((part) => () => Store.getAll(part)))) {
        for (const value of values) cells.push(value === undefined ? undefined : Number(value));
      }
      onProgress(done + cells.length, total);
    }
    done += keys.length;
    const rows = timesSeconds.map((_, row) => cells.slice(row * series.length, (row + 1) * series.length));
    periods[period] = { series, timesSeconds, rows };
  }
  const { normal, incident } = periods;
  if (!normal || !incident) throw new DatasetError(datasetHeadKey(name), "a normal period and an incident");
  return { name, calls: head.calls, symptom: head.symptom, periods: { normal, incident } };
}

/** A head that an import wrote: the cluster returns the text that went in. */
function* readJson<T>(key: string, dataset: string): Generator<Need<"void.store">, T> {
  const text = yield* Store.get(key);
  if (text === undefined) throw new DatasetError(key, `the dataset ${dataset} in the cluster; import it first: void import FOLDER`);
  try {
    // Written by an import of this version only; the keys lie behind a capability.
    return JSON.parse(text) as T;
  } catch (cause) {
    throw new DatasetError(key, "JSON", undefined, cause);
  }
}
