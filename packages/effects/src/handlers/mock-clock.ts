import { UnknownInstantError } from "../errors.ts";
import { delayOf } from "../portable/delay.ts";
import type { Cancel, Clock } from "../world.ts";

/** An instant that a mock clock recorded and can travel to. */
export interface Instant {
  /** The wall clock at that instant. */
  readonly wallMs: number;
  /** Milliseconds from the creation of the clock to that instant. */
  readonly monotonicMs: number;
}

interface MockTimer {
  readonly dueMs: number;
  readonly order: number;
  readonly wake: () => void;
}

interface Recorded {
  readonly timers: readonly MockTimer[];
  readonly offsetMs: number;
}

/** A clock that advances only when a test moves it, and that can travel to recorded instants. */
export class MockClock implements Clock {
  #timers = new Set<MockTimer>();
  readonly #recorded = new WeakMap<Instant, Recorded>();
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
    const timer: MockTimer = { dueMs: this.#elapsedMs + delayOf(delayMs), order: this.#order++, wake };
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

  record(): Instant {
    const instant: Instant = { wallMs: this.wallMs(), monotonicMs: this.#elapsedMs };
    this.#recorded.set(instant, { timers: [...this.#timers], offsetMs: this.#offsetMs });
    return instant;
  }

  travelTo(instant: Instant): void {
    const recorded = this.#recorded.get(instant);
    if (!recorded) throw new UnknownInstantError();
    this.#elapsedMs = instant.monotonicMs;
    this.#offsetMs = recorded.offsetMs;
    this.#timers = new Set(recorded.timers);
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
