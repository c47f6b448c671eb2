import { withFacets } from "../handlers/scope.ts";
import type { Eff } from "../fibers/eff.ts";
import { current } from "../fibers/current.ts";
import type { PlatformAbortSignal } from "../portable/abort-signal.ts";
import { suspend } from "../fibers/suspension.ts";

/**
 * Waits for a promise. When the fiber is cancelled, `signal` is aborted and the promise is ignored. Effects in direct
 * style inside `start` reach the fiber's handlers. Do not use it in simulated worlds, which cannot know when a promise
 * settles. There, {@link fromAsync} serves an async function that waits for its World alone.
 *
 * @example
 * ```ts
 * import { run } from "@void-system/effects/fibers";
 * import { fromPromise } from "@void-system/effects/world";
 *
 * await run(() => fromPromise(async () => 42)); // => 42
 * ```
 */
export function fromPromise<A>(start: (signal: PlatformAbortSignal) => PromiseLike<A>): Eff<never, A> {
  return suspend<A>((resume, fail) => {
    const abort = new AbortController();
    const facets = current?.evidence.facets ?? {};
    withFacets(facets, () => start(abort.signal)).then(resume, fail);
    return () => abort.abort();
  });
}
