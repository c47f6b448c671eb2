/**
 * Reads a dataset out of the cluster again, as it went in.
 */
import type { ClusterClient } from "../cluster-client.ts";
import { DatasetError } from "../errors.ts";
import { type Dataset, PERIODS, type Period, type PeriodName } from "./dataset.ts";
import { datasetHeadKey, measurementKey, periodHeadKey } from "./records.ts";

/** Keys in one read. */
const READ_BATCH_KEYS = 1_000;
/** Reads on their way at a time. */
const READS_IN_FLIGHT = 4;

/**
 * The dataset of that name.
 *
 * @throws {@link DatasetError} when the cluster does not hold it whole.
 */
export async function readBack(
  client: ClusterClient,
  name: string,
  onProgress: (done: number, total: number) => void = () => undefined,
): Promise<Dataset> {
  const head = await readJson<Pick<Dataset, "calls" | "symptom">>(client, datasetHeadKey(name), name);
  const heads = await Promise.all(
    PERIODS.map((period) => readJson<Pick<Period, "series" | "timesSeconds">>(client, periodHeadKey(name, period), name)),
  );
  const total = heads.reduce((sum, { series, timesSeconds }) => sum + series.length * timesSeconds.length, 0);
  let done = 0;
  const periods: Partial<Record<PeriodName, Period>> = {};
  for (const [index, { series, timesSeconds }] of heads.entries()) {
    const period = PERIODS[index] ?? "normal";
    const keys = timesSeconds.flatMap((time) => series.map((one) => measurementKey(name, period, time, one)));
    const cells: (number | undefined)[] = [];
    const read = async (part: readonly string[]): Promise<readonly unknown[]> => {
      const values = await client.call("MGET", ...part);
      if (!Array.isArray(values)) throw new DatasetError(periodHeadKey(name, period), "an array as answer to MGET");
      done += part.length;
      onProgress(done, total);
      return values;
    };
    while (cells.length < keys.length) {
      const starts = Array.from({ length: READS_IN_FLIGHT }, (_, index) => cells.length + index * READ_BATCH_KEYS);
      const parts = starts.map((at) => keys.slice(at, at + READ_BATCH_KEYS)).filter((part) => part.length > 0);
      for (const value of (await Promise.all(parts.map(read))).flat()) cells.push(value === null ? undefined : Number(String(value)));
    }
    const rows = timesSeconds.map((_, row) => cells.slice(row * series.length, (row + 1) * series.length));
    periods[period] = { series, timesSeconds, rows };
  }
  const { normal, incident } = periods;
  if (!normal || !incident) throw new DatasetError(datasetHeadKey(name), "a normal period and an incident");
  return { name, calls: head.calls, symptom: head.symptom, periods: { normal, incident } };
}

/** A head that `importDataset` wrote: the cluster returns the bytes that went in. */
async function readJson<T>(client: ClusterClient, key: string, dataset: string): Promise<T> {
  const bytes = await client.call("GET", key);
  if (bytes === null) throw new DatasetError(key, `the dataset ${dataset} in the cluster; import it first: void import FOLDER`);
  try {
    // Written by importDataset of this version only; the keys lie behind a capability.
    return JSON.parse(String(bytes)) as T;
  } catch (cause) {
    throw new DatasetError(key, "JSON", undefined, cause);
  }
}
