import { withFacets } from "../handlers/scope.ts";
import type { Eff } from "./eff.ts";
import { current } from "./current.ts";
import { suspend } from "./suspension.ts";

/**
 * Waits for a promise. When the fiber is cancelled, `signal` is aborted, and nobody waits for the promise any more.
 * Effects in direct style inside of `start` are those of the fiber. Not for simulated worlds: they cannot know when a
 * promise settles.
 *
 * @example
 * ```ts
 * import { fromPromise, run } from "@void-system/effects/fibers";
 *
 * await run(() => fromPromise(async () => 42)); // => 42
 * ```
 */
export function fromPromise<A>(start: (signal: AbortSignal) => PromiseLike<A>): Eff<never, A> {
  return suspend<A>((resume, fail) => {
    const abort = new AbortController();
    const facets = current?.facets ?? {};
    withFacets(facets, () => start(abort.signal)).then(resume, fail);
    return () => abort.abort();
  });
}
