/**
 * How frames travel: delays, loss and the rest, for one direction of one link.
 */
import type { SeededRandom } from "@void-system/effects";

/**
 * How delays spread between the shortest and the longest: evenly; or mostly short with a long tail, as on the internet;
 * or by thousandths of the way from shortest to longest at evenly spaced quantiles, rising (`[0, 10, 1000]`: half of all
 * in the first hundredth).
 */
export type DelaySpread = "even" | "long-tail" | readonly number[];

/** How one direction of a link behaves. */
export interface LinkConditions {
  /**
   * The shortest way of a frame, and the least time until a link comes up or is noticed to be down. @defaultValue 0.2
   */
  readonly minDelayMs?: number;
  /** The longest. @defaultValue 5 */
  readonly maxDelayMs?: number;
  /** How delays spread in between. @defaultValue "even" */
  readonly delays?: DelaySpread;
  /** How many frames of a link that is up are lost all the same, 0 to 1. @defaultValue 0 */
  readonly loss?: number;
  /** How many frames arrive twice, 0 to 1. @defaultValue 0 */
  readonly duplicate?: number;
  /**
   * How many frames need not wait for those before them, 0 to 1: for protocols over datagrams; a `Network` keeps order.
   * @defaultValue 0
   */
  readonly reorder?: number;
  /**
   * How many frames arrive with a bit flipped, 0 to 1: for wires that authenticate what they open; a real link would
   * notice. @defaultValue 0
   */
  readonly corrupt?: number;
}

/** Conditions, ready for use. */
export interface Conditions {
  readonly minUs: number;
  readonly maxUs: number;
  /** Microseconds at evenly spaced quantiles; nothing: evenly spread. */
  readonly table: readonly number[] | undefined;
  readonly loss: number;
  readonly duplicate: number;
  readonly reorder: number;
  readonly corrupt: number;
}

/** Thousandths at each twentieth: half of all in the first 5 %, nine tenths in the first fifth. */
const LONG_TAIL: readonly number[] = [
  0, 4, 8, 12, 16, 20, 24, 29, 34, 41, 50, 59, 69, 81, 96, 114, 138, 170, 215, 340, 1000,
];

/** Puts conditions over others, and makes them ready. */
export function conditions(given: LinkConditions): Conditions {
  const minUs = Math.max(1, Math.round((given.minDelayMs ?? 0.2) * 1000));
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

/** Draws how long a frame travels, in whole microseconds. */
export function drawDelay({ minUs, maxUs, table }: Conditions, random: SeededRandom): number {
  if (!table) return random.between(minUs, maxUs);
  // The inverse of the distribution, straight between its points: integers only.
  const place = random.uint32();
  const scaled = place * (table.length - 1);
  const at = Math.floor(scaled / 2 ** 32);
  const from = table[at] ?? minUs;
  const to = table[at + 1] ?? maxUs;
  return from + Math.floor(((to - from) * (scaled - at * 2 ** 32)) / 2 ** 32);
}

/** The same frame with one bit flipped. */
export function corrupted(frame: Uint8Array, random: SeededRandom): Uint8Array {
  const copy = new Uint8Array(frame);
  const bit = random.below(copy.length * 8);
  const at = bit >> 3;
  if (at < copy.length) copy[at] = (copy[at] ?? 0) ^ (1 << (bit & 7));
  return copy;
}
