/** Twins among crashes, partitions and power cuts: nothing that must hold is violated, though the correct replicas see both. */
import { expect, test } from "vitest";
import { seeds } from "../support/seeds.ts";
import { torment } from "../support/torment.ts";
import { twins } from "../support/twins.ts";

const SEEDS = seeds(10);
let seen = 0;

test.each(SEEDS)("seed %i: a replica that lives twice under one identity", (seed) => {
  const id = `r${seed % 4}`;
  const { cluster, violations } = torment(seed, { hostile: { [id]: twins(seed) } });
  expect(violations).toEqual([]);
  const convicted = cluster.correct.flatMap((one) => cluster.standing(one).evidence.map(({ culprit }) => String(culprit)));
  expect(convicted.filter((culprit) => culprit !== id)).toEqual([]);
  if (convicted.length > 0) seen += 1;
});

test("correct replicas have seen it equivocate in at least half of the runs", () => {
  expect(seen).toBeGreaterThanOrEqual(SEEDS.length / 2);
});
