import { expect, test } from "vitest";
import { ambush } from "../support/ambush.ts";
import { seeds } from "../support/seeds.ts";
import { liar, someLies } from "../support/hostile.ts";
import { torment } from "../support/torment.ts";

/** Seeds in whose runs somebody was convicted of a lie; that it was the liar is checked in each. */
const convicted: number[] = [];

test.each(seeds(15))("seed %i: one liar among crashes, partitions and power cuts", (seed) => {
  const name = `r${seed % 4}`;
  const lies = someLies(seed);
  const { cluster, violations, story } = torment(seed, { hostile: { [name]: (world, of) => liar(world, of, lies) } });
  if (cluster.correct.some((id) => cluster.standing(id).evidence.length > 0)) convicted.push(seed);
  expect(violations, `seed ${seed}: ${name} ${JSON.stringify(lies)}\n${story.join("\n")}`).toEqual([]);
});

test("liars were convicted", () => {
  expect(convicted.length).toBeGreaterThan(2);
});

test.each(seeds(15))("seed %i: power cuts while much is under way, beside a liar", (seed) => {
  expect(ambush(seed), `seed ${seed}`).toEqual([]);
});
