import { describe, expect, test } from "vitest";
import { simulate } from "../src/simulation/index.ts";
import { PLANTED } from "./planted/index.ts";

/** Each bug shows itself within so many seeds. */
const SEEDS_MAX = 200;
/** The twin has to pass at least so many, and all that were tried on the bug. */
const TWIN_SEEDS = 40;

describe.each(PLANTED)("$name", ({ name, check, build }) => {
  const found = Array.from({ length: SEEDS_MAX }, (_, seed) => seed).find((seed) => !simulate({ ...build(true), seed }).ok);

  test("is found", () => {
    const result = simulate({ ...build(true), seed: found ?? 0 });
    expect(found, name).toBeDefined();
    expect(result.ok ? "" : result.failure.message).toContain(check);
    console.log(name, found, result.events);
  });

  test("is not in its twin", () => {
    for (let seed = 0; seed <= Math.max(TWIN_SEEDS, found ?? SEEDS_MAX); seed += 1) {
      const result = simulate({ ...build(false), seed });
      expect(result.ok ? "" : `seed ${seed}: ${result.failure.message}`).toBe("");
    }
  });
});
