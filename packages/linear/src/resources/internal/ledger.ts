/**
 * The state that a context shares with its resources: the list of those that it owns. The list runs through the resources
 * themselves, so that nothing else grows and leaving it is O(1).
 */
import type { Leak } from "../../errors.ts";

/** The books of one context. */
export interface Ledger {
  /** True once the context has closed. */
  isClosed: boolean;
  /** The resource that came last; each knows its neighbours. Only resources read and write it. */
  newest: object | undefined;
}

/**
 * Ends all resources that a closing context still owns, from the one that came last, and returns those that were to be
 * consumed and were not, in the order of creation. Set by the class of resources, which alone can follow them; before that
 * class is loaded, no context owns anything.
 */
export let abandonAll: (ledger: Ledger) => Leak[] = () => [];

/** Sets {@link abandonAll}, for the class of resources. */
export function revealAbandoning(how: typeof abandonAll): void {
  abandonAll = how;
}
