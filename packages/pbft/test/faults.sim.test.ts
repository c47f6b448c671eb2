import { expect, test } from "vitest";
import { torment } from "./torment.ts";

/** `VOID_SEEDS=500-999` runs others than the usual ones. */
export function seeds(usual: number): number[] {
  const [from = 1, to = usual] = (process.env["VOID_SEEDS"] ?? `1-${usual}`).split("-").map(Number);
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}

test.each(seeds(30))("seed %i: nothing is lost, forked or executed twice, and the cluster heals", (seed) => {
  const { violations, story } = torment(seed);
  expect(violations, `seed ${seed}:\n${story.join("\n")}`).toEqual([]);
});
