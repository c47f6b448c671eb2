import { NotMockError } from "../errors.ts";
import { platformClock } from "../portable/platform.ts";
import type { Cancel, Clock } from "../world.ts";
import { type Instant, MockClock } from "./mock-clock.ts";
import { handlerOf } from "./scope.ts";

/**
 * Answers the effect of time; it is a `Clock`, so a driver's World can have the very same one.
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
 * // Time travel: back to an instant, with the timers that were set.
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
  /** The effect that it answers. */
  readonly effect = "clock";
  readonly #mock: MockClock | undefined;
  readonly #clock: Clock;

  /** `"real"`: the platform's clock; `"mock"`: one that stands at 0 until it is told; or any other clock. */
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
   * Sets a mock wall clock to `wallMs`, forward or back. No time passes: timers stay as far away as they were.
   *
   * @throws {@link NotMockError} when this clock is real.
   */
  setMockTime(wallMs: number): void {
    this.#mocked("setMockTime").setWall(wallMs);
  }

  /**
   * Lets `ms` pass on a mock clock, and wakes what is due on the way, in order, each at its time.
   *
   * @throws {@link NotMockError} when this clock is real; RangeError when `ms` is negative.
   */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`expected time to advance by 0 ms or more, got ${ms}`);
    this.#mocked("advance").advance(ms);
  }

  /**
   * Keeps this instant of a mock clock, with the timers that are set, for {@link TimeHandler.travelTo}.
   *
   * @throws {@link NotMockError} when this clock is real.
   */
  record(): Instant {
    return this.#mocked("record").record();
  }

  /**
   * Takes a mock clock to an instant that it recorded, earlier or later: its time, and the timers as they were then, also
   * those that have gone off or were cancelled since. What they did is not undone.
   *
   * @throws {@link NotMockError} when this clock is real; {@link UnknownInstantError} for an instant of another clock.
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
 * The time of the handler around: milliseconds since 1970.
 *
 * @throws {@link UnhandledEffectError} when there is none.
 */
export function askCurrentTime(): number {
  return handlerOf("clock", "askCurrentTime()", 'new TimeHandler("real")').wallMs();
}
