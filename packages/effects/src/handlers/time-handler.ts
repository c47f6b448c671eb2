import { NotMockError } from "../errors.ts";
import { platformClock } from "../portable/platform.ts";
import type { Cancel, Clock } from "../world.ts";
import { type Instant, MockClock } from "./mock-clock.ts";
import { handlerOf } from "./scope.ts";

/**
 * Handles the effect of time. It is a `Clock`, so a driver's World can use the same object.
 *
 * @example
 * ```ts
 * import { askCurrentTime, TimeHandler, withHandlers } from "@void-system/effects";
 *
 * const time = new TimeHandler("mock");
 * const woken: number[] = [];
 * time.schedule(50, () => woken.push(time.wallMs()));
 * time.setMockTime(1000);
 * time.advance(60);
 * woken; // => [1050]
 * withHandlers([time], () => askCurrentTime()); // => 1060
 *
 * // Time travel: back to an instant, with the timers that were set then.
 * const noon = time.record();
 * time.schedule(5, () => woken.push(time.wallMs()));
 * const timed = time.record();
 * time.advance(10);
 * time.travelTo(timed);
 * time.advance(10);
 * woken; // => [1050, 1065, 1065]
 * time.travelTo(noon);
 * time.wallMs(); // => 1060
 * ```
 */
export class TimeHandler implements Clock {
  /** Name of the handled effect. */
  readonly effect = "clock";
  readonly #mock: MockClock | undefined;
  readonly #clock: Clock;

  /** `"real"` is the platform's clock. `"mock"` starts at 0 and advances only by `advance`. Any other clock may be given. */
  constructor(clock: "real" | "mock" | Clock) {
    this.#mock = clock === "mock" ? new MockClock() : undefined;
    this.#clock = this.#mock ?? (typeof clock === "string" ? platformClock() : clock);
  }

  wallMs(): number {
    return this.#clock.wallMs();
  }

  monotonicMs(): number {
    return this.#clock.monotonicMs();
  }

  schedule(delayMs: number, wake: () => void): Cancel {
    return this.#clock.schedule(delayMs, wake);
  }

  /**
   * Sets the wall clock of a mock, forward or back. No time passes, so timers keep their remaining delays.
   *
   * @throws {@link NotMockError} when this clock is real.
   */
  setMockTime(wallMs: number): void {
    this.#mocked("setMockTime").setWall(wallMs);
  }

  /**
   * Advances a mock clock by `ms`. Timers that become due fire in order, each at its own time.
   *
   * @throws {@link NotMockError} when this clock is not a mock, RangeError when `ms` is negative.
   */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`expected time to advance by 0 ms or more, got ${ms}`);
    this.#mocked("advance").advance(ms);
  }

  /**
   * Records this instant of a mock clock and the timers that are set, for {@link TimeHandler.travelTo}.
   *
   * @throws {@link NotMockError} when this clock is not a mock.
   */
  record(): Instant {
    return this.#mocked("record").record();
  }

  /**
   * Moves a mock clock to an earlier or later instant that it recorded. It restores the time and the timers of that
   * instant, including timers that have fired or were cancelled since. Effects of timers that fired are not undone.
   *
   * @throws {@link NotMockError} when this clock is not a mock, {@link UnknownInstantError} for an instant of another
   * clock.
   */
  travelTo(instant: Instant): void {
    this.#mocked("travelTo").travelTo(instant);
  }

  #mocked(method: string): MockClock {
    if (!this.#mock) throw new NotMockError(method);
    return this.#mock;
  }
}

/**
 * Returns the time of the time handler in force, in milliseconds since 1970.
 *
 * @throws {@link UnhandledEffectError} when no time handler is in force.
 */
export function askCurrentTime(): number {
  return handlerOf("clock", "askCurrentTime()", 'new TimeHandler("real")').wallMs();
}
