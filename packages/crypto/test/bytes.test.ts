import { expect, test } from "vitest";
import { constantTimeEqual } from "../src/index.ts";

const SEED = Uint8Array.from({ length: 32 }, (_, index) => 200 + (index % 50));

test("constantTimeEqual is equality", () => {
  expect(constantTimeEqual(new Uint8Array(), new Uint8Array())).toBe(true);
  expect(constantTimeEqual(SEED, SEED.slice())).toBe(true);
  expect(constantTimeEqual(SEED, SEED.subarray(1))).toBe(false);
});
