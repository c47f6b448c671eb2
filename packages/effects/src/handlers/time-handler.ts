import { NotMockError } from "../errors.ts";
import { platformClock } from "../platform.ts";
import type { Cancel, Clock } from "../world.ts";
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

interface MockTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly wake: () => void;
}

class MockClock implements Clock {
  readonly #timers = new Set<MockTimer>();
  #elapsedMs = 0;
  #offsetMs = 0;
  #order = 0;

  wallMs(): number {
    return this.#offsetMs + this.#elapsedMs;
  }

  monotonicMs(): number {
    return this.#elapsedMs;
  }

  schedule(delayMs: number, wake: () => void): Cancel {
    const timer: MockTimer = { dueMs: this.#elapsedMs + Math.max(0, delayMs), order: this.#order++, wake };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  setWall(wallMs: number): void {
    this.#offsetMs = wallMs - this.#elapsedMs;
  }

  advance(ms: number): void {
    const untilMs = this.#elapsedMs + ms;
    for (let timer = this.#next(untilMs); timer; timer = this.#next(untilMs)) {
      this.#timers.delete(timer);
      this.#elapsedMs = timer.dueMs;
      timer.wake();
    }
    this.#elapsedMs = untilMs;
  }

  #next(untilMs: number): MockTimer | undefined {
    let next: MockTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.dueMs > untilMs) continue;
      if (!next || timer.dueMs < next.dueMs || (timer.dueMs === next.dueMs && timer.order < next.order)) next = timer;
    }
    return next;
  }
}
