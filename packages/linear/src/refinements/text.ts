import { SchemaError } from "../errors.ts";
import { checkSize } from "./array-of.ts";
import { checkName, inWords } from "./internal/argument.ts";
import { narrowed } from "./internal/brand.ts";
import { INVALID } from "./issues.ts";
import type { InOrder } from "./range.ts";
import type { Refined } from "./refined.ts";
import { cached } from "./schema-cache.ts";
import { makeSchema } from "./schema.ts";
import type { CallableSchema } from "./schema.ts";

/**
 * Schema of strings that match a regular expression by `RegExp.test` (so anchor it). A global or sticky flag has no
 * effect across uses.
 *
 * @param name - names the type in messages and distinguishes it for the compiler.
 * @throws {@link SchemaError} if it is not given a regular expression and a name.
 * @example
 * ```ts
 * import { Pattern } from "@void-system/linear";
 * const Hex = Pattern(/^[0-9a-f]+$/, "hexadecimal");
 * Hex("c0ffee"); // => "c0ffee"
 * Hex.is("coffee"); // => false
 * ```
 */
export function Pattern<const Name extends string>(
  expression: RegExp,
  name: Name,
): CallableSchema<Refined<string, Name>, string> {
  // Of any realm.
  if (Object.prototype.toString.call(expression) !== "[object RegExp]") {
    throw new SchemaError(`expected a regular expression for Pattern, got ${inWords(expression)}`);
  }
  checkName(name, "Pattern");
  const own = new RegExp(expression);
  const remembers = own.global || own.sticky;
  const expected = `${name} (${String(own)})`;
  return makeSchema(name, { type: "string", pattern: own }, (value, issues) => {
    if (remembers) own.lastIndex = 0;
    if (typeof value === "string" && own.test(value)) return narrowed<string, Refined<string, Name>>(value);
    return issues.refuse(expected, value);
  });
}

/**
 * Schema of strings of `min` to `max` UTF-16 code units, both included. Equal arguments give the identical schema.
 *
 * @throws {@link SchemaError} if `min` and `max` are not lengths or are out of order.
 * @example
 * ```ts
 * import { Length } from "@void-system/linear";
 * Length(1, 8).is(""); // => false
 * Length(1, 8) === Length(1, 8); // => true
 * ```
 */
export function Length<const Min extends number, const Max extends number>(
  min: Min,
  max: InOrder<Min, Max> extends Max ? Max : InOrder<Min, Max>,
): CallableSchema<Refined<string, `${Min}..${Max} characters`>, string>;
export function Length<Min extends number, Max extends number>(
  min: Min,
  max: Max,
): CallableSchema<Refined<string, `${Min}..${Max} characters`>, string> {
  checkSize(min, max);
  return cached(`Length:${min}:${max}`, () =>
    makeSchema(`Length(${min}, ${max})`, { type: "string", min, max }, (value, issues) => {
      if (typeof value !== "string") return issues.refuse("a string", value);
      if (value.length >= min && value.length <= max) return narrowed<string, Refined<string, `${Min}..${Max} characters`>>(value);
      return issues.isQuiet ? INVALID : issues.add(`expected ${min}..${max} characters, got ${value.length}`);
    }),
  );
}
