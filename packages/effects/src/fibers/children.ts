/**
 * Structured concurrency: a fiber never outlives the fiber that started it.
 */
import { running } from "./current.ts";
import type { Eff, RowOf } from "./eff.ts";
import { isProgram } from "./effect.ts";
import { ensure } from "./ensure.ts";
import { failureOf } from "../errors.ts";
import { Fiber } from "./fiber.ts";
import type { Outcome } from "./running-fiber.ts";
import { valueOf } from "./run.ts";
import { StepBy } from "./step.ts";
import { suspend } from "./suspension.ts";

/** A fiber that {@link spawn} started. */
export interface Child<A> {
  /** Waits for the child's result. Throws a `FiberCancelledError` when the child was cancelled. */
  join(): Eff<never, A>;
  /** Cancels the child and waits for its finalisers. If a finaliser fails, the parent ends with that error. */
  cancel(): Eff<never, void>;
}

/**
 * Starts a program as a child of this fiber. The child begins when this fiber waits next. When this fiber ends, for
 * whatever reason, its children are cancelled first. When a child fails, this fiber ends with the child's error.
 *
 * @example
 * ```ts
 * import { run, spawn, suspend } from "@void-system/effects/fibers";
 *
 * const later = (value: string) => suspend<string>((resume) => void setTimeout(() => resume(value), 1));
 *
 * const both = await run(function* () {
 *   const child = yield* spawn(() => later("child"));
 *   const own = yield* later("own");
 *   return [own, yield* child.join()];
 * });
 * both; // => ["own", "child"]
 * ```
 */
export function* spawn<R, A>(body: () => Eff<R, A>): Generator<R, Child<A>> {
  const parent = running();
  const child = new Fiber<A>(parent.scheduler, parent.evidence, body);
  const forget = parent.addExit(() => end(child));
  child.onEnd((outcome) => {
    forget();
    if (outcome.type === "failed") parent.childFailed(outcome.error);
  });
  parent.scheduler.wake(child);
  return { join: () => outcomeOf(child), cancel: () => end(child) };
}

/**
 * Adds a finaliser, which runs once when this fiber's program returns, throws or is cancelled. Finalisers run in reverse
 * order. Children that were spawned after `onExit` end before its finaliser runs.
 *
 * @example
 * ```ts
 * import { onExit, runSync } from "@void-system/effects/fibers";
 *
 * const order: string[] = [];
 * runSync(function* () {
 *   yield* onExit(() => void order.push("first in"));
 *   yield* onExit(() => void order.push("last in"));
 *   order.push("work");
 * });
 * order; // => ["work", "last in", "first in"]
 * ```
 */
export function* onExit<R = never>(finalizer: () => void | Eff<R, void>): Generator<R, void> {
  const fiber = running();
  const { evidence } = fiber;
  const finalize = (): Eff<unknown, unknown> => {
    const returned: unknown = finalizer();
    // A function of type `() => void` may return any value.
    return isProgram(returned) ? returned : [];
  };
  fiber.addExit(() => new StepBy((fiber) => fiber.enter(finalize, evidence)));
}

/**
 * Runs a program in a fiber of its own. `scope` returns or throws only once the program's children have ended and its
 * finalisers have run.
 *
 * @example
 * ```ts
 * import { onExit, runSync, scope } from "@void-system/effects/fibers";
 *
 * const order: string[] = [];
 * runSync(function* () {
 *   yield* scope(function* () {
 *     yield* onExit(() => void order.push("closed"));
 *     order.push("open");
 *   });
 *   order.push("after");
 * });
 * order; // => ["open", "closed", "after"]
 * ```
 */
export function* scope<R, A>(body: () => Eff<R, A>): Generator<R, A> {
  const [value] = yield* all([body]);
  return value;
}

/**
 * The results of several programs, in order.
 *
 * @typeParam T - A tuple of functions that make programs.
 */
export type ResultsOf<T extends readonly (() => Eff<unknown, unknown>)[]> = {
  -readonly [I in keyof T]: T[I] extends () => Eff<unknown, infer A> ? A : never;
};

/**
 * Runs programs concurrently, and returns all of their results in order. When one throws, the others are cancelled.
 * `all` throws that error once they have ended.
 *
 * @typeParam T - The tuple of `bodies`.
 * @example
 * ```ts
 * import { all, run, suspend } from "@void-system/effects/fibers";
 *
 * const after = (ms: number) => suspend<number>((resume) => void setTimeout(() => resume(ms), ms));
 * await run(() => all([() => after(2), () => after(1)])); // => [2, 1]
 * ```
 */
