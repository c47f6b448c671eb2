/**
 * Effects in direct style: code asks, and whoever runs it decides who answers.
 */
import { AsyncBodyError, UnhandledEffectError } from "../errors.ts";
import { type Ambient, ambient } from "../platform.ts";
import type { Clock, Disk, Logger, Network, Random } from "../world.ts";
import type { Secrets } from "./secrets-handler.ts";
import type { StateCell } from "./state-handler.ts";

/** The effects, by name, and what answers each: facets of the World, and a cell of state. */
export interface Effects {
  /** Time. */
  readonly clock: Clock;
  /** What people are told. */
  readonly logger: Logger;
  /** Durable logs. */
  readonly disk: Disk;
  /** Links to other nodes. */
  readonly network: Network;
  /** Chance. */
  readonly random: Random;
  /** What nobody may see. */
  readonly secrets: Secrets;
  /** One value that is kept. */
  readonly state: StateCell<unknown>;
}

/** A facet of the World that says which effect it answers. */
export type Handler = { [Name in keyof Effects]: Effects[Name] & Answers<Name> }[keyof Effects];

/** What says which effect it answers. */
export interface Answers<Name extends keyof Effects> {
  /** The effect's name. */
  readonly effect: Name;
}

/** Who answers what, at one place. */
export type Scope = Partial<Effects>;

/** Where a fiber is: it has its own scope, wherever it is resumed from. */
export interface Inside {
  /** Who answers there. */
  readonly evidence: { readonly facets: Scope };
}

let scopes: Ambient<Scope> | undefined;
let inside: Inside | undefined;

/** Makes effects in direct style those of a fiber, until it is called again; returns whose they were. */
export function enterFacets(fiber: Inside | undefined): Inside | undefined {
  const outer = inside;
  inside = fiber;
  return outer;
}

/** Who answers here. */
export function ambientFacets(): Scope {
  return inside?.evidence.facets ?? scopes?.current() ?? {};
}

/** Runs `body` with these handlers and no others, also behind its `await`s where the platform follows them. */
export function withFacets<Result>(facets: Scope, body: () => Result): Result {
  scopes ??= ambient();
  const outer = inside;
  inside = undefined;
  try {
    return scopes.run(facets, body);
  } finally {
    inside = outer;
  }
}

/**
 * Runs `body` with handlers for its effects, and returns what it returns. Handlers inside of others shadow them,
 * effect by
 * effect; of two for one effect in the same list, the later one answers.
 *
 * `body` may be asynchronous where the platform follows asynchronous calls (Node.js: `AsyncLocalStorage`): its handlers
 * are then right behind each `await`, however many run side by side. Browsers have no such thing: there an asynchronous
 * body is refused.
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
  let scope = ambientFacets();
  for (const handler of handlers) scope = extended(scope, handler);
  const result = withFacets(scope, body);
  if (!scopes?.followsAwait && isThenable(result)) throw new AsyncBodyError();
  return result;
}

/** Who answers an effect here; `asking` is named in the error when nobody does. */
export function handlerOf<Name extends keyof Effects>(effect: Name, asking: string, remedy: string): Effects[Name] {
  const handler = ambientFacets()[effect];
  if (handler === undefined) throw new UnhandledEffectError(effect, asking, `withHandlers([${remedy}], () => …)`);
  // `Scope` holds under each name a handler of that name, or nothing, which is ruled out above.
  return handler as Effects[Name];
}

function extended(scope: Scope, handler: Handler): Scope {
  switch (handler.effect) {
    case "clock":
      return { ...scope, clock: handler };
    case "logger":
      return { ...scope, logger: handler };
    case "disk":
      return { ...scope, disk: handler };
    case "network":
      return { ...scope, network: handler };
    case "random":
      return { ...scope, random: handler };
    case "secrets":
      return { ...scope, secrets: handler };
    case "state":
      return { ...scope, state: handler };
  }
}

function isThenable(value: unknown): boolean {
  return typeof value === "object" && value !== null && "then" in value && typeof value.then === "function";
}
