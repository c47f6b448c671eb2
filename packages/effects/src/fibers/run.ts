import { ambientFacets } from "../handlers/scope.ts";
import type { Cancel } from "../world.ts";
import type { Closed, Eff } from "./eff.ts";
import { FiberCancelledError, SuspendedError } from "../errors.ts";
import { Fiber } from "./fiber.ts";
import type { Outcome } from "./running-fiber.ts";
import { Scheduler } from "./scheduler.ts";
import { captureFrames } from "./trace.ts";

/** What `run` may be told. */
export interface RunOptions {
  /** Cancels the program when it is aborted. */
  readonly signal?: AbortSignal;
}

/** A program that was launched. */
export interface Launched {
  /** Ends it before its time; its finalisers run. */
  readonly cancel: Cancel;
}

/**
 * Runs a program whose effects are all handled, up to where it first waits, and tells how it ended: at once, or later
 * from whatever it waited for. No promise is made, so it is how programs run in simulated worlds.
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
  const fiber = new Fiber<A>(scheduler, { entries: [], facets: ambientFacets() }, body);
  fiber.onEnd(ended);
  scheduler.wake(fiber);
  return { cancel: () => fiber.interrupt() };
}

/**
 * Runs a program whose effects are all handled; its result is a promise's. The row has to be empty: the compile error
 * names the effects that nobody handles.
 *
 * @throws (rejects with) what the program throws; {@link FiberCancelledError} when it was cancelled.
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
    // By the program itself, before there was anything to cancel.
    if (signal?.aborted) aborted();
  });
}

/**
 * Runs a program that never waits, and returns its result.
 *
 * @throws what the program throws; {@link SuspendedError} when it waits.
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

/** The value of another fiber's outcome, or what it throws: from there on, the error goes through whoever asks. */
export function valueOf<A>(outcome: Outcome<A>): A {
  if (outcome.type === "done") return outcome.value;
  const error = errorOf(outcome);
  captureFrames(error);
  throw error;
}

function errorOf(outcome: Exclude<Outcome<never>, { readonly type: "done" }>): unknown {
  return outcome.type === "failed" ? outcome.error : new FiberCancelledError();
}
