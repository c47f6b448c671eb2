/**
 * A machine that stands until the test says so: waits are answered one after the other, the oldest first; when there is
 * none, time passes up to the next timer.
 */
import type { Cancel, Clock } from "@void-system/effects";
import { type Eff, type Outcome, launch, suspend } from "@void-system/effects/fibers";
import { expect } from "vitest";

/** Steps of one run; more are a program that never ends. */
const STEPS_MAX = 10_000;

export class Steps implements Clock {
  readonly #waits = new Set<() => void>();
  readonly #timers = new Set<{ readonly dueMs: number; readonly wake: () => void }>();
  #nowMs = 0;

  wallMs(): number {
    return 1_700_000_000_000 + this.#nowMs;
  }

  monotonicMs(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, wake: () => void): Cancel {
    const timer = { dueMs: this.#nowMs + Math.max(0, delayMs), wake };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** Waits for a step; gives what `answer` gives then, or throws what it throws. Whoever is cancelled takes it back. */
  wait<A>(answer: () => A): Eff<never, A> {
    return this.#suspend(answer, true);
  }

  /** The same of what cannot be taken back: it happens, whether anybody waits for it or not. */
  happen<A>(answer: () => A): Eff<never, A> {
    return this.#suspend(answer, false);
  }

  #suspend<A>(answer: () => A, isRevocable: boolean): Eff<never, A> {
    return suspend<A>((resume, fail) => {
      const go = (): void => {
        let value: A;
        try {
          value = answer();
        } catch (error) {
          return fail(error);
        }
        resume(value);
      };
      this.#waits.add(go);
      return () => void (isRevocable && this.#waits.delete(go));
    });
  }

  /** One step; false when nobody waits for anything. */
  step(): boolean {
    const [wait] = this.#waits;
    if (wait) {
      this.#waits.delete(wait);
      wait();
      return true;
    }
    const next = [...this.#timers].sort((a, b) => a.dueMs - b.dueMs)[0];
    if (!next || next.dueMs === Infinity) return false;
    this.#timers.delete(next);
    this.#nowMs = next.dueMs;
    next.wake();
    return true;
  }

  /** Nothing is waited for: what a program that has ended is to leave behind. */
  get isQuiet(): boolean {
    return this.#waits.size === 0 && this.#timers.size === 0;
  }
}

/** A program at work, and how it ended. */
export class Watched<A> {
  readonly cancel: () => void;
  outcome: Outcome<A> | undefined;
  readonly #steps: Steps;

  constructor(steps: Steps, program: () => Eff<never, A>) {
    this.#steps = steps;
    this.cancel = launch(program, (outcome) => {
      this.outcome = outcome;
    }).cancel;
  }

  /** Goes on to its end. */
  end(): Outcome<A> {
    for (let count = 0; !this.outcome && count < STEPS_MAX; count++) if (!this.#steps.step()) break;
    if (!this.outcome) throw new Error("the program waits for what never comes");
    return this.outcome;
  }

  /** Goes on for so many steps, or up to its end. */
  goOn(steps: number): this {
    for (let count = 0; !this.outcome && count < steps; count++) if (!this.#steps.step()) break;
    return this;
  }
}

/**
 * Runs a program once for each of its waits, cancelled there, and once to its end. `check` is told each outcome, and after
 * how many steps the cancellation came.
 */
export function cancelEverywhere<A>(make: (steps: Steps) => () => Eff<never, A>, check: (outcome: Outcome<A>, at: number) => void): number {
  for (let at = 0; ; at++) {
    const steps = new Steps();
    const watched = new Watched(steps, make(steps)).goOn(at);
    const isDone = watched.outcome !== undefined;
    watched.cancel();
    const outcome = watched.end();
    expect(steps.isQuiet, `something goes on after a cancellation at step ${at}`).toBe(true);
    check(outcome, at);
    if (isDone) return at;
  }
}
