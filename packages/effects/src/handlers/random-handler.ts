import { platformRandom } from "../portable/platform.ts";
import { SeededRandom } from "../portable/seeded-random.ts";
import type { Random } from "../world.ts";
import { handlerOf } from "./scope.ts";

/**
 * Handles the effect of randomness. It is a `Random`, so a driver's World can use the same object.
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
  /** Name of the handled effect. */
  readonly effect = "random";
  readonly #random: Random;

  /**
   * `"real"` is the platform's cryptographic source. A number is the seed of a repeatable stream. Any other source may be
   * given.
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
 * Returns a number in [0, 1) from the random handler in force.
 *
 * @throws {@link UnhandledEffectError} when no random handler is in force.
 */
export function askRandom(): number {
  return handlerOf("random", "askRandom()", 'new RandomHandler("real")').next();
}
