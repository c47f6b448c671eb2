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
import { ImportError, type Series, readCallRows, readHeaderRows } from "@void-system/causal/import";
import { DatasetError } from "../errors.ts";

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
  const { series, timesMs, rows } = reading(file, () => readHeaderRows(readCsv(file)));
  return { series, timesSeconds: timesMs.map((timeMs) => timeMs / 1_000), rows };
}

function readCalls(file: string): Dataset["calls"] {
  return reading(file, () => readCallRows(readCsv(file)));
}

/** Runs an importer, and names the file in what it throws. */
function reading<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ImportError) throw new DatasetError(file, error.expected, error.line, error);
    throw error;
  }
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
