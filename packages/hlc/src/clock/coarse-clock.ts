import { ClockReadError } from "../errors.ts";
import { checkFunction, checkNames, checkNumber } from "../internal/options.ts";
import { platformWallMs } from "./internal/platform.ts";

/** Default maximum of readings served by one read of the physical clock. */
export const COARSE_READINGS_MAX_DEFAULT = 256;
/** Default age at which a reading counts as stale, in milliseconds. */
export const COARSE_STALE_MS_DEFAULT = 1;

/** Options of {@link coarseClock}. */
export interface CoarseClockOptions {
  /** The physical clock: milliseconds since 1970. @defaultValue the platform's */
  readonly wallMs?: () => number;
  /** Maximum of readings served by one read of the physical clock. @defaultValue 256 */
  readonly readingsMax?: number;
  /**
   * Time between two reads of the physical clock, in milliseconds, from which each serves one reading only.
   * @defaultValue 1
   */
  readonly staleMs?: number;
}

/**
 * Makes a physical clock for {@link HybridLogicalClock} that reads the real one only now and then, for bursts of
 * stamps. Stamps still rise strictly, but are less close to the real time. The bounds:
 * - one read serves at most `readingsMax` readings;
 * - no read outlives the turn of the event loop in which it was made (its microtask queue, to be exact);
 * - a read serves twice as many readings as the one before if that was less than `staleMs` ago, otherwise only one. So
 *   at a steady pace no reading is older than twice `staleMs` and the millisecond that the clock rounds away. A turn
 *   that suddenly slows down has one reading that is older.
 *
 * @throws {@link InvalidOptionError} if an option is invalid.
 * @example
 * ```ts
 * import { coarseClock, HybridLogicalClock } from "@void-system/hlc";
 *
 * const clock = new HybridLogicalClock("node_a", { wallMs: coarseClock() });
 * clock.now() < clock.now(); // => true
 * ```
 */
export function coarseClock(options: CoarseClockOptions = {}): () => number {
  checkNames("options", options, ["wallMs", "readingsMax", "staleMs"]);
  const { wallMs = platformWallMs, staleMs = COARSE_STALE_MS_DEFAULT } = options;
  const { readingsMax = COARSE_READINGS_MAX_DEFAULT } = options;
  checkFunction("wallMs", wallMs);
  checkNumber("staleMs", staleMs, 0, "milliseconds");
  checkNumber("readingsMax", readingsMax, 1, "a number");
  let readMs = 0;
  /** Readings that the last read may still serve, and the number it could serve in all. */
  let left = 0;
  let granted = 1;
  let turnEnds = false;
  const endTurn = (): void => {
    left = 0;
    granted = 1;
    turnEnds = false;
  };
  const look = (): number => {
    const ms = wallMs();
    if (typeof ms !== "number") throw new ClockReadError(ms);
    granted = turnEnds && Math.abs(ms - readMs) < staleMs ? Math.min(granted * 2, readingsMax) : 1;
    left = granted - 1;
    readMs = ms;
    if (!turnEnds) {
      turnEnds = true;
      queueMicrotask(endTurn);
    }
    return ms;
  };
  return () => {
    if (left === 0) return look();
    left -= 1;
    return readMs;
  };
}
