import { formatPath } from "../errors.ts";
import { checkName, checkSchema } from "./internal/argument.ts";
import { narrowed } from "./internal/brand.ts";
import { makeCompound } from "./internal/compound.ts";
import { INVALID, Issues } from "./issues.ts";
import type { RefinementIssue } from "../errors.ts";
import type { Refined } from "./refined.ts";
import type { CallableSchema, Infer, InputOf, Schema } from "./schema.ts";

/**
 * Schema of values that both types read: the second reads the result of the first.
 *
 * @throws {@link SchemaError} if one of them is not a schema.
 * @example
 * ```ts
 * import { Length, Pattern, and } from "@void-system/linear";
 * const Id = and(Length(1, 4), Pattern(/^[a-z]+$/, "lower case"));
 * Id.is("abc"); // => true
 * Id.is("abcde"); // => false
 * ```
 */
export function and<A extends Schema<unknown>, B extends Schema<unknown>>(
  first: A,
  second: B,
): CallableSchema<Infer<A> & Infer<B>, InputOf<A> & InputOf<B>> {
  checkSchema(first, "first type of and");
  checkSchema(second, "second type of and");
  return makeCompound(`${first.name} and ${second.name}`, { type: "and", first, second }, (value, issues) => {
    const once = first["~read"](value, issues);
    // Both have read it.
    return once === INVALID ? INVALID : (second["~read"](once, issues) as (Infer<A> & Infer<B>) | typeof INVALID);
  });
}

/**
 * Schema of values that the first type reads or, if it refuses, the second. The reason of a refusal has the first mistake
 * of each branch, with its path.
 *
 * @throws {@link SchemaError} if one of them is not a schema.
 * @example
 * ```ts
 * import { IntRange, OneOf, or } from "@void-system/linear";
 * const Size = or(IntRange(1, 9), OneOf("auto"));
 * Size.parse("auto"); // => "auto"
 * Size.is(10); // => false
 * ```
 */
export function or<A extends Schema<unknown>, B extends Schema<unknown>>(
  first: A,
  second: B,
): CallableSchema<Infer<A> | Infer<B>, InputOf<A> | InputOf<B>> {
  checkSchema(first, "first type of or");
  checkSchema(second, "second type of or");
  const name = `${first.name} or ${second.name}`;
  return makeCompound(name, { type: "or", first, second }, (value, issues) => {
    const mistakes: RefinementIssue[] = [];
    for (const schema of [first, second]) {
      const own = issues.isQuiet ? issues : new Issues(issues.asIs);
      const result = schema["~read"](value, own);
      // One of the two has read it.
      if (result !== INVALID) return result as Infer<A> | Infer<B>;
      if (!own.isQuiet) mistakes.push(own.list[0] ?? { path: [], reason: `expected ${schema.name}` });
    }
    return issues.isQuiet ? INVALID : issues.add(reasonOf(name, [first.name, second.name], mistakes));
  });
}

/** Joins the first mistake of each branch. A mistake in a part of the value is named by its branch and path. */
function reasonOf(name: string, branches: readonly [string, string], mistakes: readonly RefinementIssue[]): string {
  if (mistakes.every(({ path }) => path.length === 0)) return mistakes.map(({ reason }) => reason).join(", or ");
  const labels = branches[0] === branches[1] ? ["first", "second"].map((nth) => `the ${nth} ${branches[0]}`) : branches;
  const parts = mistakes.map(({ path, reason }, index) => `not ${labels[index] ?? ""}, at ${formatPath(path)}: ${reason}`);
  return `expected ${name}, got neither; ${parts.join("; ")}`;
}

/**
 * Schema of values that the base reads and the other type does not accept.
 *
 * @param name - names the type in messages and distinguishes it for the compiler.
 * @throws {@link SchemaError} if one of them is not a schema, or there is no name.
 * @example
 * ```ts
 * import { IntRange, OneOf, not } from "@void-system/linear";
 * const Divisor = not(IntRange(-9, 9), OneOf(0), "divisor");
 * Divisor.is(0); // => false
 * Divisor.parse(3); // => 3
 * ```
 */
export function not<B extends Schema<unknown>, const Name extends string>(
  base: B,
  excluded: Schema<unknown>,
  name: Name,
): CallableSchema<Refined<Infer<B>, Name>, InputOf<B>> {
  checkSchema(base, "base of not");
  checkSchema(excluded, "excluded type of not");
  checkName(name, "not");
  const reason = `expected ${name}, got ${excluded.name}`;
  return makeCompound(name, { type: "not", base, excluded }, (value, issues) => {
    const result = base["~read"](value, issues);
    if (result === INVALID) return INVALID;
    // The base has read it.
    if (!excluded.is(result)) return narrowed<unknown, Refined<Infer<B>, Name>>(result);
    return issues.add(reason);
  });
}
