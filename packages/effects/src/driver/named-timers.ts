/**
 * One timer per name: set again it is replaced, and cancelled it never fires, even if it was due.
 */
import type { Cancel, Clock } from "../world.ts";

/** The input that a timer will be: the very object is also the timer's identity. */
export interface TimerInput {
  readonly type: "timer";
  readonly name: string;
}

interface Timer {
  readonly input: TimerInput;
  readonly cancel: Cancel;
}

/** The timers of one core. */
export class NamedTimers {
  readonly #clock: Pick<Clock, "schedule">;
  readonly #due: (input: TimerInput) => void;
  readonly #timers = new Map<string, Timer>();

  /** `due` is told of a timer whose time has come; whoever acts on it has to {@link NamedTimers.take} it first. */
  constructor(clock: Pick<Clock, "schedule">, due: (input: TimerInput) => void) {
    this.#clock = clock;
    this.#due = due;
  }

  get size(): number {
    return this.#timers.size;
  }

  set(name: string, delayMs: number): void {
    this.cancel(name);
    const input: TimerInput = { type: "timer", name };
    this.#timers.set(name, { input, cancel: this.#clock.schedule(delayMs, () => this.#due(input)) });
  }

  cancel(name: string): void {
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
  }

  /** False: it was cancelled or replaced since it was due. */
  take(input: TimerInput): boolean {
    return this.#timers.get(input.name)?.input === input && this.#timers.delete(input.name);
  }

  clear(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
  }
}
