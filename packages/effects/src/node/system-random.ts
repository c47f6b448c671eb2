import { randomFillSync } from "node:crypto";
import type { Random } from "../world.ts";

/** Numbers drawn from the system at once, because a call costs more than many numbers. */
const POOL_NUMBERS = 256;

/**
 * Returns the system's cryptographic randomness.
 *
 * @example
 * ```ts
 * import { systemRandom } from "@void-system/effects/node";
 * systemRandom().bytes(32).length; // => 32
 * ```
 */
export function systemRandom(): Random {
  const pool = new Uint32Array(POOL_NUMBERS * 2);
  let used = pool.length;
  return {
    bytes: (length) => randomFillSync(new Uint8Array(length)),
    next: () => {
      if (used === pool.length) {
        randomFillSync(pool);
        used = 0;
      }
      const high = pool[used] ?? 0;
      const low = pool[used + 1] ?? 0;
      used += 2;
      // 53 random bits are the most that a number in [0, 1) can hold with an even spread.
      return ((high >>> 5) * 2 ** 26 + (low >>> 6)) / 2 ** 53;
    },
  };
}
