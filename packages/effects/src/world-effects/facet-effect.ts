import type { Scope } from "../handlers/direct-effects.ts";
import type { Eff, Need } from "../fibers/eff.ts";
import { type Clauses, handled, type OperationsOf, operations, type Performed, slotOf } from "../fibers/effect.ts";

/** An effect that a facet of the World answers: what a driver uses, what `yield*` reaches and what asks are one object. */
export type FacetEffect<K extends string, Facet, S> = Performed<K, S> & FacetHandling<K, Facet>;

/** What an effect of a facet has besides its operations. */
export interface FacetHandling<K extends string, Facet> {
  /** Its key. */
  readonly key: K;
  /** Runs `body` with `facet` for this effect, which is then no longer in the row. */
  handle<R, A>(facet: Facet, body: () => Eff<R, A>): Eff<Exclude<R, Need<K>>, A>;
  /** Gives the facet that answers here, for what works by callbacks: a driver, a clock that is built on another. */
  facet(): Eff<Need<K>, Facet>;
}

/**
 * Defines an effect by how a facet answers its operations (which is asked anew whenever it is put), and as what it answers in
 * direct style.
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
    // `operations` answers to every name that S may have with what performs it.
    return face as FacetEffect<K, Facet, S>;
  };
}
