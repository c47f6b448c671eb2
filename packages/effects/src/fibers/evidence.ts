/**
 * Who answers which effect, at one place of a program: evidence passing (Xie and Leijen, Generalized Evidence Passing
 * for Effect Handlers, ICFP 2021). An effect has a slot, so to perform an operation is to read two arrays.
 */
import type { Scope } from "../handlers/direct-effects.ts";

/** What answers one operation. */
export type Clause = (...given: readonly unknown[]) => unknown;

/** A handler, and where it was put. */
export interface Entry {
  /** What the clauses are methods of. */
  readonly handler: object;
  /** By the operation's index; filled when first asked for, since a handler may be an object of a class. */
  readonly clauses: (Clause | undefined)[];
  /** The evidence where the handler was put: its clauses run in it, so that what they perform reaches outer handlers. */
  readonly outer: Evidence;
}

/** Immutable: a handler that is put makes a new one. */
export interface Evidence {
  /** By the effect's slot. */
  readonly entries: readonly (Entry | undefined)[];
  /** Who answers effects in direct style. */
  readonly facets: Scope;
}

/** The evidence inside of one more handler. */
export function handledBy(outer: Evidence, slot: number, handler: object, facets: Scope | undefined): Evidence {
  const entries = [...outer.entries];
  entries[slot] = { handler, clauses: [], outer };
  return { entries, facets: facets ? { ...outer.facets, ...facets } : outer.facets };
}
