/** The casts that refined types need, and nothing else. Each caller has just checked what it claims. */
import type { NonEmpty } from "../non-empty.ts";
import type { IntRange, Range } from "../range.ts";
import type { Refined } from "../refined.ts";
import type { Concat } from "../vector-operations.ts";
import type { Vector } from "../vector.ts";

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

/** For an array that was made of the elements of both. */
export function asConcat<A extends readonly unknown[], B extends readonly unknown[]>(
  values: readonly unknown[],
): Concat<A, B> {
  return values as Concat<A, B>;
}

/** For the element at an index that was checked to be there. */
export function asElement<V extends readonly unknown[], I extends number>(value: unknown): V[I] {
  return value as V[I];
}
