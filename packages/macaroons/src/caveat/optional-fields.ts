import type { CaveatKind } from "./caveat-kind.ts";

/** Context that may lack the fields of another one. */
export type Optional<C extends object> = { readonly [Name in keyof C]?: C[Name] | undefined };

/** Lets the context of a kind lack its fields, in its type: a token that asks one of them is refused then. */
export function optionalFields<C extends object>(kind: CaveatKind<C>): CaveatKind<Optional<C>> {
  // Holds because no caveat is asked about a context that lacks a field of its `asks`: see Grant.
  return kind as unknown as CaveatKind<Optional<C>>;
}
