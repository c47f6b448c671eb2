/** The casts that refined types need, and nothing else. Each caller has just checked what it claims. */

/** A number known to lie in `Lo..Hi`, both included, and to be finite. Made by the schema of the same name. */
export type Range<Lo extends number, Hi extends number> = number & { readonly __range: { readonly lo: Lo; readonly hi: Hi } };

/** A {@link Range} known to be whole. Made by the schema of the same name. */
export type IntRange<Lo extends number, Hi extends number> = Range<Lo, Hi> & { readonly __integer: true };

/** A value of `Base` known to satisfy the predicate called `Name`; refinements add up. Made by the schema of the same name. */
export type Refined<Base, Name extends string> = Base & { readonly __refined: { readonly [K in Name]: true } };

type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";

type TupleOf<N extends number, T, Built extends readonly T[] = readonly []> = Built["length"] extends N
  ? Built
  : TupleOf<N, T, readonly [...Built, T]>;

/**
 * `N` elements of `T`. A tuple up to 99 elements, so that an index in range is never `undefined`; above, an array that
 * knows its length; with an `N` that the compiler does not know, an array.
 */
export type Vector<N extends number, T = number> = number extends N
  ? readonly T[]
  : `${N}` extends Digit | `${Digit}${Digit}`
    ? TupleOf<N, T>
    : readonly T[] & { readonly length: N };

/** At least one element of `T`, so that index 0 is never `undefined`. */
export type NonEmpty<T> = readonly [T, ...T[]];

/** For a number that was checked against these bounds. */
export function asRange<Lo extends number, Hi extends number>(value: number): Range<Lo, Hi> {
  return value as Range<Lo, Hi>;
}

/** For a whole number that was checked against these bounds. */
export function asIntRange<Lo extends number, Hi extends number>(value: number): IntRange<Lo, Hi> {
  return value as IntRange<Lo, Hi>;
}

/** For a value that has passed the predicate. */
export function asRefined<Base, Name extends string>(value: Base): Refined<Base, Name> {
  return value as Refined<Base, Name>;
}

/** For an array whose length was checked to be `N`. */
export function asVector<N extends number, T>(values: readonly T[]): Vector<N, T> {
  return values as readonly unknown[] as Vector<N, T>;
}

/** For an array whose length was checked to be at least 1. */
export function asNonEmpty<T>(values: readonly T[]): NonEmpty<T> {
  return values as readonly [T, ...T[]];
}
