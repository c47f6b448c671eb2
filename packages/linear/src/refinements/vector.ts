import { checkSize, readArray } from "./array-of.ts";
import { checkSchema } from "./internal/argument.ts";
import { narrowed } from "./internal/brand.ts";
import { makeCompound } from "./internal/compound.ts";
import { Finite } from "./primitive.ts";
import { INVALID } from "./issues.ts";
import { cached, idOf } from "./schema-cache.ts";
import type { CallableSchema, Infer, InputOf, Schema } from "./schema.ts";

/**
 * An array of `N` elements of `T`. Up to 99 elements it is a tuple, so that an index in range is never `undefined`.
 * Above that it is an array that knows its length. If the compiler does not know `N`, it is a plain array.
 */
export type Vector<N extends number, T = number> = number extends N
  ? readonly T[]
  : `${N}` extends Digit | `${Digit}${Digit}`
    ? TupleOf<N, T>
    : ArrayOfLength<N, T>;

/** An array that knows its length. */
export interface ArrayOfLength<N extends number, T> extends ReadonlyArray<T> {
  /** Number of elements. */
  readonly length: N;
}

type Digit = "0" | "1" | "2" | "3" | "4" | "5" | "6" | "7" | "8" | "9";

type TupleOf<N extends number, T, Built extends readonly T[] = readonly []> = Built["length"] extends N
  ? Built
  : TupleOf<N, T, readonly [...Built, T]>;

/** Maximum of elements in a `Vector`. */
export const VECTOR_LENGTH_MAX = 65_536;

/**
 * Schema of exactly `n` elements: finite numbers, or values of the given type. Read as a frozen copy. Equal arguments
 * give the identical schema.
 *
 * @throws {@link SchemaError} if `n` is not a whole number in 0..65536, or the element is not a schema.
 * @example
 * ```ts
 * import { Vector } from "@void-system/linear";
 * const Vec3 = Vector(3);
 * Vec3([1, 2, 3]); // => [1, 2, 3]
 * // @ts-expect-error: two elements are not three
 * const wrong = (): unknown => Vec3([1, 2]);
 * Vec3.is([1, 2]); // => false
 * ```
 */
export function Vector<const N extends number>(n: N): CallableSchema<Vector<N>, Vector<N>>;
export function Vector<const N extends number, E extends Schema<unknown>>(
  n: N,
  element: E,
): CallableSchema<Vector<N, Infer<E>>, Vector<N, InputOf<E>>>;
export function Vector<const N extends number>(n: N, element: Schema<unknown> = Finite): Schema<Vector<N, unknown>> {
  checkSize(n, VECTOR_LENGTH_MAX);
  checkSchema(element, "element of Vector");
  return cached(`Vector:${n}:${idOf(element)}`, () => {
    const read = element["~read"];
    const name = element === Finite ? `Vector(${n})` : `Vector(${n}, ${element.name})`;
    return makeCompound<Vector<N, unknown>, unknown>(name, { type: "array", element, min: n, max: n }, (value, issues) => {
      const values = readArray(value, issues, n, n, read);
      return values === INVALID ? INVALID : narrowed<unknown, Vector<N, unknown>>(values);
    });
  });
}
