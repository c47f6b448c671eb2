import { SchemaError } from "../errors.ts";
import { inWords } from "./internal/argument.ts";
import { makeSchema } from "./schema.ts";
import type { Schema } from "./schema.ts";

/** Values that `OneOf` can distinguish. */
export type Literal = string | number | boolean | null;

/** Schema of `OneOf(...)`. */
export interface OneOfSchema<L extends Literal> extends Schema<L, L> {
  /**
   * Takes one of the literals. Any other does not compile.
   *
   * @throws {@link RefinementError} if it is invalid at run time.
   */
  <const V extends L>(value: V): V;
}

/**
 * Schema of one of the given literals.
 *
 * @throws {@link SchemaError} if there is none, or one that is not a text, a finite number, a boolean or null.
 * @example
 * ```ts
 * import { OneOf } from "@void-system/linear";
 * const Level = OneOf("debug", "info", "error");
 * Level("info"); // => "info"
 * Level.is("loud"); // => false
 * ```
 */
export function OneOf<const L extends readonly Literal[]>(...literals: L): OneOfSchema<L[number]> {
  const bad = literals.findIndex((literal: unknown) => !isLiteral(literal));
  if (literals.length === 0 || bad >= 0) {
    const got = bad < 0 ? "none" : inWords(literals[bad]);
    const advice = Array.isArray(literals[bad]) ? "; spread it: OneOf(...literals)" : "";
    throw new SchemaError(`expected texts, finite numbers, booleans or null as literals, got ${got}${advice}`);
  }
  const known: ReadonlyMap<unknown, L[number]> = new Map(literals.map((literal) => [literal, literal]));
  const name = `OneOf(${literals.map((literal) => JSON.stringify(literal)).join(", ")})`;
  const expected = name.slice("OneOf".length);
  const schema = makeSchema<L[number], L[number]>(name, { type: "literal", values: literals }, (value, issues) => {
    const literal = known.get(value);
    return literal === undefined ? issues.refuse(expected, value) : literal;
  });
  // A literal equal to V was found in the map, so what the call returns is a V.
  return schema as OneOfSchema<L[number]>;
}

function isLiteral(value: unknown): boolean {
  return typeof value === "number" ? Number.isFinite(value) : value === null || typeof value === "string" || typeof value === "boolean";
}
