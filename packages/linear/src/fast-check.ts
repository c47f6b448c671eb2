import type fc from "fast-check";
import { SchemaError } from "./errors.ts";
import { checkSchema } from "./refinements/internal/argument.ts";
import type { Description, Infer, Schema } from "./refinements/schema.ts";

/** Maximum of elements in a generated array, if the type allows more. */
const ELEMENTS_MAX = 10;

/**
 * Derives a fast-check arbitrary from a refined type. Its values are those that the type reads. Predicates filter the
 * values of their base, so a predicate that rarely holds is slow. Patterns must have no flags and no look-around.
 *
 * @param check - fast-check, imported by the caller, because this package does not depend on it.
 * @throws SchemaError if the argument is not a schema, or a pattern or type has no generator.
 * @example
 * ```ts
 * import fc from "fast-check";
 * import { IntRange } from "@void-system/linear";
 * import { arbitraryOf } from "@void-system/linear/fast-check";
 * fc.assert(fc.property(arbitraryOf(fc, IntRange(1, 9)), (n) => n >= 1 && n <= 9));
 * ```
 */
export function arbitraryOf<S extends Schema<unknown>>(check: typeof fc, schema: S): fc.Arbitrary<Infer<S>> {
  checkSchema(schema, "argument of arbitraryOf");
  return candidates(check, schema)
    .filter((value) => schema.safeParse(value).ok)
    .map((value) => schema.parse(value) as Infer<S>); // The result of its own parse.
}

function candidates(check: typeof fc, schema: Schema<unknown>): fc.Arbitrary<unknown> {
  const type: Description = schema["~type"];
  const of = (inner: Schema<unknown>): fc.Arbitrary<unknown> => arbitraryOf(check, inner);
  switch (type.type) {
    case "number":
      if (type.whole) return check.integer({ min: type.lo, max: type.hi });
      return check.double({
        min: Math.max(type.lo, -Number.MAX_VALUE),
        max: Math.min(type.hi, Number.MAX_VALUE),
        noNaN: true,
      });
    case "string":
      if (type.pattern !== undefined) return matching(check, type.pattern);
      return check.string({
        unit: "binary-ascii",
        minLength: type.min ?? 0,
        maxLength: Math.min(type.max ?? ELEMENTS_MAX, (type.min ?? 0) + ELEMENTS_MAX),
      });
    case "boolean":
      return check.boolean();
    case "literal":
      return check.constantFrom(...type.values);
    case "array":
      return check.array(type.element === undefined ? check.anything() : of(type.element), {
        minLength: type.min,
        maxLength: Math.min(type.max, type.min + ELEMENTS_MAX),
      });
    case "record": {
      const required = type.fields.filter(([, field]) => field["~type"].type !== "optional").map(([key]) => key);
      return check.record(Object.fromEntries(type.fields.map(([key, field]) => [key, of(field)])), {
        requiredKeys: required,
        noNullPrototype: true,
      });
    }
    case "optional":
      return of(type.schema);
    case "refined":
    case "not":
      return of(type.base);
    case "and":
      return of(type.first);
    case "or":
      return check.oneof(of(type.first), of(type.second));
  }
}

function matching(check: typeof fc, pattern: RegExp): fc.Arbitrary<string> {
  try {
    return check.stringMatching(pattern);
  } catch (error) {
    throw new SchemaError(`expected a pattern from which strings can be generated, got ${String(pattern)}`, { cause: error });
  }
}
