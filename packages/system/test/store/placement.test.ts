import { expect, test } from "vitest";
import { PLACEMENT_KEY, parsePlacement } from "../../src/store/placement.ts";

test("a placement is read from any text, or not", () => {
  expect(PLACEMENT_KEY).toBe("void/placement");
  expect(parsePlacement('{"a":"x","b":1}')).toEqual({ a: "x" });
  expect(parsePlacement("[")).toBeUndefined();
});
