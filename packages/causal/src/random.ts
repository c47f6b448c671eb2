import { InvalidQueryError, quote } from "./errors.ts";

/** A seeded source of numbers for resampling: xoshiro128** (Blackman and Vigna, 2018), the same on every machine. */
export class Random {
  readonly #state: Uint32Array;

  /**
   * @param seed - any integer; its low 32 bits count.
   * @throws {@link InvalidQueryError} for anything else.
   */
  constructor(seed: number) {
    if (!Number.isSafeInteger(seed)) throw new InvalidQueryError(`expected seed to be a whole number, got ${quote(seed)}`);
    // SplitMix32 fills the state, so that near seeds give far sequences.
    let at = seed >>> 0;
    this.#state = Uint32Array.from({ length: 4 }, () => {
      at = (at + 0x9e3779b9) >>> 0;
      let mixed = Math.imul(at ^ (at >>> 16), 0x21f0aaad);
      mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
      return (mixed ^ (mixed >>> 15)) >>> 0;
    });
  }

  /** A whole number from 0 to below `count`. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** A number from 0 to below 1. */
  uniform(): number {
    const state = this.#state;
    const [s0 = 0, s1 = 0, s2 = 0, s3 = 0] = state;
    const times5 = Math.imul(s1, 5);
    const result = Math.imul((times5 << 7) | (times5 >>> 25), 9) >>> 0;
    const [a, b] = [s2 ^ s0, s3 ^ s1];
    state[0] = s0 ^ b;
    state[1] = s1 ^ a;
    state[2] = a ^ (s1 << 9);
    state[3] = (b << 11) | (b >>> 21);
    return result / 4_294_967_296;
  }

  /** A normally distributed number of mean 0 and standard deviation 1 (Box and Muller, 1958). */
  normal(): number {
    return Math.sqrt(-2 * Math.log(1 - this.uniform())) * Math.cos(2 * Math.PI * this.uniform());
  }
}
