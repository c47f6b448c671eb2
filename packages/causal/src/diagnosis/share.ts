import type { Random } from "../random.ts";
import { products } from "../statistics.ts";
import type { Contribution } from "./contribution.ts";
import type { Measured } from "./evidence.ts";
import type { Segment } from "./scan.ts";

/** A part of the target's excess, 0..1. */
export interface Share {
  /** The estimate. */
  readonly value: number;
  /** Lower end of the 90 % interval. */
  readonly low: number;
  /** Upper end of the 90 % interval. */
  readonly high: number;
}

/** Ends of an interval, as parts of the resampled values. */
const INTERVAL = [0.05, 0.95] as const;
/** Times that the excess is resampled. */
const RESAMPLES = 400;

/** Spread of a gain around calls per request, where load is known: callers wait for calls side by side, and repeat them. */
const GAIN_WIDTH_COUNTED = 0.5;
/** The same where no load shows how often a service is called. */
const GAIN_WIDTH_UNKNOWN = 1;

/** One node's part of the target's excess. */
export interface Attribution {
  readonly share: Share;
  /** By row of the incident: its part of the target's deviation. */
  readonly part: Float64Array;
}

/**
 * The share of the target's excess in a segment that one node accounts for. The gain from the node to the target is only
 * roughly known; where the node's contribution stands out, the incident shows it: a Bayesian regression of the target's
 * deviation on the contribution, the prior at 1. A contribution within the noise keeps the gain that it has.
 *
 * The interval comes from a block bootstrap (Kuensch, 1989) of the normal period. A block of the incident's length stands
 * for everything else that moved the target meanwhile, which shifts the gain, and for what the node contributes anyway.
 *
 * @param isTarget - the target's own part is what the others leave, so it has no gain.
 */
export function attribute(contribution: Contribution, symptom: Measured, { fromRow, toRow }: Segment, isTarget: boolean, random: Random): Attribution {
  const { incident } = contribution;
  const rows = incident.length;
  const width = isTarget ? 0 : symptom.requests ? GAIN_WIDTH_COUNTED : GAIN_WIDTH_UNKNOWN;
  const [square, whole, along] = products(incident, symptom.incident);
  // The part of the target's deviation that a straight line leaves is noise, too: gains are not quite the same in all rows.
  const left = square > 0 ? Math.max(0, whole - along ** 2 / square) / rows : 0;
  const noise = symptom.baseline.spread ** 2 + left;
  const prior = width > 0 ? noise / width ** 2 : Number.POSITIVE_INFINITY;
  const gain = width > 0 ? Math.max(0, (prior + along) / (prior + square)) : 1;
  const deviation = width > 0 ? Math.sqrt(noise / (prior + square)) : 0;
  const total = sumOf(symptom.incident, fromRow, toRow);
  const own = sumOf(incident, fromRow, toRow);
  const part = incident.map((value) => gain * value);
  if (!(total > 0)) return { share: { value: 0, low: 0, high: 0 }, part };
  const values = new Float64Array(RESAMPLES);
  for (let time = 0; time < RESAMPLES; time++) {
    const start = random.below(Math.max(1, contribution.normal.length - rows + 1));
    let [shift, usual] = [0, 0];
    for (let row = 0; row < rows; row++) {
      const [there, other] = [contribution.normal[start + row] ?? Number.NaN, symptom.normal[start + row] ?? Number.NaN];
      const here = incident[row] ?? Number.NaN;
      if (!Number.isNaN(here) && !Number.isNaN(other)) shift += here * (other - (Number.isNaN(there) ? 0 : there));
      if (row >= fromRow && row < toRow && !Number.isNaN(there)) usual += there;
    }
    const drawn = width > 0 ? gain + shift / (prior + square) + random.normal() * deviation : 1;
    values[time] = (Math.max(0, drawn) * (own - usual)) / total;
  }
  values.sort();
  const [low, high] = INTERVAL.map((at) => within(values[Math.round(at * (RESAMPLES - 1))] ?? 0));
  const value = within((gain * own) / total);
  return { share: { value, low: Math.min(low ?? 0, value), high: Math.max(high ?? 0, value) }, part };
}

function within(value: number): number {
  return Math.max(0, Math.min(1, value));
}

function sumOf(series: Float64Array, from: number, to: number): number {
  let sum = 0;
  for (let row = from; row < to; row++) {
    const value = series[row] ?? 0;
    if (!Number.isNaN(value)) sum += value;
  }
  return sum;
}
