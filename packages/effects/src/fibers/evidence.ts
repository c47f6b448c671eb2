/**
 * Evidence: the handlers in force at one place of a program (Xie and Leijen, Generalized Evidence Passing for Effect
 * Handlers, ICFP 2021). Each effect has a slot, so performing an operation takes two array reads.
 */
import type { Scope } from "../handlers/direct-effects.ts";

/** The function of a handler that answers one operation. */
export type Clause = (...given: readonly unknown[]) => unknown;

/** A handler with the evidence around it. */
export interface Entry {
  /** The object whose methods are the clauses. */
  readonly handler: object;
  /** Clauses by the operation's index, filled on first use. */
  readonly clauses: (Clause | undefined)[];
  /** The evidence around the handler. Its clauses run in it, so that their own effects reach outer handlers. */
  readonly outer: Evidence;
}

/** A call of an async program. */
export interface AsyncCall {
  /** Number of async programs that run inside of the call. */
  programs: number;
}

/** The handlers in force. It is immutable: `handledBy` makes a new one. */
export interface Evidence {
  /** Handlers by the effect's slot. */
  readonly entries: readonly (Entry | undefined)[];
  /** Handlers of effects in direct style. */
  readonly facets: Scope;
  /** The innermost call of an async program around the place. */
  readonly call: AsyncCall | undefined;
}

/** Returns the evidence inside one more handler. */
export function handledBy(outer: Evidence, slot: number, handler: object, facets: Scope | undefined): Evidence {
  const entries = [...outer.entries];
  entries[slot] = { handler, clauses: [], outer };
  return { entries, facets: facets ? { ...outer.facets, ...facets } : outer.facets, call: outer.call };
}
