import { onExit } from "./children.ts";
import type { Eff } from "./eff.ts";
import { uninterrupted } from "./uninterrupted.ts";

/**
 * Opens a resource for the rest of this fiber's life. `release` is called once, when the fiber ends, in reverse order of
 * acquisition. A cancellation is delayed while `open` waits, so no open resource is lost.
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
