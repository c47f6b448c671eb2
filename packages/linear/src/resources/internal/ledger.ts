/**
 * State shared by a context and its resources: the list of resources that it owns. The list is linked through the resources
 * themselves, so that nothing else grows and leaving it is O(1).
 */
import type { Leak } from "../../errors.ts";
import type { ReleaseListener } from "./release.ts";

/** The ledger of one context. */
export interface Ledger {
  /** True once the context has closed. */
  isClosed: boolean;
  /** The latest resource, which links to its neighbours. Only resources read and write it. */
  newest: object | undefined;
  /** Called with the errors of release hooks, instead of writing them to the console. */
  readonly onReleaseError: ReleaseListener | undefined;
}

/** Leaks and promises that a closing context left. */
export interface Abandoned {
  /** The resources that should have been consumed, in the order of creation. */
  readonly leaks: readonly Leak[];
  /** Settles when the last release hook has ended, and is never rejected; undefined if none is in progress. */
  readonly released: Promise<void> | undefined;
}

/**
 * Ends all resources that a closing context still owns, and runs their release hooks, latest first. Set by the class of resources, which alone can
 * follow the list. Before that class is loaded, no context owns anything.
 */
export let abandonAll: (ledger: Ledger) => Abandoned = () => ({ leaks: [], released: undefined });

/** Sets {@link abandonAll}, for the class of resources. */
export function revealAbandoning(how: typeof abandonAll): void {
  abandonAll = how;
}
