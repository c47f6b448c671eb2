/**
 * What a context and its resources share: the list of those that it owns. The list runs through the resources themselves,
 * so that nothing else grows and leaving it is O(1).
 */
import type { LinearContext } from "../linear-context.ts";
import type { LinearResource } from "../linear-resource.ts";

/** The books of one context. */
export interface Ledger {
  /** Whether the context is over. */
  isClosed: boolean;
  /** The resource that came last; each knows its neighbours. */
  newest: LinearResource<unknown> | undefined;
}

/** The books of a context, which keeps them in a private field. */
export let ledgerOf: (context: LinearContext) => Ledger;

/** For the class of contexts: says how it shows its books to this package. */
export function revealLedgers(how: typeof ledgerOf): void {
  ledgerOf = how;
}
