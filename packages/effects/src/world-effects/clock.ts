import type * as world from "../world.ts";
import type { Eff, Need } from "../fibers/eff.ts";
import { race } from "../fibers/children.ts";
import { EffectTimeoutError } from "../errors.ts";
import { type FacetEffect, facetEffect } from "./facet-effect.ts";
import { suspend } from "../fibers/suspension.ts";

/** Operations of {@link Clock}. */
export interface ClockOperations {
  /** Returns milliseconds since 1970 by this node's clock. */
  now(): number;
  /** Returns milliseconds that never go back. */
  monotonic(): number;
  /** Waits for `ms` milliseconds, or a little longer. */
  sleep(ms: number): void;
}

/**
 * The effect of time. Its handlers are `World.clock`, a `TimeHandler` or any other `Clock`.
 *
 * @example
 * ```ts
 * import { platformClock } from "@void-system/effects";
 * import { run } from "@void-system/effects/fibers";
 * import { Clock } from "@void-system/effects/world";
 *
 * function* nap() {
 *   const before = yield* Clock.monotonic();
 *   yield* Clock.sleep(5);
 *   return (yield* Clock.monotonic()) - before >= 4;
 * }
 * await run(() => Clock.handle(platformClock(), nap)); // => true
 * ```
 */
export const Clock: FacetEffect<"void.clock", world.Clock, ClockOperations> = /* @__PURE__ */ facetEffect<world.Clock, ClockOperations>()(
  "void.clock",
  (clock) => ({
    now: () => clock.wallMs(),
    monotonic: () => clock.monotonicMs(),
    sleep: (ms) =>
      suspend<void>((resume) => {
        let asleep = true;
        return clock.schedule(ms, () => {
          // A mock clock that travels back in time fires the same timer again.
          if (asleep) resume();
          asleep = false;
        });
      }),
  }),
  (clock) => ({ clock }),
);

/**
 * Runs a program with a timeout by the clock in force. After `timeoutMs` the program is cancelled. `timeout` throws once
 * the program has ended.
 *
 * @throws {@link EffectTimeoutError} into the calling program when the timeout is exceeded.
 * @example
 * ```ts
 * import { platformClock } from "@void-system/effects";
 * import { run, suspend } from "@void-system/effects/fibers";
 * import { Clock, EffectTimeoutError, timeout } from "@void-system/effects/world";
 *
 * const never = () => suspend<string>(() => undefined);
 * const program = function* () {
 *   try {
 *     return yield* timeout(5, never);
 *   } catch (error) {
 *     return error instanceof EffectTimeoutError ? "too late" : "?";
 *   }
 * };
 * await run(() => Clock.handle(platformClock(), program)); // => "too late"
 * ```
 */
export function* timeout<R, A>(timeoutMs: number, body: () => Eff<R, A>): Generator<R | Need<"void.clock">, A> {
  const late = function* (): Generator<Need<"void.clock">, never> {
    yield* Clock.sleep(timeoutMs);
    throw new EffectTimeoutError(timeoutMs);
  };
  return yield* race([body, late]);
}
