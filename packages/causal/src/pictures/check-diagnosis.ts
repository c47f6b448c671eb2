import { InvalidQueryError, quote } from "../errors.ts";
import type { MetricTable } from "../metric-table.ts";

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isNumber: Check = (value) => typeof value === "number";
const isMaybeTime: Check = (value) => value === undefined || typeof value === "number";
const listOf = (check: Check): Check => (value) => Array.isArray(value) && value.every(check);
const shaped = (shape: Readonly<Record<string, Check>>): Check => {
  const keys = Object.entries(shape);
  return (value) => typeof value === "object" && value !== null && keys.every(([key, check]) => check(Reflect.get(value, key)));
};

const MOVED = shaped({ metric: isText, direction: isText, ratio: isNumber, sinceRow: isNumber, sinceMs: isMaybeTime });
const CANDIDATE = {
  node: isText,
  members: listOf(isText),
  share: shaped({ value: isNumber, low: isNumber, high: isNumber }),
  sinceRow: isNumber,
  sinceMs: isMaybeTime,
  moved: listOf(MOVED),
  path: listOf(isText),
  // JSON has lists in place of arrays of numbers, and null in place of NaN.
  targetWithout: (value: unknown) => value instanceof Float64Array || Array.isArray(value),
};
const DIAGNOSIS: Readonly<Record<string, Check>> = {
  verdict: isText,
  sentence: isText,
  falseAlarmRate: isNumber,
  windows: isNumber,
  target: shaped({ ...CANDIDATE, metric: isText, normal: isNumber, toRow: isNumber }),
  candidates: listOf(shaped(CANDIDATE)),
  apart: listOf(shaped(CANDIDATE)),
};

/** Refuses what is no {@link Diagnosis}, as programs in JavaScript pass anything. One that was read from JSON is taken. */
export function checkDiagnosis(diagnosis: unknown): void {
  if (typeof diagnosis !== "object" || diagnosis === null) throw new InvalidQueryError(`expected a Diagnosis, got ${quote(diagnosis)}; pass what diagnose returned`);
  for (const [key, check] of Object.entries(DIAGNOSIS)) {
    const value: unknown = Reflect.get(diagnosis, key);
    if (!check(value)) throw new InvalidQueryError(`expected a Diagnosis, got one with ${quote(value)} as ${key}; pass what diagnose returned`);
  }
}

/** Returns a column of the table, empty if it has none. By what the table can do: its class would double these pictures. */
export function columnOf(name: string, table: MetricTable, node: string, metric: string): ArrayLike<number> {
  if (typeof table?.get !== "function") throw new InvalidQueryError(`expected ${name} to be a MetricTable, got ${quote(table)}`);
  return table.get(node, metric) ?? [];
}
