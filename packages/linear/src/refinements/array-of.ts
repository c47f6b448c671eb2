import { makeCompound } from "./internal/compound.ts";
import { SchemaError } from "../errors.ts";
import { checkSchema, inWords } from "./internal/argument.ts";
import { INVALID } from "./issues.ts";
import type { Issues } from "./issues.ts";
import type { CallableSchema, Infer, InputOf, Schema } from "./schema.ts";

/** Default maximum length of an array, in elements. */
export const ARRAY_LENGTH_MAX = 1_000_000;

/** Number of elements that an array may have, both bounds included. */
export interface ArraySize {
  /** @defaultValue 0 */
  readonly min?: number;
  /** @defaultValue {@link ARRAY_LENGTH_MAX} */
  readonly max?: number;
}

/**
 * Schema of arrays whose elements are all of one type, read as a frozen copy. Holes are refused.
 *
 * @throws {@link SchemaError} if the element is not a schema, or `min` and `max` are not sizes or are out of order.
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
  checkSchema(element, "element of ArrayOf");
  checkOptions(size);
  const min = size?.min ?? 0;
  const max = size?.max ?? ARRAY_LENGTH_MAX;
  checkSize(min, max);
  // The element's own reader made each element.
  const read = element["~read"] as Schema<Infer<E>>["~read"];
  return makeCompound(`ArrayOf(${element.name})`, { type: "array", element, min, max }, (value, issues) =>
    readArray(value, issues, min, max, read),
  );
}

/** Refuses invalid bounds of a length. */
export function checkSize(min: number, max: number): void {
  if (Number.isSafeInteger(min) && Number.isSafeInteger(max) && min >= 0 && min <= max) return;
  throw new SchemaError(`expected whole lengths 0 <= min <= max, got ${inWords(min)}..${inWords(max)}`);
}

function checkOptions(size: unknown): void {
  if (size === undefined) return;
  const unknown = Object.keys(Object(size)).find((key) => key !== "min" && key !== "max");
  if (typeof size === "object" && size !== null && unknown === undefined) return;
  throw new SchemaError(`expected a size with min and max, got ${unknown === undefined ? inWords(size) : `the key ${unknown}`}`);
}

/** Formats a size as `3`, `at least 1` or `1..4`. */
function describeSize(min: number, max: number): string {
  if (min === max) return String(min);
  return max === ARRAY_LENGTH_MAX && min > 0 ? `at least ${min}` : `${min}..${max}`;
}

/**
 * Reads an array within a length into a frozen copy, or returns the array itself if it is only judged. The length and
 * each element are read once, so that a proxy or a getter cannot show one thing to the check and another to the
 * program.
 */
export function readArray<T>(
  value: unknown,
  issues: Issues,
  min: number,
  max: number,
  read: Schema<T>["~read"],
): readonly T[] | typeof INVALID {
  if (!Array.isArray(value)) return issues.refuse("an array", value);
  const { isQuiet } = issues;
  // For a proxy it may be anything.
  const length: unknown = value.length;
  const isSize = typeof length === "number" && Number.isSafeInteger(length);
  let isRight = isSize && length >= min && length <= max;
  if (isQuiet && !isRight) return INVALID;
  if (!isRight) issues.refuse(`${describeSize(min, max)} elements`, length);
  if (!isSize) return INVALID;
  const copy: T[] | undefined = issues.asIs ? undefined : [];
  const count = Math.min(length, max);
  for (let index = 0; index < count; index++) {
    // Entered before the element is read, so that a getter that throws is named.
    if (!isQuiet) issues.enter(index);
    const element: unknown = value[index];
    const isHole = element === undefined && !Object.hasOwn(value, index);
    const result = isHole ? issues.add("expected an element, got a hole") : read(element, issues);
    if (!isQuiet) issues.leave();
    if (result === INVALID) {
      if (isQuiet || issues.isFull) return INVALID;
      isRight = false;
    } else if (copy !== undefined) copy.push(result);
  }
  if (!isRight) return INVALID;
  // Each element was read by the reader of T.
  return copy === undefined ? (value as readonly T[]) : Object.freeze(copy);
}
