import { expect, test } from "vitest";
import { besideOneLiar } from "../support/one-liar.ts";
import { seeds } from "../support/seeds.ts";

test.each(seeds(8))("seed %i: beside one liar nothing is lost, and once the network is timely the views come to rest", (seed) => {
  const { violations, story } = besideOneLiar(seed);
  expect(violations, `seed ${seed}: ${story}`).toEqual([]);
});
