import { SchemaError } from "../errors.ts";
import { checkName, checkSchema, inWords } from "./internal/argument.ts";
import { narrowed } from "./internal/brand.ts";
import { makeCompound } from "./internal/compound.ts";
import { INVALID } from "./issues.ts";
import type { CallableSchema, Infer, InputOf, Schema } from "./schema.ts";

/** A value of `Base` known to satisfy the predicate named `Name`. Refinements accumulate. */
export type Refined<Base, Name extends string> = Base & Satisfies<Name>;

/** Brand of a value that has passed a predicate. It exists only in the type system. */
export interface Satisfies<Name extends string> {
  /** The predicates that the value has passed, by name. */
  readonly __refined: { readonly [K in Name]: true };
}

/**
 * Schema of the values of a base type that satisfy a predicate. The predicate runs only on values that the base has
 * read. If it throws, the value is refused, and the reason names the error.
 *
 * @param name - names the type in messages and distinguishes it for the compiler.
 * @throws {@link SchemaError} if the base is not a schema, or there is no predicate or name; and when a value is read, if
 * the predicate returns no boolean, which is a mistake in the program.
 * @example
 * ```ts
 * import { IntRange, Refined } from "@void-system/linear";
 * const Even = Refined(IntRange(0, 100), (n) => n % 2 === 0, "even number");
 * Even(42); // => 42
 * Even.is(43); // => false
 * ```
 */
export function Refined<B extends Schema<unknown>, const Name extends string>(
  base: B,
  predicate: (value: Infer<B>) => boolean,
  name: Name,
): CallableSchema<Refined<Infer<B>, Name>, InputOf<B>> {
  checkSchema(base, "base of Refined");
  if (typeof predicate !== "function") throw new SchemaError(`expected a predicate for Refined, got ${inWords(predicate)}`);
  checkName(name, "Refined");
  // The base's own reader.
  const read = base["~read"] as Schema<Infer<B>>["~read"];
  return makeCompound(name, { type: "refined", base }, (value, issues) => {
    const result = read(value, issues);
    if (result === INVALID) return INVALID;
    const verdict: unknown = predicate(result);
    if (typeof verdict !== "boolean") throw new SchemaError(noVerdict(name, verdict));
    return verdict ? narrowed<Infer<B>, Refined<Infer<B>, Name>>(result) : issues.refuse(name, value);
  });
}

function noVerdict(name: string, verdict: unknown): string {
  const [got, advice] =
    verdict instanceof Promise
      ? ["a promise", "a predicate cannot be async, so await the answer after parse()"]
      : [inWords(verdict), "compare, or write Boolean(...)"];
  return `expected the predicate of ${name} to return a boolean, got ${got}; ${advice}`;
}
