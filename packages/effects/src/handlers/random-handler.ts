import { platformRandom } from "../portable/platform.ts";
import { SeededRandom } from "../portable/seeded-random.ts";
import type { Random } from "../world.ts";
import { handlerOf } from "./scope.ts";

/**
 * Answers the effect of chance; it is a `Random`, so a driver's World can have the very same one.
 *
 * @example
 * ```ts
 * import { askRandom, RandomHandler, withHandlers } from "@void-system/effects";
 *
 * const roll = () => withHandlers([new RandomHandler(7)], () => askRandom());
 * roll() === roll(); // => true
 * ```
 */
export class RandomHandler implements Random {
  /** The effect that it answers. */
  readonly effect = "random";
  readonly #random: Random;

  /**
   * `"real"`: the platform's cryptographic source; a number: the seed of a stream that repeats; or any other source.
   */
  constructor(source: "real" | number | Random) {
    if (typeof source === "number") this.#random = new SeededRandom(source);
    else this.#random = source === "real" ? platformRandom() : source;
  }

  bytes(length: number): Uint8Array {
    return this.#random.bytes(length);
  }

  next(): number {
    return this.#random.next();
  }
}

/**
 * A number in [0, 1) from the handler around.
 *
 * @throws {@link UnhandledEffectError} when there is none.
 */
export function askRandom(): number {
  return handlerOf("random", "askRandom()", 'new RandomHandler("real")').next();
}
