/** What is derived from a type: JSON Schema, and values made up for tests. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryOf } from "../src/fast-check.ts";
import {
  and,
  ArrayOf,
  Bool,
  Finite,
  IntRange,
  Length,
  NonEmpty,
  not,
  OneOf,
  Optional,
  or,
  Pattern,
  Positive,
  Range,
  Refined,
  type Schema,
  SchemaError,
  Struct,
  Text,
  Unique,
  Vector,
} from "../src/index.ts";
import { jsonSchema } from "../src/refinements/json-schema.ts";

const Everything = Struct({
  age: IntRange(0, 120),
  ratio: Range(0, 1),
  open: Range(0, Infinity),
  hex: Pattern(/^[0-9a-f]{1,8}$/, "hex"),
  place: Vector(3),
  names: NonEmpty(Length(1, 8)),
  tags: Optional(Unique(ArrayOf(IntRange(0, 99), { max: 5 }))),
  level: Optional(OneOf("debug", "info"), "info"),
  flag: Bool,
  any: Finite,
  text: Text,
  even: Refined(IntRange(0, 100), (n) => n % 2 === 0, "even"),
  both: and(Length(1, 4), Pattern(/^[a-z]+$/, "lower case")),
  either: or(IntRange(1, 9), OneOf("auto")),
  divisor: not(IntRange(-9, 9), OneOf(0), "divisor"),
  positive: Positive,
});

test("every value that is made up is one of the type, as the type reads it", () => {
  fc.assert(
    fc.property(arbitraryOf(fc, Everything), (value) => {
      expect(Everything.is(value)).toBe(true);
      expect(Everything.parse(value)).toEqual(value);
    }),
    { numRuns: 50 },
  );
});

test("a pattern that nothing can be made from is named", () => {
  expect(() => arbitraryOf(fc, Pattern(/^(?<!a)b$/, "look-behind"))).toThrow(SchemaError);
});

test("JSON Schema", () => {
  expect(jsonSchema(Everything)).toEqual({
    type: "object",
    properties: {
      age: { type: "integer", minimum: 0, maximum: 120 },
      ratio: { type: "number", minimum: 0, maximum: 1 },
      open: { type: "number", minimum: 0 },
      hex: { type: "string", pattern: "^[0-9a-f]{1,8}$" },
      place: { type: "array", items: { type: "number" }, minItems: 3, maxItems: 3 },
      names: { type: "array", items: { type: "string", minLength: 1, maxLength: 8 }, minItems: 1, maxItems: 1_000_000 },
      tags: { type: "array", items: { type: "integer", minimum: 0, maximum: 99 }, minItems: 0, maxItems: 5, uniqueItems: true },
      level: { enum: ["debug", "info"], default: "info" },
      flag: { type: "boolean" },
      any: { type: "number" },
      text: { type: "string" },
      even: { type: "integer", minimum: 0, maximum: 100 },
      both: { allOf: [{ type: "string", minLength: 1, maxLength: 4 }, { type: "string", pattern: "^[a-z]+$" }] },
      either: { anyOf: [{ type: "integer", minimum: 1, maximum: 9 }, { enum: ["auto"] }] },
      divisor: { type: "integer", minimum: -9, maximum: 9 },
      positive: { type: "number", minimum: Number.MIN_VALUE },
    },
    required: ["age", "ratio", "open", "hex", "place", "names", "flag", "any", "text", "even", "both", "either", "divisor", "positive"],
    additionalProperties: false,
  });
  const schemas: readonly Schema<unknown>[] = [NonEmpty(), Pattern(/^a$/i, "a of any case")];
  expect(schemas.map(jsonSchema)).toEqual([{ type: "array", minItems: 1, maxItems: 1_000_000 }, { type: "string" }]);
});
