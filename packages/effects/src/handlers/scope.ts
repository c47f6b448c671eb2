/**
 * Effects in direct style: plain functions perform effects, and a caller chooses the handlers. This is a thin layer over
 * fibers. Inside a fiber the handlers are part of its evidence. Outside they are in an ambient variable, which follows
 * asynchronous calls where the platform can.
 */
import { AsyncBodyError, UnhandledEffectError } from "../errors.ts";
import { current } from "../fibers/current.ts";
import { type Ambient, ambient } from "../portable/platform.ts";
import type { Effects, Handler, Scope } from "./direct-effects.ts";

/**
 * Runs `body` with handlers for its effects, and returns its result. Inner handlers shadow outer ones, effect by effect.
 * If a list has two handlers for one effect, the later one is used.
 *
 * `body` may be asynchronous where the platform follows asynchronous calls (in Node.js by `AsyncLocalStorage`). Its
 * handlers then stay in force after each `await`, even among concurrent bodies. Browsers refuse an asynchronous body.
 *
 * @throws {@link AsyncBodyError} when `body` returns a promise on a platform that does not follow asynchronous calls.
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

/** Returns the handler of an effect. `asking` and `remedy` are parts of the error's message when there is none. */
export function handlerOf<Name extends keyof Effects>(effect: Name, asking: string, remedy: string): Effects[Name] {
  const handler = ambientFacets()[effect];
  if (handler === undefined) throw new UnhandledEffectError(effect, asking, `withHandlers([${remedy}], () => …)`);
  // A `Scope` has under each name a handler of that effect or nothing, and the line above excludes nothing.
  return handler as Effects[Name];
}

let scopes: Ambient<Scope> | undefined;

/** Returns the handlers in force: those of the running fiber, or those around the call. */
export function ambientFacets(): Scope {
  return current?.evidence.facets ?? scopes?.current() ?? {};
}

/** Runs `body` with exactly these handlers, also after its `await`s where the platform follows them. */
export function withFacets<Result>(facets: Scope, body: () => Result): Result {
  scopes ??= ambient();
  const fiber = current;
  if (!fiber) return scopes.run(facets, body);
  // Until its first `await` the body runs in the fiber and uses the fiber's evidence. Afterwards it runs outside of fibers.
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
