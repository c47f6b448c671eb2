/**
 * Seeded randomness: sfc32 by Chris Doty-Humphrey (PractRand). It uses only 32-bit integers, so it is the same on every
 * machine. Not for keys.
 */
import type { Random } from "../world.ts";

/** Rounds that are discarded, so that similar seeds do not begin with similar numbers. */
const WARM_UP_ROUNDS = 15;

/**
 * A stream of random numbers that a seed and a label determine.
 *
 * @example
 * ```ts
 * import { SeededRandom } from "@void-system/effects";
 *
 * const dice = new SeededRandom(7);
 * dice.below(6) === new SeededRandom(7).below(6); // => true
 * dice.split("a").next() === dice.split("b").next(); // => false
 * ```
 */
export class SeededRandom implements Random {
  #seed = 0;
  readonly #label: string;
  #a = 0;
  #b = 0;
  #c = 0;
  #counter = 1;

  /** `seed` is an integer of 0 to 2^53 - 1. Streams of different labels are independent. */
  constructor(seed: number, label = "") {
    this.#label = label;
    this.reseed(seed);
  }

  /** Restarts the stream as if it had been made with this seed and its label. */
  reseed(seed: number): void {
    if (!Number.isSafeInteger(seed) || seed < 0)
      throw new RangeError(`expected a seed that is an integer >= 0, got ${seed}`);
    this.#seed = seed;
    const low = seed >>> 0;
    const high = Math.floor(seed / 2 ** 32) >>> 0;
    this.#a = mix(low, this.#label, 0x9e3779b9);
    this.#b = mix(high, this.#label, 0x85ebca6b);
    this.#c = mix(low ^ high, this.#label, 0xc2b2ae35);
    this.#counter = 1;
    for (let round = 0; round < WARM_UP_ROUNDS; round += 1) this.uint32();
  }

  /** Saves the position of the stream as four words from `at` on, for {@link SeededRandom.load}. */
  save(words: Int32Array, at: number): void {
    words[at] = this.#a;
    words[at + 1] = this.#b;
    words[at + 2] = this.#c;
    words[at + 3] = this.#counter;
  }

  /** Continues from a saved position. The seed and label that `reseed` and `split` use stay this stream's own. */
  load(words: Int32Array, at: number): void {
    this.#a = words[at] ?? 0;
    this.#b = words[at + 1] ?? 0;
    this.#c = words[at + 2] ?? 0;
    this.#counter = words[at + 3] ?? 0;
  }

  /** Returns an integer of 0 to 2^32 - 1. */
  uint32(): number {
    const sum = (((this.#a + this.#b) | 0) + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + sum) | 0;
    return sum >>> 0;
  }

  /** Returns an integer of 0 to `bound - 1`. `bound` is at most 2^32. */
  below(bound: number): number {
    return Math.floor((this.uint32() * bound) / 2 ** 32);
  }

  /** Returns an integer of `min` to `max`, both included. */
  between(min: number, max: number): number {
    return min + this.below(max - min + 1);
  }

  /** Returns true with the given probability of 0 to 1. */
  chance(probability: number): boolean {
    return probability > 0 && this.uint32() < probability * 2 ** 32;
  }

  /** Returns a number in [0, 1) of 32 random bits. */
  next(): number {
    return this.uint32() / 2 ** 32;
  }

  /** Returns `length` random bytes. */
  bytes(length: number): Uint8Array {
    const filled = new Uint8Array(length);
    let word = 0;
    for (let at = 0; at < length; at += 1) {
      if (at % 4 === 0) word = this.uint32();
      filled[at] = word & 0xff;
      word >>>= 8;
    }
    return filled;
  }

  /** Returns another stream of the same seed. It depends on the labels alone, not on the numbers drawn from this stream. */
  split(label: string): SeededRandom {
    return new SeededRandom(this.#seed, `${this.#label}/${label}`);
  }
}

/** Mixes a word of a seed and a label into one word, by MurmurHash3's steps over the label's UTF-16 units. */
function mix(word: number, label: string, salt: number): number {
  let hash = word ^ salt;
  for (let at = 0; at < label.length; at += 1) {
    hash = Math.imul(hash ^ Math.imul(label.charCodeAt(at), 0xcc9e2d51), 0x1b873593);
    hash = (hash << 13) | (hash >>> 19);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return hash ^ (hash >>> 16);
}
