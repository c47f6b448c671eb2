import { expect, test } from "vitest";
import { NonEmpty, Pattern, type Schema } from "../src/index.ts";
import { jsonSchema } from "../src/refinements/json-schema.ts";
import { Everything } from "./every-schema.ts";

test("every kind of schema has its JSON Schema", () => {
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
