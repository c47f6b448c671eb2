import { correlation } from "../../statistics.ts";
import type { Evidence, Measured } from "../evidence.ts";
import type { Ranker } from "./ranker.ts";

/** A deviation of this many robust standard deviations counts half; smaller ones fade out with their square. */
const DEVIATION_HALF = 3;

/** The ranking of {@link rankRootCauses}: each node's own excess over that of all candidates, times the correlation. */
export const excess: Ranker = ({ evidence }) => Float64Array.from(excessesOf(evidence), (node) => node?.score ?? 0);

/** Result of the ranking by excess for one node. */
export interface Excess {
  readonly score: number;
  /** Excess over normal while the target was bad: metric times load, averaged over the incident. */
  readonly excess: number;
  /** The part of the excess that the nodes it depends on do not account for. */
  readonly ownExcess: number;
  /** Correlation of its metric with the target's during the incident, negative values as 0. */
  readonly correlation: number;
  /** Its worst deviation from normal in the incident, in robust standard deviations. */
  readonly deviation: number;
}

/**
 * For each node, the excess over its normal median is weighed with its load, which gives time or failures in one unit for
 * all nodes, and with how unusual it is; the excess that its own dependencies had at the same time is taken off.
 */
export function excessesOf({ system, measured, symptom }: Evidence): readonly (Excess | undefined)[] {
  const weighed = measured.map((node) => node && weigh(node));
  const shown = weighed[system.target]?.excess ?? new Float64Array(symptom.incident.length);
  const excess = weighed.map((node) => (node ? inStep(node.excess, shown) : 0));
  const loadOf = (node: number): number => weighed[node]?.load ?? 0;
  const own = measured.map((_, node) => {
    let left = excess[node] ?? 0;
    for (const dependency of system.causes[node] ?? []) {
      if (system.groupOf[dependency] === system.groupOf[node]) continue;
      // A dependency that serves several callers is split by their load.
      const callers = (system.effects[dependency] ?? []).reduce((sum, caller) => sum + loadOf(caller), 0);
      if (callers > 0) left -= Math.max(0, excess[dependency] ?? 0) * (loadOf(node) / callers);
    }
    return left;
  });
  let total = 0;
  for (const node of system.reaching) if (node !== system.target && measured[node]) total += Math.max(0, own[node] ?? 0);
  return measured.map((node, number) => {
    if (!node) return undefined;
    const together = Math.max(0, correlation(node.incident, symptom.incident));
    return {
      score: total > 0 && number !== system.target ? (Math.max(0, own[number] ?? 0) / total) * together : 0,
      excess: excess[number] ?? 0,
      ownExcess: own[number] ?? 0,
      correlation: together,
      deviation: weighed[number]?.deviation ?? 0,
    };
  });
}

interface Weighed {
  /** By row: how much worse than its median it was, times its load, faded out where that is usual. 0 where unknown. */
  readonly excess: Float64Array;
  /** Its load over all rows. */
  readonly load: number;
  readonly deviation: number;
}

function weigh({ incident, requests, baseline }: Measured): Weighed {
  const excess = new Float64Array(incident.length);
  let [load, deviation] = [0, 0];
  for (let row = 0; row < incident.length; row++) {
    const over = incident[row] ?? Number.NaN;
    const busy = requests ? (requests[row] ?? Number.NaN) : 1;
    if (!Number.isFinite(over) || !Number.isFinite(busy)) continue;
    const unusual = over / baseline.spread;
    excess[row] = (over * busy) / (1 + (DEVIATION_HALF / unusual) ** 2);
    load += busy;
    deviation = Math.max(deviation, unusual);
  }
  return { excess, load, deviation };
}

/** The average of a series over the rows, each row as heavy as the symptom was bad in it (alike if it never was). */
function inStep(series: Float64Array, symptom: Float64Array): number {
  const shown = symptom.some((value) => value > 0);
  const weights = symptom.map((value) => (shown ? Math.max(0, value) : 1));
  const sum = series.reduce((sum, value, row) => sum + value * (weights[row] ?? 0), 0);
  return sum / weights.reduce((a, b) => a + b, 0);
}
