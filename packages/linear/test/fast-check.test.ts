import fc from "fast-check";
import { expect, test } from "vitest";
import { arbitraryOf } from "../src/fast-check.ts";
import { Pattern, SchemaError } from "../src/index.ts";
import { Everything } from "./every-schema.ts";

test("every generated value is of the type, in the form that the type reads", () => {
  fc.assert(
    fc.property(arbitraryOf(fc, Everything), (value) => {
      expect(Everything.is(value)).toBe(true);
      expect(Everything.parse(value)).toEqual(value);
    }),
    { numRuns: 50 },
  );
});

test("a pattern that cannot be generated is refused", () => {
  expect(() => arbitraryOf(fc, Pattern(/^(?<!a)b$/, "look-behind"))).toThrow(SchemaError);
});
