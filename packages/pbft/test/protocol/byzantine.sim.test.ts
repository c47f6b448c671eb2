import { expect, test } from "vitest";
import { ambush } from "../support/ambush.ts";
import { seeds } from "../support/seeds.ts";
import { liar, someLies } from "../support/hostile.ts";
import { torment } from "../support/torment.ts";

test.each(seeds(15))("seed %i: one liar among crashes, partitions and power cuts", (seed) => {
  const name = `r${seed % 4}`;
  const lies = someLies(seed);
  const { violations, story } = torment(seed, { hostile: { [name]: (world, cluster) => liar(world, cluster, lies) } });
  expect(violations, `seed ${seed}: ${name} ${JSON.stringify(lies)}\n${story.join("\n")}`).toEqual([]);
});

test.each(seeds(15))("seed %i: power cuts while much is under way, beside a liar", (seed) => {
  expect(ambush(seed), `seed ${seed}`).toEqual([]);
});
