/**
 * What a program with effects is to the type checker: what it needs (its row), and what it gives.
 */

/** One element of a row: the effect of this key has to be handled. It exists for the type checker alone. */
export interface Need<K extends string> {
  /** The effect's key. */
  readonly "~need": K;
}

/**
 * A program that gives an `A` when it is performed with `yield*`, and needs the effects in the row `R`. The generator
 * of every `function*` that only yields by `yield*` of programs is one; its row is inferred.
 */
export interface Eff<R, A> {
  /** Performs it. For `yield*`; nobody else calls it. */
  [Symbol.iterator](): Iterator<R, A, unknown>;
}

/** The row of a program, or of a function that makes one. */
export type RowOf<P> =
  P extends Eff<infer R, unknown> ? R : P extends (...given: never[]) => Eff<infer R, unknown> ? R : never;

/** The keys of the effects that a row needs. */
export type KeysOf<R> = R extends Need<infer K> ? K : never;

/**
 * Nothing to add for a program whose row is empty; for any other, a property that no program has, so that the compile
 * error names the effects that nobody handles. A row of `any` or `unknown` does not pass.
 */
export type Closed<R> = [R] extends [never] ? unknown : { readonly "unhandled effects": KeysOf<R> };
