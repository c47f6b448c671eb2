import { SchemaError } from "./errors.ts";
import { INVALID, describe } from "./issues.ts";
import type { Issues } from "./issues.ts";
import { makeSchema } from "./schema.ts";
import type { CallableSchema, Infer, InputOf, Schema } from "./schema.ts";

/** Longest array that is read unless a schema says otherwise, in elements. */
export const ARRAY_LENGTH_MAX = 1_000_000;

/** How many elements an array may have, both included. */
export interface ArraySize {
  /** @defaultValue 0 */
  readonly min?: number;
  /** @defaultValue {@link ARRAY_LENGTH_MAX} */
  readonly max?: number;
}

/**
 * Arrays whose every element is of one type, read as a frozen copy. Holes are refused.
 *
 * @throws {@link SchemaError} when `min` and `max` are no sizes or out of order.
 * @example
 * ```ts
 * import { ArrayOf, Length } from "@void-system/linear";
 * const Names = ArrayOf(Length(1, 8), { max: 4 });
 * Names.parse(["ada", "grace"]); // => ["ada", "grace"]
 * Names.is(["ada", ""]); // => false
 * ```
 */
export function ArrayOf<E extends Schema<unknown>>(
  element: E,
  size?: ArraySize,
): CallableSchema<readonly Infer<E>[], readonly InputOf<E>[]> {
  const min = size?.min ?? 0;
  const max = size?.max ?? ARRAY_LENGTH_MAX;
  checkSize(min, max);
  // The element's own reader made each of them.
  const read = element["~read"] as Schema<Infer<E>>["~read"];
  return makeSchema(`ArrayOf(${element.name})`, { type: "array", element, min, max }, (value, issues) =>
    readArray(value, issues, min, max, read),
  );
}

/** Refuses bounds of a length that are none. */
export function checkSize(min: number, max: number): void {
  if (Number.isSafeInteger(min) && Number.isSafeInteger(max) && min >= 0 && min <= max) return;
  throw new SchemaError(`expected whole lengths 0 <= min <= max, got ${min}..${max}`);
}

/** `3`, `at least 1`, `1..4`. */
function describeSize(min: number, max: number): string {
  if (min === max) return String(min);
  return max === ARRAY_LENGTH_MAX && min > 0 ? `at least ${min}` : `${min}..${max}`;
}

/**
 * A frozen copy of an array within a length. The length and each element are read once, so that a proxy or a getter
 * cannot show one thing to the check and another to the program.
 */
export function readArray<T>(
  value: unknown,
  issues: Issues,
  min: number,
  max: number,
  read: Schema<T>["~read"],
): readonly T[] | typeof INVALID {
  if (!Array.isArray(value)) return issues.add(`expected an array, got ${describe(value)}`);
  const length: unknown = value.length;
  if (typeof length !== "number" || !Number.isSafeInteger(length) || length < 0) {
    return issues.add(`expected an array with a length, got length ${describe(length)}`);
  }
  const misfit = length < min || length > max;
  if (misfit) issues.add(`expected ${describeSize(min, max)} elements, got ${length}`);
  const copy: T[] = [];
  const count = Math.min(length, max);
  for (let index = 0; index < count && !issues.isFull; index++) {
    // Entered before it is read, so that a getter that throws is named.
    issues.enter(index);
    const element: unknown = value[index];
    const hole = element === undefined && !Object.hasOwn(value, index);
    const result = hole ? issues.add("expected an element, got a hole") : read(element, issues);
    issues.leave();
    if (result !== INVALID) copy.push(result);
  }
  return misfit || copy.length !== length ? INVALID : Object.freeze(copy);
}
