/**
 * Effects, doors and watched programs for the tests of fibers.
 */
import { expect } from "vitest";
import { type Eff, type Effect, effect, launch, type Outcome, suspend } from "../src/fibers/index.ts";

interface AskOperations {
  now(): number;
  plus(a: number, b?: number, c?: number): number;
  wait(): void;
}

interface LineOperations {
  write(line: string): void;
}

export const Ask: Effect<"test/ask", AskOperations> = effect<AskOperations>()("test/ask");
export const Lines: Effect<"test/lines", LineOperations> = effect<LineOperations>()("test/lines");

/** A source of answers that the test controls. Waits are answered first in, first out. */
export class Door<A> {
  readonly #waiting: { resume: (answer: A) => void; fail: (error: unknown) => void }[] = [];
  cancelled = 0;
  wait(): Eff<never, A> {
    return suspend<A>((resume, fail) => {
      const one = { resume, fail };
      this.#waiting.push(one);
      return () => {
        this.cancelled += 1;
        this.#waiting.splice(this.#waiting.indexOf(one), 1);
      };
    });
  }
  get waiting(): number {
    return this.#waiting.length;
  }
  open(answer: A): void {
    this.#waiting.shift()!.resume(answer);
  }
  fail(error: unknown): void {
    this.#waiting.shift()!.fail(error);
  }
}

/** Runs a program and records its outcome. */
export function watch<R, A>(body: () => Eff<R, A>): { outcome: Outcome<A> | undefined; cancel: () => void } {
  const seen: { outcome: Outcome<A> | undefined; cancel: () => void } = { outcome: undefined, cancel: () => undefined };
  seen.cancel = launch(body as () => Eff<never, A>, (outcome) => {
    expect(seen.outcome).toBeUndefined();
    seen.outcome = outcome;
  }).cancel;
  return seen;
}

export const answers: AskOperations = {
  now: () => 7,
  plus: (a, b = 10, c = 100) => a + b + c,
  wait: () => undefined,
};
