import type { Scope } from "../handlers/direct-effects.ts";
import type { Eff, Need } from "../fibers/eff.ts";
import { type Clauses, handled, type OperationsOf, operations, type Performed, slotOf } from "../fibers/effect.ts";

/**
 * An effect whose handler is a facet of the World. `yield*`, direct style and a driver can all reach the same object.
 */
export type FacetEffect<K extends string, Facet, S> = Performed<K, S> & FacetHandling<K, Facet>;

/** Members of a {@link FacetEffect} besides its operations. */
export interface FacetHandling<K extends string, Facet> {
  /** The effect's key. */
  readonly key: K;
  /** Runs `body` with `facet` as the handler of this effect, which leaves the row. */
  handle<R, A>(facet: Facet, body: () => Eff<R, A>): Eff<Exclude<R, Need<K>>, A>;
  /** Returns the facet in force, for code that works with callbacks, such as a driver or a clock built on another. */
  facet(): Eff<Need<K>, Facet>;
}

/**
 * Defines an effect that a facet handles.
 *
 * @param answers - Makes the clauses for a facet, again for each `handle`.
 * @param direct - Returns the handlers that the facet provides for effects in direct style.
 */
export function facetEffect<Facet, S extends OperationsOf<S>>(): <const K extends string>(
  key: K,
  answers: (facet: Facet) => Clauses<S>,
  direct?: (facet: Facet) => Scope,
) => FacetEffect<K, Facet, S> {
  return <const K extends string>(
    key: K,
    answers: (facet: Facet) => Clauses<S>,
    direct: (facet: Facet) => Scope = () => ({}),
  ) => {
    const slot = slotOf(key);
    const handle = (facet: Facet, body: () => Eff<unknown, unknown>): Eff<unknown, unknown> =>
      handled(slot, { ...answers(facet), facet: () => facet }, direct(facet), body);
    const face: object = Object.assign(operations(key, slot), { key, handle });
    // `operations` has a member for every name that S may have.
    return face as FacetEffect<K, Facet, S>;
  };
}
