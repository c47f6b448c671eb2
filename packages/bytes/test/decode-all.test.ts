import { expect, test } from "vitest";
import { decodeAll } from "../src/index.ts";

test("errors of the caller pass through", () => {
  const bug = new Error("a bug of the caller");
  expect(() =>
    decodeAll(new Uint8Array(1), () => {
      throw bug;
    }),
  ).toThrow(bug);
});
