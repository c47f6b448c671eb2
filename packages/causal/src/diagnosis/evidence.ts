import { InvalidTableError, quote } from "../errors.ts";
import type { MetricTable } from "../metric-table.ts";
import type { RankingTarget, RootCauseQuestion } from "../question.ts";
import { type Baseline, baseline } from "../statistics.ts";
import type { System } from "./system.ts";

/** Fewest values that make a normal period: below that a node has no baseline. */
export const BASELINE_VALUES_MIN = 5;

/** Measurements of one node in the target's metric. */
export interface Measured {
  /** Centre and spread of the normal values. */
  readonly baseline: Baseline;
  /** By row of the normal period: how much worse than the normal median it was; NaN where nothing was measured. */
  readonly normal: Float64Array;
  /** The same by row of the incident. */
  readonly incident: Float64Array;
  /** Requests by row of the incident; absent if the question names no load. */
  readonly requests?: Float64Array;
  /** Its mean requests a row; 1 if the question names no load. */
  readonly load: number;
}

/** Question by numbers, as rankers and the diagnosis read it. */
export interface Evidence {
  /** The graph by numbers. */
  readonly system: System;
  /** 1 if high values are bad, -1 if low ones are. */
  readonly worse: 1 | -1;
  /** By node; undefined where there is no baseline or no value in the incident. */
  readonly measured: readonly (Measured | undefined)[];
  /** The target's part of `measured`. */
  readonly symptom: Measured;
}

/** @throws {@link InvalidTableError} if a table lacks the target's metric. */
export function evidenceOf(question: RootCauseQuestion, system: System): Evidence {
  const worse = sideOf(question);
  const measured = system.names.map((node) => measure(question, node, worse));
  const symptom = measured[system.target];
  if (!symptom || question.incident.rows === 0) throw missing(question.target);
  return { system, worse, measured, symptom };
}

function measure({ normal, incident, target, load }: RootCauseQuestion, node: string, worse: 1 | -1): Measured | undefined {
  const [before, now] = [normal.get(node, target.metric), incident.get(node, target.metric)];
  const base = before && baseline(before, BASELINE_VALUES_MIN);
  if (!base || !now) return undefined;
  const common = { baseline: base, normal: deviations(before, base.centre, worse), incident: deviations(now, base.centre, worse) };
  if (load === undefined) return { ...common, load: 1 };
  const requests = columnOf(incident, node, load);
  const mean = meanOf(requests);
  return { ...common, requests, load: Number.isNaN(mean) ? 0 : mean };
}

function deviations(values: Float64Array, centre: number, worse: 1 | -1): Float64Array {
  const over = new Float64Array(values.length);
  for (let row = 0; row < over.length; row++) {
    const value = values[row] ?? Number.NaN;
    over[row] = Number.isFinite(value) ? worse * (value - centre) : Number.NaN;
  }
  return over;
}

function meanOf(values: Float64Array): number {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (!Number.isFinite(value)) continue;
    sum += value;
    count++;
  }
  return sum / count;
}

/** 1 if high values are bad, -1 if low ones are. */
function sideOf({ normal, incident, target }: RootCauseQuestion): 1 | -1 {
  if (target.worse) return target.worse === "higher" ? 1 : -1;
  const base = baseline(columnOf(normal, target.node, target.metric), BASELINE_VALUES_MIN);
  if (!base) throw missing(target);
  let furthest = 0;
  for (const value of columnOf(incident, target.node, target.metric)) {
    if (Math.abs(value - base.centre) > Math.abs(furthest)) furthest = value - base.centre;
  }
  return furthest < 0 ? -1 : 1;
}

/** A column, or one without a value. */
function columnOf(table: MetricTable, node: string, metric: string): Float64Array {
  return table.get(node, metric) ?? new Float64Array(table.rows).fill(Number.NaN);
}

function missing({ node, metric }: RankingTarget): InvalidTableError {
  return new InvalidTableError(
    `expected ${quote(metric)} of the target ${quote(node)} in both tables, ` +
      `with at least ${BASELINE_VALUES_MIN} normal values`,
  );
}
