import { LinearLeakError } from "./errors.ts";
import type { Leak } from "./errors.ts";
import type { LinearResource } from "./resources/linear-resource.ts";
import { observeResources } from "./resources/observer.ts";
import type { ResourceObserver } from "./resources/observer.ts";

/** What a matcher tells vitest. */
export interface LeakVerdict {
  /** Whether nothing leaked. */
  readonly pass: boolean;
  /** Says what did. */
  readonly message: () => string;
}

/**
 * Runs `body` and fails when a linear resource that was made meanwhile is left, in a context or not. Bodies may be nested;
 * do not let two asynchronous ones overlap.
 *
 * @returns what `body` returns.
 * @throws LinearLeakError naming what is left; and whatever `body` throws.
 * @example
 * ```ts
 * import { LinearResource } from "@void-system/linear";
 * import { expectNoLeaks } from "@void-system/linear/vitest";
 * expectNoLeaks(() => new LinearResource(7).consume()); // => 7
 * ```
 */
export function expectNoLeaks<R>(body: () => PromiseLike<R>): Promise<R>;
export function expectNoLeaks<R>(body: () => R): R;
export function expectNoLeaks(body: () => unknown): unknown {
  const left = new Set<LinearResource<unknown>>();
  const before = observeResources(undefined);
  observeResources(watching(left, before));
  const judge = (result: unknown): unknown => {
    observeResources(before);
    const leaks = [...left].filter(({ kind }) => kind === "linear").map(leakOf);
    if (leaks.length > 0) throw new LinearLeakError("the test", leaks);
    return result;
  };
  let result: unknown;
  try {
    result = body();
  } catch (error) {
    observeResources(before);
    throw error;
  }
  if (typeof result !== "object" || result === null || !("then" in result)) return judge(result);
  return Promise.resolve(result)
    .finally(() => observeResources(before))
    .then(judge);
}

/** What {@link leakMatchers} adds to `expect`. An alias: `expect.extend` takes no interface, which others may widen. */
export type LeakMatchers = {
  /** Runs the function given to `expect` and judges what it left. */
  readonly toLeaveNoLeaks: (body: () => void) => LeakVerdict;
};

/**
 * `toLeaveNoLeaks` for vitest's (or Jest's) `expect.extend`: the function given to `expect` leaves no resource.
 * Declare it beside: `declare module "vitest" { interface Matchers<T = any> { toLeaveNoLeaks(): T } }`.
 *
 * @example
 * ```ts
 * import { LinearResource } from "@void-system/linear";
 * import { leakMatchers } from "@void-system/linear/vitest";
 * leakMatchers.toLeaveNoLeaks(() => new LinearResource(7)).pass; // => false
 * ```
 */
export const leakMatchers: LeakMatchers = {
  toLeaveNoLeaks(body) {
    try {
      expectNoLeaks(body);
    } catch (error) {
      if (error instanceof LinearLeakError) return { pass: false, message: () => error.message };
      throw error;
    }
    return { pass: true, message: () => "expected a leak, got every resource consumed" };
  },
};

function watching(left: Set<LinearResource<unknown>>, outer: ResourceObserver | undefined): ResourceObserver {
  return {
    /** @borrows resource */
    created(resource) {
      outer?.created(resource);
      // eslint-disable-next-line linear/exactly-once -- the set remembers it and takes nothing
      left.add(resource);
    },
    /** @borrows resource */
    ended(resource) {
      left.delete(resource);
      outer?.ended(resource);
    },
  };
}

/** @borrows resource */
function leakOf(resource: LinearResource<unknown>): Leak {
  const { name, kind, state } = resource.toJSON();
  return { name, kind, owners: [], borrowed: state === "borrowed", createdAt: undefined };
}
