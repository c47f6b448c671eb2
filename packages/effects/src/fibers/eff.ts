/**
 * The types of programs with effects: the row of effects that a program needs, and its result.
 */

/** One element of a row: the effect with this key needs a handler. It exists for the type checker alone. */
export interface Need<K extends string> {
  /** The effect's key. */
  readonly "~need": K;
}

/**
 * A program that returns an `A` when it is performed with `yield*`, and needs the effects in the row `R`. The generator
 * of every `function*` that yields only by `yield*` of programs is an `Eff`, and its row is inferred.
 */
export interface Eff<R, A> {
  /** Performs the program. Only `yield*` calls it. */
  [Symbol.iterator](): Iterator<R, A, unknown>;
}

/** The row of a program, or of a function that makes one. */
export type RowOf<P> =
  P extends Eff<infer R, unknown> ? R : P extends (...given: never[]) => Eff<infer R, unknown> ? R : never;

/** The keys of the effects that a row needs. */
export type KeysOf<R> = R extends Need<infer K> ? K : never;

/**
 * A constraint that only programs with an empty row satisfy. For any other row it demands a property that no program
 * has, so the compile error names the unhandled effects. A row of `any` or `unknown` does not pass.
 */
export type Closed<R> = [R] extends [never] ? unknown : { readonly "unhandled effects": KeysOf<R> };
