/**
 * Conditions under which frames travel in one direction of one link: delays, loss and the rest.
 */
import type { SeededRandom } from "@void-system/effects";
import { array, number, oneOf, optional, type OptionalShape, type Shape } from "../scenario/shape.ts";

const MIN_DELAY_MS = 0.2;
const DELAY_MAX_MS = 1e12;

/**
 * Distribution of delays between the shortest and the longest. `"even"` is uniform. `"long-tail"` is mostly short with
 * a long tail, as on the internet. Numbers are the delays at evenly spaced quantiles, rising, in thousandths of the way
 * from shortest to longest: with `[0, 10, 1000]`, half of all delays lie in the first hundredth.
 */
export type DelaySpread = "even" | "long-tail" | readonly number[];

/** Behaviour of one direction of a link. */
export interface LinkConditions {
  /**
   * Shortest delay of a frame in milliseconds. Links take at least as long to come up, or to be noticed as down.
   * @defaultValue 0.2
   */
  readonly minDelayMs?: number;
  /** Longest delay in milliseconds. @defaultValue 5 */
  readonly maxDelayMs?: number;
  /** Distribution of delays in between. @defaultValue "even" */
  readonly delays?: DelaySpread;
  /** Fraction of frames that are lost although the link is up, 0 to 1. @defaultValue 0 */
  readonly loss?: number;
  /** Fraction of frames that arrive twice, 0 to 1. @defaultValue 0 */
  readonly duplicate?: number;
  /**
   * Fraction of frames that may overtake earlier ones, 0 to 1. For protocols over datagrams; a `Network` keeps order.
   * @defaultValue 0
   */
  readonly reorder?: number;
  /**
   * Fraction of frames that arrive with one bit flipped, 0 to 1. For protocols that authenticate their frames; a real
   * link would detect the error. @defaultValue 0
   */
  readonly corrupt?: number;
}

/**
 * Kinds of randomness of a link, each with the conditions that are without it: what shrinking tries, and what a plan may
 * name.
 */
export const LINK_CALMS: Readonly<Record<LinkCalm, (given: LinkConditions) => LinkConditions>> = {
  loss: () => ({ loss: 0 }),
  duplicate: () => ({ duplicate: 0 }),
  reorder: () => ({ reorder: 0 }),
  corrupt: () => ({ corrupt: 0 }),
  delay: ({ minDelayMs = MIN_DELAY_MS }) => ({ maxDelayMs: minDelayMs }),
};

/** A kind of randomness of a link. */
export type LinkCalm = "loss" | "duplicate" | "reorder" | "corrupt" | "delay";

const spread: Shape<NonNullable<LinkConditions["delays"]>> = (value, path) =>
  typeof value === "string" ? oneOf("even", "long-tail")(value, path) : array(number(0, 1_000), 1_000)(value, path);

/** Shapes of the conditions, as a file or a JavaScript program may give them. */
export const conditionFields: {
  readonly [K in keyof LinkConditions]-?: OptionalShape<NonNullable<LinkConditions[K]>>;
} = {
  minDelayMs: optional(number(0, DELAY_MAX_MS)),
  maxDelayMs: optional(number(0, DELAY_MAX_MS)),
  delays: optional(spread),
  loss: optional(number(0, 1)),
  duplicate: optional(number(0, 1)),
  reorder: optional(number(0, 1)),
  corrupt: optional(number(0, 1)),
};

/** Conditions in the units that the simulation computes with. */
export interface Conditions {
  readonly minUs: number;
  readonly maxUs: number;
  /** Microseconds at evenly spaced quantiles; undefined if uniform. */
  readonly table: readonly number[] | undefined;
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  readonly corrupt: number;
}

/** Thousandths at each twentieth: half of all delays lie in the first 5 %, nine tenths in the first fifth. */
const LONG_TAIL: readonly number[] = [
  0, 4, 8, 12, 16, 20, 24, 29, 34, 41, 50, 59, 69, 81, 96, 114, 138, 170, 215, 340, 1000,
];

/** Completes conditions with the defaults and converts their units. */
export function conditions(given: LinkConditions): Conditions {
  const minUs = Math.max(1, Math.round((given.minDelayMs ?? MIN_DELAY_MS) * 1000));
  const maxUs = Math.max(minUs, Math.round((given.maxDelayMs ?? 5) * 1000));
  const spread = given.delays === "long-tail" ? LONG_TAIL : given.delays;
  const table = typeof spread === "object" && spread.length > 1 ? spread : undefined;
  return {
    minUs,
    maxUs,
    table: table?.map((thousandths) => minUs + Math.floor(((maxUs - minUs) * thousandths) / 1000)),
    loss: given.loss ?? 0,
    duplicate: given.duplicate ?? 0,
    reorder: given.reorder ?? 0,
    corrupt: given.corrupt ?? 0,
  };
}

/** Draws the delay of a frame in whole microseconds. */
export function drawDelay({ minUs, maxUs, table }: Conditions, random: SeededRandom): number {
  if (!table) return random.between(minUs, maxUs);
  // Inverse of the cumulative distribution, linear between its points, in integers only.
  const place = random.uint32();
  const scaled = place * (table.length - 1);
  const at = Math.floor(scaled / 2 ** 32);
  const from = table[at] ?? minUs;
  const to = table[at + 1] ?? maxUs;
  return from + Math.floor(((to - from) * (scaled - at * 2 ** 32)) / 2 ** 32);
}

/** Returns a copy of the frame with one bit flipped. */
export function corrupted(frame: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = new Uint8Array(frame);
  const bit = random.below(copy.length * 8);
  const at = bit >> 3;
  if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
