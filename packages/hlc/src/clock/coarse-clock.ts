import { InvalidOptionError } from "../errors.ts";
import { platformWallMs } from "./internal/platform.ts";

/** Most readings that one look at the physical clock may serve, unless told otherwise. */
export const COARSE_READINGS_MAX_DEFAULT = 256;
/** How old a coarse reading may become before the clock looks more often, in milliseconds, unless told otherwise. */
export const COARSE_STALE_MS_DEFAULT = 1;

/** How coarse a {@link coarseClock} is. */
export interface CoarseClockOptions {
  /** The physical clock: milliseconds since 1970. @defaultValue the platform's */
  readonly wallMs?: () => number;
  /** Most readings that one look at the physical clock may serve. @defaultValue 256 */
  readonly readingsMax?: number;
  /** How old a reading may become, in milliseconds, before the clock looks at each. @defaultValue 1 */
  readonly staleMs?: number;
}

/**
 * A physical clock for {@link HybridLogicalClock} that looks at the real one only now and then, for bursts of stamps.
 * Stamps rise all the same; what suffers is how close they are to the real time. The bounds of that:
 *
 * - one look serves at most `readingsMax` readings;
 * - no look outlives the turn of the event loop that it was made in (its microtask queue, to be exact);
 * - a look serves twice as many readings as the one before if that was less than `staleMs` ago, otherwise none but its
 *   own. So at a steady pace no reading is older than twice `staleMs` and the millisecond that the clock rounds away;
 *   a turn that slows down all at once has one look that is older.
 *
 * @throws {@link InvalidOptionError} if an option cannot work.
 * @example
 * ```ts
 * import { coarseClock, HybridLogicalClock } from "@void-system/hlc";
 *
 * const clock = new HybridLogicalClock("node_a", { wallMs: coarseClock() });
 * clock.now() < clock.now(); // => true
 * ```
 */
export function coarseClock(options: CoarseClockOptions = {}): () => number {
  const { wallMs = platformWallMs, staleMs = COARSE_STALE_MS_DEFAULT } = options;
  const { readingsMax = COARSE_READINGS_MAX_DEFAULT } = options;
  if (!(readingsMax >= 1)) throw new InvalidOptionError("readingsMax", "at least 1", readingsMax);
  let readMs = 0;
  /** Readings that the last look may serve still, and how many it could serve in all. */
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
