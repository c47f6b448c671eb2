import { expect, test } from "vitest";
import { Backoff } from "../src/tls/peers/backoff.ts";

test("pauses double up to the longest, less up to half by chance, and are short again after a reset", () => {
  const backoff = new Backoff(50, 2_000);
  expect(Array.from({ length: 8 }, () => backoff.next(1))).toEqual([50, 100, 200, 400, 800, 1_600, 2_000, 2_000]);
  expect(backoff.next(0)).toBe(1_000);
  backoff.reset();
  expect(backoff.next(0)).toBe(25);
});
