import { onExit } from "./children.ts";
import type { Eff } from "./eff.ts";
import { uninterrupted } from "./uninterrupted.ts";

/**
 * Opens a resource that is this fiber's until it ends: `release` is called then, once, after the release of whatever was
 * acquired later. A cancellation does not come in between: while `open` waits it is held back, so that there is no
 * resource that nobody knows of.
 *
 * @example
 * ```ts
 * import { acquire, runSync } from "@void-system/effects/fibers";
 *
 * const order: string[] = [];
 * const opened = (name: string) => acquire(
 *   function* () { order.push(`open ${name}`); return name; },
 *   () => void order.push(`close ${name}`),
 * );
 * runSync(function* () {
 *   order.push(`copy ${yield* opened("a")} to ${yield* opened("b")}`);
 * });
 * order; // => ["open a", "open b", "copy a to b", "close b", "close a"]
 * ```
 */
export function acquire<R, A, F = never>(
  open: () => Eff<R, A>,
  release: (resource: A) => void | Eff<F, void>,
): Eff<R | F, A> {
  return uninterrupted(function* opening(): Generator<R | F, A> {
    const resource = yield* open();
    yield* onExit(() => release(resource));
    return resource;
  });
}
