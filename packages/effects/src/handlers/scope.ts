/**
 * Effects in direct style: code asks, and its caller decides who answers. A thin layer over fibers: inside of a fiber the
 * handlers stand in its evidence, and outside in a variable that follows asynchronous calls where the platform can.
 */
import { AsyncBodyError, UnhandledEffectError } from "../errors.ts";
import { current } from "../fibers/current.ts";
import { type Ambient, ambient } from "../portable/platform.ts";
import type { Effects, Handler, Scope } from "./direct-effects.ts";

/**
 * Runs `body` with handlers for its effects, and returns what it returns. Inner handlers shadow outer ones, effect by
 * effect. Of two handlers for one effect in the same list, the later one answers.
 *
 * `body` may be asynchronous where the platform follows asynchronous calls (Node.js: `AsyncLocalStorage`). Its handlers
 * are then in force after each `await`, however many bodies run side by side. Browsers refuse an asynchronous body.
 *
 * @throws {@link AsyncBodyError} when `body` returns a promise on such a platform.
 * @example
 * ```ts
 * import { askCurrentTime, LogHandler, TimeHandler, withHandlers } from "@void-system/effects";
 *
 * withHandlers([new TimeHandler("real"), new LogHandler("print")], () => askCurrentTime());
 *
 * const time = new TimeHandler("mock");
 * time.setMockTime(1000);
 * withHandlers([time], () => askCurrentTime()); // => 1000
 * ```
 */
export function withHandlers<Result>(handlers: readonly Handler[], body: () => Result): Result {
  const added = Object.fromEntries(handlers.map((handler) => [handler.effect, handler]));
  const result = withFacets({ ...ambientFacets(), ...added }, body);
  if (!scopes?.followsAwait && isThenable(result)) throw new AsyncBodyError();
  return result;
}

/** Returns the handler of an effect. `asking` and `remedy` go into the error when there is none. */
export function handlerOf<Name extends keyof Effects>(effect: Name, asking: string, remedy: string): Effects[Name] {
  const handler = ambientFacets()[effect];
  if (handler === undefined) throw new UnhandledEffectError(effect, asking, `withHandlers([${remedy}], () => …)`);
  // A `Scope` holds under each name a handler of that name, or nothing, which is ruled out above.
  return handler as Effects[Name];
}

let scopes: Ambient<Scope> | undefined;

/** Returns the handlers in force here: those of the fiber that runs, or those around the call. */
export function ambientFacets(): Scope {
  return current?.evidence.facets ?? scopes?.current() ?? {};
}

/** Runs `body` with these handlers and no others, also after its `await`s where the platform follows them. */
export function withFacets<Result>(facets: Scope, body: () => Result): Result {
  scopes ??= ambient();
  const fiber = current;
  if (!fiber) return scopes.run(facets, body);
  // Until the first `await` the body runs in the fiber, which looks at its evidence; after it, outside of any fiber.
  const { evidence } = fiber;
  fiber.evidence = { ...evidence, facets };
  try {
    return scopes.run(facets, body);
  } finally {
    fiber.evidence = evidence;
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
