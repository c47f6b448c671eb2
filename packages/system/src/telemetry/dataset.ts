/**
 * Telemetry of a microservice application on disk, in the layout of Amazon's PetShop root-cause data: a call graph, a
 * normal period, and an incident with its true cause where it is known.
 *
 * ```text
 * graph.csv              adjacency matrix: the service of the row calls the service of the column
 * noissue/metrics.csv    normal period    three header rows (service, metric, statistic), then one row a time
 * incident/metrics.csv   around the incident, the same layout
 * incident/target.json   what was seen, and its true cause
 * ```
 */
import { readFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parse } from "csv-parse/sync";
import { DatasetError } from "../errors.ts";

/** What one column of measurements is of. */
export interface Series {
  /** The service that was measured. */
  readonly service: string;
  /** What was measured of it. */
  readonly metric: string;
  /** How the measurements of an interval became one number. */
  readonly statistic: string;
}

/** One period of measurements. */
export interface Period {
  /** What each column holds. */
  readonly series: readonly Series[];
  /** Seconds since 1970, ascending. */
  readonly timesSeconds: readonly number[];
  /** One row per time, one cell per series; `undefined` where nothing was measured. */
  readonly rows: readonly (readonly (number | undefined)[])[];
}

/** The periods of a dataset. */
export const PERIODS = ["normal", "incident"] as const;
/** Which period. */
export type PeriodName = (typeof PERIODS)[number];

/** What broke, and why, where it is known. */
export interface Symptom {
  /** Where it was seen. */
  readonly service: string;
  /** In what it was seen. */
  readonly metric: string;
  /** The service that was at fault. */
  readonly trueCause?: string;
}

/** A dataset as read from a folder. */
export interface Dataset {
  /** The folder's name: letters, digits and `-`. */
  readonly name: string;
  /** Who calls whom. */
  readonly calls: readonly { readonly caller: string; readonly callee: string }[];
  /** A normal period, and the time around the incident. */
  readonly periods: Readonly<Record<PeriodName, Period>>;
  /** What was seen in the incident. */
  readonly symptom: Symptom;
}

const FILES: Readonly<Record<PeriodName, string>> = { normal: join("noissue", "metrics.csv"), incident: join("incident", "metrics.csv") };
const HEADER_ROWS = 3;
const INDEX_NAME = "unix_timestamp";

/** @throws {@link DatasetError} naming the file, the line and what was expected there. */
export function readDataset(folder: string): Dataset {
  const name = basename(resolve(folder));
  if (!/^[A-Za-z0-9-]{1,64}$/.test(name)) throw new DatasetError(folder, "a folder named by letters, digits and -");
  return {
    name,
    calls: readCalls(join(folder, "graph.csv")),
    periods: { normal: readPeriod(join(folder, FILES.normal)), incident: readPeriod(join(folder, FILES.incident)) },
    symptom: readSymptom(join(folder, "incident", "target.json")),
  };
}

function readPeriod(file: string): Period {
  const table = readCsv(file);
  const [services = [], metrics = [], statistics = []] = table;
  const series = services.slice(1).map((service, index) => ({
    service,
    metric: metrics[index + 1] ?? "",
    statistic: statistics[index + 1] ?? "",
  }));
  if (series.length === 0 || series.some((one) => !one.service || !one.metric || !one.statistic)) {
    throw new DatasetError(file, "three header rows: service, metric, statistic", 1);
  }
  const first = table[HEADER_ROWS]?.[0] === INDEX_NAME ? HEADER_ROWS + 1 : HEADER_ROWS;
  const body = table.slice(first);
  const timesSeconds = body.map((row, index) => number(row[0], file, first + index + 1) ?? Number.NaN);
  timesSeconds.forEach((time, index) => {
    const before = timesSeconds[index - 1] ?? Number.NEGATIVE_INFINITY;
    if (!(time > before)) throw new DatasetError(file, "times that ascend", first + index + 1);
  });
  const rows = body.map((row, index) => series.map((_, column) => number(row[column + 1], file, first + index + 1)));
  return { series, timesSeconds, rows };
}

function readCalls(file: string): Dataset["calls"] {
  const [header = [], ...rows] = readCsv(file);
  const calls = rows.flatMap((row, index) =>
    row.slice(1).flatMap((cell, column) => {
      const callee = header[column + 1];
      const weight = number(cell, file, index + 2) ?? 0;
      return weight !== 0 && row[0] && callee ? [{ caller: row[0], callee }] : [];
    }),
  );
  if (calls.length === 0) throw new DatasetError(file, "an adjacency matrix with at least one call");
  return calls;
}

function readSymptom(file: string): Symptom {
  const text = readText(file);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new DatasetError(file, "JSON", undefined, cause);
  }
  const service = textAt(value, "target", "node");
  const metric = textAt(value, "target", "metric");
  const trueCause = textAt(value, "root_cause", "node");
  if (service === undefined || metric === undefined) throw new DatasetError(file, "target.node and target.metric");
  return { service, metric, ...(trueCause === undefined ? {} : { trueCause }) };
}

function textAt(value: unknown, ...path: readonly string[]): string | undefined {
  let at = value;
  for (const name of path) {
    if (typeof at !== "object" || at === null) return undefined;
    at = Object.entries(at).find(([key]) => key === name)?.[1];
  }
  return typeof at === "string" ? at : undefined;
}

function readCsv(file: string): readonly (readonly string[])[] {
  const text = readText(file);
  try {
    // Without `columns`, csv-parse answers with an array of rows of texts.
    return parse(text, { relaxColumnCount: false, skipEmptyLines: true }) as string[][];
  } catch (cause) {
    throw new DatasetError(file, "comma-separated values with rows of equal length", undefined, cause);
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch (cause) {
    throw new DatasetError(file, "a readable file", undefined, cause);
  }
}

function number(cell: string | undefined, file: string, line: number): number | undefined {
  if (cell === undefined || cell.trim() === "") return undefined;
  const value = Number(cell);
  if (!Number.isFinite(value)) throw new DatasetError(file, `a number, got ${JSON.stringify(cell.slice(0, 40))}`, line);
  return value;
}
