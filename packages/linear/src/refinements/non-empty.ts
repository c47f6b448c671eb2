import { ARRAY_LENGTH_MAX, readArray } from "./array-of.ts";
import { checkSchema } from "./internal/argument.ts";
import { narrowed } from "./internal/brand.ts";
import { makeCompound } from "./internal/compound.ts";
import { INVALID } from "./issues.ts";
import { cached, idOf } from "./schema-cache.ts";
import type { CallableSchema, Infer, InputOf, Schema } from "./schema.ts";

/** An array of at least one element of `T`, so that index 0 is never `undefined`. */
export type NonEmpty<T> = readonly [T, ...T[]];

/**
 * Schema of `NonEmpty<T>()`. Without a schema for the elements it can check only their number. So the call, where the
 * compiler has checked the elements, keeps their type, and `parse` leaves them `unknown`.
 */
export interface NonEmptySchema<T> extends Schema<NonEmpty<unknown>, NonEmpty<T>> {
  /**
   * Takes an array that the compiler knows to have an element.
   *
   * @throws {@link RefinementError} if it has none at run time.
   */
  (value: NonEmpty<T>): NonEmpty<T>;
}

/**
 * Schema of arrays of at least one element, read as a frozen copy. Pass a schema of the elements to have them checked
 * at run time.
 *
 * @throws {@link SchemaError} if the element is not a schema.
 * @example
 * ```ts
 * import { IntRange, NonEmpty } from "@void-system/linear";
 * const Items = NonEmpty<number>();
 * Items([1, 2, 3])[0]; // => 1
 * // @ts-expect-error: nothing in it
 * const wrong = (): unknown => Items([]);
 * NonEmpty(IntRange(0, 9)).is([10]); // => false
 * ```
 */
export function NonEmpty<T>(): NonEmptySchema<T>;
export function NonEmpty<E extends Schema<unknown>>(
  element: E,
): CallableSchema<NonEmpty<Infer<E>>, NonEmpty<InputOf<E>>>;
export function NonEmpty(element?: Schema<unknown>): Schema<NonEmpty<unknown>> {
  if (element !== undefined) checkSchema(element, "element of NonEmpty");
  return cached(`NonEmpty:${element === undefined ? "" : idOf(element)}`, () => {
    const read = element === undefined ? readAnything : element["~read"];
    return makeCompound<NonEmpty<unknown>, unknown>(
      element === undefined ? "NonEmpty" : `NonEmpty(${element.name})`,
      { type: "array", ...(element && { element }), min: 1, max: ARRAY_LENGTH_MAX },
      (value, issues) => {
        const values = readArray(value, issues, 1, ARRAY_LENGTH_MAX, read);
        return values === INVALID ? INVALID : narrowed<readonly unknown[], NonEmpty<unknown>>(values);
      },
    );
  });
}

function readAnything(value: unknown): unknown {
  return value;
}
