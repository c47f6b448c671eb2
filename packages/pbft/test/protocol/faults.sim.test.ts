import { expect, test } from "vitest";
import { seeds } from "../support/seeds.ts";
import { torment } from "../support/torment.ts";

test.each(seeds(20))("seed %i: nothing is lost, forked or executed twice, and the cluster heals", (seed) => {
  const { violations, story } = torment(seed);
  expect(violations, `seed ${seed}:\n${story.join("\n")}`).toEqual([]);
});
