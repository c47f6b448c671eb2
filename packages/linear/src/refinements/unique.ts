import { SchemaError } from "../errors.ts";
import { checkSchema } from "./internal/argument.ts";
import { narrowed } from "./internal/brand.ts";
import { makeCompound } from "./internal/compound.ts";
import { INVALID } from "./issues.ts";
import type { Refined } from "./refined.ts";
import type { CallableSchema, Infer, InputOf, Schema } from "./schema.ts";

/** Kinds of types whose values are not arrays. */
const UNLISTED: ReadonlySet<string> = /* @__PURE__ */ new Set(["number", "string", "boolean", "literal", "record"]);

/**
 * Schema of arrays with distinct elements, compared as in a `Set`: use it for arrays of strings, numbers or booleans.
 *
 * @throws {@link SchemaError} if the base is not a type of arrays.
 * @example
 * ```ts
 * import { ArrayOf, Text, Unique } from "@void-system/linear";
 * const Tags = Unique(ArrayOf(Text));
 * Tags.parse(["a", "b"]); // => ["a", "b"]
 * Tags.is(["a", "a"]); // => false
 * ```
 */
export function Unique<S extends Schema<readonly unknown[]>>(
  base: S,
): CallableSchema<Refined<Infer<S>, "unique">, InputOf<S>> {
  checkSchema(base, "base of Unique");
  if (UNLISTED.has(base["~type"].type)) throw new SchemaError(`expected a type of arrays for Unique, got ${base.name}`);
  return makeCompound(`Unique(${base.name})`, { type: "refined", base, unique: true }, (value, issues) => {
    const values = base["~read"](value, issues);
    if (values === INVALID) return INVALID;
    const seen = new Set<unknown>();
    for (const [index, element] of values.entries()) {
      if (seen.size < seen.add(element).size) continue;
      issues.enter(index);
      issues.add("expected distinct elements, got a duplicate");
      issues.leave();
      return INVALID;
    }
    // The base has read it.
    return narrowed<unknown, Refined<Infer<S>, "unique">>(values);
  });
}
