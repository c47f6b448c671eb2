import { ambientFacets } from "../handlers/scope.ts";
import type { Cancel } from "../world.ts";
import type { Closed, Eff } from "./eff.ts";
import type { PlatformAbortSignal } from "../portable/abort-signal.ts";
import { FiberCancelledError, SuspendedError } from "../errors.ts";
import { Fiber } from "./fiber.ts";
import type { Outcome } from "./running-fiber.ts";
import { Scheduler } from "./scheduler.ts";
import { captureFrames } from "./trace.ts";

/** Options of `run`. */
export interface RunOptions {
  /** Signal whose abort cancels the program. */
  readonly signal?: PlatformAbortSignal;
}

/** A program that {@link launch} started. */
export interface Launched {
  /** Cancels the program. Its finalisers run. */
  readonly cancel: Cancel;
}

/**
 * Runs a program whose effects are all handled until it first waits, and calls `ended` with its outcome. The call comes
 * before `launch` returns, or later from the callback that resumed the program. There is no promise, so programs of
 * simulated worlds run by it.
 *
 * @example
 * ```ts
 * import { launch, type Outcome, suspend } from "@void-system/effects/fibers";
 *
 * let answer: (text: string) => void = () => undefined;
 * let outcome: Outcome<string> | undefined;
 * launch(() => suspend<string>((resume) => { answer = resume; }), (ended) => { outcome = ended; });
 * outcome; // => undefined
 * answer("hello");
 * outcome; // => { type: "done", value: "hello" }
 * ```
 */
export function launch<R, A>(body: () => Eff<R, A> & Closed<R>, ended: (outcome: Outcome<A>) => void): Launched {
  const scheduler = new Scheduler();
  const fiber = new Fiber<A>(scheduler, { entries: [], facets: ambientFacets(), call: undefined }, body);
  fiber.onEnd(ended);
  scheduler.wake(fiber);
  return { cancel: () => fiber.interrupt() };
}

/**
 * Runs a program whose effects are all handled, and returns a promise of its result. For a row that is not empty, the
 * compile error names the unhandled effects. The promise rejects with the error that the program throws.
 *
 * @throws {@link FiberCancelledError} (as a rejection) when the program was cancelled.
 * @example
 * ```ts
 * import { effect, run } from "@void-system/effects/fibers";
 *
 * const Greeting = effect<{ of(name: string): string }>()("example/greeting");
 *
 * function* greet(name: string) {
 *   return `${yield* Greeting.of(name)}!`;
 * }
 *
 * await run(() => Greeting.handle({ of: (name) => `Hello ${name}` }, () => greet("you"))); // => "Hello you!"
 *
 * // @ts-expect-error: { "unhandled effects": "example/greeting" }
 * () => run(() => greet("you"));
 * ```
 */
export function run<R, A>(body: () => Eff<R, A> & Closed<R>, options: RunOptions = {}): Promise<A> {
  const { signal } = options;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) throw new FiberCancelledError();
    let launched: Launched | undefined;
    const aborted = (): void => launched?.cancel();
    signal?.addEventListener("abort", aborted);
    launched = launch(body, (outcome) => {
      signal?.removeEventListener("abort", aborted);
      if (outcome.type === "done") resolve(outcome.value);
      else reject(errorOf(outcome));
    });
    // The program may have aborted the signal itself, before `launched` was set.
    if (signal?.aborted) aborted();
  });
}

/**
 * Runs a program that never waits, and returns its result. Errors of the program are thrown as they are.
 *
 * @throws {@link SuspendedError} when the program waits.
 * @example
 * ```ts
 * import { effect, runSync } from "@void-system/effects/fibers";
 *
 * const Counter = effect<{ next(): number }>()("example/counter");
 * let count = 0;
 * const twice = function* () {
 *   return [yield* Counter.next(), yield* Counter.next()];
 * };
 * runSync(() => Counter.handle({ next: () => ++count }, twice)); // => [1, 2]
 * ```
 */
export function runSync<R, A>(body: () => Eff<R, A> & Closed<R>): A {
  let outcome: Outcome<A> | undefined;
  const { cancel } = launch(body, (ended) => {
    outcome = ended;
  });
  if (!outcome) {
    cancel();
    throw new SuspendedError();
  }
  return valueOf(outcome);
}

/** Returns the value of another fiber's outcome, or throws its error, which then passes through the calling program. */
export function valueOf<A>(outcome: Outcome<A>): A {
  if (outcome.type === "done") return outcome.value;
  const error = errorOf(outcome);
  captureFrames(error);
  throw error;
}

function errorOf(outcome: Exclude<Outcome<never>, { readonly type: "done" }>): unknown {
  return outcome.type === "failed" ? outcome.error : new FiberCancelledError();
}
