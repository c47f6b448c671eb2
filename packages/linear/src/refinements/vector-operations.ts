import { narrowed } from "./internal/brand.ts";
import type { Compare } from "./internal/compare.ts";
import type { ArrayOfLength } from "./vector.ts";

type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";
type Units = {
  "0": [];
  "1": [0];
  "2": [0, 0];
  "3": [0, 0, 0];
  "4": [0, 0, 0, 0];
  "5": [0, 0, 0, 0, 0];
  "6": [0, 0, 0, 0, 0, 0];
  "7": [0, 0, 0, 0, 0, 0, 0];
  "8": [0, 0, 0, 0, 0, 0, 0, 0];
  "9": [0, 0, 0, 0, 0, 0, 0, 0, 0];
};
type Reversed<S extends string, Done extends string = ""> = S extends `${infer First}${infer Rest}`
  ? Reversed<Rest, `${First}${Done}`>
  : Done;
type Sum<A extends string, B extends string, Carry extends 0[], Out extends string> = A extends `${infer X extends
  Digit}${infer RestA}`
  ? B extends `${infer Y extends Digit}${infer RestB}`
    ? Carried<RestA, RestB, [...Units[X], ...Units[Y], ...Carry], Out>
    : Carried<RestA, "", [...Units[X], ...Carry], Out>
  : B extends `${infer Y extends Digit}${infer RestB}`
    ? Carried<"", RestB, [...Units[Y], ...Carry], Out>
    : Carry extends []
      ? Out
      : `1${Out}`;
type Carried<A extends string, B extends string, S extends 0[], Out extends string> =
  `${S["length"]}` extends `${Digit}${infer Ones extends Digit}`
    ? Sum<A, B, [0], `${Ones}${Out}`>
    : Sum<A, B, [], `${S["length"]}${Out}`>;

/** Sum of two lengths, computed digit by digit, so that none is too large for the compiler. */
export type AddLengths<N extends number, M extends number> =
  Sum<Reversed<`${N}`>, Reversed<`${M}`>, [], ""> extends `${infer Total extends number}` ? Total : never;

/** Concatenation of two vectors: a tuple of tuples, else an array that knows its length if both do. */
export type Concat<A extends readonly unknown[], B extends readonly unknown[]> = A extends readonly [] | readonly [unknown, ...unknown[]]
  ? readonly [...A, ...B] extends infer Tuple extends readonly unknown[]
    ? number extends B["length"]
      ? Tuple
      : B extends readonly [] | readonly [unknown, ...unknown[]]
        ? Tuple
        : ArrayOfLength<AddLengths<A["length"], B["length"]>, A[number] | B[number]>
    : never
  : number extends A["length"] | B["length"]
    ? readonly (A[number] | B[number])[]
    : ArrayOfLength<AddLengths<A["length"], B["length"]>, A[number] | B[number]>;

/** `I` if it is an index of a vector of `N` elements, else the compiler's message as a literal type. */
export type FitsIndex<I extends number, N extends number> = number extends I
  ? "an index that is known only at run time: use the element or undefined, vector[index]"
  : `${I}` extends `-${string}` | `${string}.${string}` | `${string}e${string}`
    ? `${I} is not an index`
    : number extends N
      ? "a vector whose length is known only at run time: use vector[index]"
      : Compare<`${I}`, `${N}`> extends -1
        ? I
        : `${I} is not below ${N}`;

/**
 * Concatenates two vectors. The type knows the sum of the lengths.
 *
 * @example
 * ```ts
 * import { Vector, concat } from "@void-system/linear";
 * concat(Vector(2)([1, 2]), Vector(1)([3])); // => [1, 2, 3]
 * ```
 */
export function concat<const A extends readonly unknown[], const B extends readonly unknown[]>(a: A, b: B): Concat<A, B> {
  return narrowed<unknown, Concat<A, B>>(Object.freeze([...a, ...b]));
}

/**
 * Returns the element at an index that the compiler knows to be valid.
 *
 * @throws RangeError if it is invalid at run time.
 * @example
 * ```ts
 * import { Vector, at } from "@void-system/linear";
 * const v = Vector(3)([1, 2, 3]);
 * at(v, 2); // => 3
 * // @ts-expect-error: "3 is not below 3"
 * const wrong = (): unknown => at(v, 3);
 * ```
 */
export function at<const V extends readonly unknown[], const I extends number>(
  vector: V,
  index: FitsIndex<I, V["length"]> extends I ? I : FitsIndex<I, V["length"]>,
): V[I] {
  const place = Number(index);
  if (!Number.isSafeInteger(place) || place < 0 || place >= vector.length) {
    throw new RangeError(`expected an index below ${vector.length}, got ${String(index)}`);
  }
  return narrowed<unknown, V[I]>(vector[place]);
}

/**
 * Returns the dot product of two vectors of the same length.
 *
 * @throws RangeError if their lengths differ at run time.
 * @example
 * ```ts
 * import { Vector, dot } from "@void-system/linear";
 * dot(Vector(3)([1, 2, 3]), Vector(3)([4, 5, 6])); // => 32
 * // @ts-expect-error: two elements are not three
 * const wrong = (): unknown => dot(Vector(3)([1, 2, 3]), Vector(2)([1, 2]));
 * ```
 */
export function dot<const A extends readonly number[]>(
  a: A,
  b: readonly number[] & { readonly length: A["length"] },
): number {
  if (a.length !== b.length) throw new RangeError(`expected two vectors of one length, got ${a.length} and ${b.length}`);
  return a.reduce((sum, value, index) => sum + value * (b[index] ?? Number.NaN), 0);
}

/**
 * Returns the first element of a non-empty array, which is never `undefined`.
 *
 * @example
 * ```ts
 * import { NonEmpty, head } from "@void-system/linear";
 * head(NonEmpty<string>()(["a", "b"])); // => "a"
 * // @ts-expect-error: nothing in it
 * const wrong = (): unknown => head([]);
 * ```
 */
export function head<T>(values: readonly [T, ...T[]]): T {
  return values[0];
}
