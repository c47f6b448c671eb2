import { LinearLeakError } from "./errors.ts";
import type { Leak } from "./errors.ts";
import type { LinearResource } from "./resources/linear-resource.ts";
import { observeResources } from "./resources/observer.ts";
import type { ResourceObserver } from "./resources/observer.ts";

/** Result of a matcher, for vitest. */
export interface LeakVerdict {
  /** True if nothing leaked. */
  readonly pass: boolean;
  /** Returns the message that names the leaks. */
  readonly message: () => string;
}

/**
 * Runs `body` and throws if a linear resource made meanwhile is left unconsumed, in a context or not. Bodies may be
 * nested, but two asynchronous bodies must not overlap.
 *
 * @returns the result of `body`.
 * @throws LinearLeakError naming the resources left; and any error of `body`.
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

/**
 * Matchers that {@link leakMatchers} adds to `expect`. A type alias, because `expect.extend` accepts no interface,
 * which others could extend.
 */
export type LeakMatchers = {
  /** Runs the function given to `expect` and checks for resources left unconsumed. */
  readonly toLeaveNoLeaks: (body: () => void) => LeakVerdict;
};

/**
 * `toLeaveNoLeaks` for vitest's (or Jest's) `expect.extend`: passes if the function given to `expect` leaves no
 * resource. Declare its type: `declare module "vitest" { interface Matchers<T = any> { toLeaveNoLeaks(): T } }`.
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
      // eslint-disable-next-line linear/exactly-once -- the set only records it
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