export function all<const T extends readonly (() => Eff<unknown, unknown>)[]>(
  bodies: T,
): Generator<RowOf<T[number]>, ResultsOf<T>>;
export function* all(bodies: readonly (() => Eff<unknown, unknown>)[]): Generator<unknown, unknown[]> {
  let missing = bodies.length;
  if (missing === 0) return [];
  const values: unknown[] = [];
  return yield* together<unknown[]>(bodies, (outcome, index, decide) => {
    if (outcome.type !== "done") return decide(outcome);
    values[index] = outcome.value;
    missing -= 1;
    if (missing === 0) decide({ type: "done", value: values });
  });
}

/**
 * The result of any one of several programs.
 *
 * @typeParam T - A tuple of functions that make programs.
 */
export type ResultOf<T extends readonly (() => Eff<unknown, unknown>)[]> = ResultsOf<T>[number];

/**
 * Runs programs concurrently until the first ends, then cancels the others. Once they have ended, `race` returns the
 * first program's result, or throws its error.
 *
 * @typeParam T - The tuple of `bodies`.
 * @throws RangeError when there are no programs, because the race would never end.
 * @example
 * ```ts
 * import { race, run, suspend } from "@void-system/effects/fibers";
 *
 * const after = (ms: number) =>
 *   suspend<number>((resume) => {
 *     const timeout = setTimeout(() => resume(ms), ms);
 *     return () => clearTimeout(timeout);
 *   });
 * await run(() => race([() => after(60_000), () => after(1)])); // => 1
 * ```
 */
export function race<const T extends readonly (() => Eff<unknown, unknown>)[]>(
  bodies: T,
): Generator<RowOf<T[number]>, ResultOf<T>>;
export function* race(bodies: readonly (() => Eff<unknown, unknown>)[]): Generator<unknown, unknown> {
  if (bodies.length === 0) throw new RangeError("expected programs to race, got none");
  return yield* together(bodies, (outcome, _index, decide) => decide(outcome));
}

type Decide<B> = (outcome: Outcome<B>) => void;

/** Runs programs concurrently until `judge` decides. All of them have ended when this returns or throws. */
function* together<B>(
  bodies: readonly (() => Eff<unknown, unknown>)[],
  judge: (outcome: Outcome<unknown>, index: number, decide: Decide<B>) => void,
): Generator<unknown, B> {
  const { scheduler, evidence } = running();
  // Empty when this fiber was cancelled before, because it then starts no children.
  let children: readonly Fiber[] = [];
  return yield* ensure(
    function* decision() {
      const decided = yield* suspend<Outcome<B>>((resume) => {
        let open = true;
        children = bodies.map((body) => new Fiber(scheduler, evidence, body));
        for (const [index, child] of children.entries()) {
          child.onEnd((outcome) => {
            if (open)
              judge(outcome, index, (decision) => {
                open = false;
                resume(decision);
              });
          });
          scheduler.wake(child);
        }
      });
      return valueOf(decided);
    },
    () => endAll(children),
  );
}

/** Cancels the children that have not ended, one after the other in reverse order. Throws the failures of their ends. */
function* endAll(children: readonly Fiber[]): Generator<never, void> {
  const failures: unknown[] = [];
  for (const child of children.toReversed()) {
    if (child.ended) continue;
    const outcome = yield* ended(child);
    if (outcome.type === "failed") failures.push(outcome.error);
  }
  if (failures.length > 0) throw failureOf(failures);
}

/** Cancels a fiber and waits for its end. */
function ended<A>(child: Fiber<A>): Eff<never, Outcome<A>> {
  return suspend((resume) => {
    child.interrupt();
    return child.onEnd(resume);
  });
}

/** Cancels a child of `spawn`. Its outcome is ignored, because a failure reaches the parent by `childFailed`. */
function* end<A>(child: Fiber<A>): Generator<never, void> {
  yield* ended(child);
}

/** Waits for a fiber's result. */
function* outcomeOf<A>(child: Fiber<A>): Generator<never, A> {
  return valueOf(yield* suspend<Outcome<A>>((resume) => child.onEnd(resume)));
}
