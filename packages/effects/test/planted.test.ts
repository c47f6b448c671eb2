import { describe, expect, test } from "vitest";
import { replay, shrink, simulate } from "../src/simulation/index.ts";
import { PLANTED } from "./planted/index.ts";

/** Each bug shows itself within so many seeds. */
const SEEDS_MAX = 200;
/** The twin has to pass at least so many, and all that were tried on the bug. */
const TWIN_SEEDS = 40;
/** What people can read. */
const EVENTS_MAX = 30;

test("there are at least twenty, each with a name of its own", () => {
  expect(new Set(PLANTED.map(({ name }) => name)).size).toBe(PLANTED.length);
  expect(PLANTED.length).toBeGreaterThanOrEqual(20);
});

describe.each(PLANTED)("$name", ({ check, build }) => {
  const seeds = Array.from({ length: SEEDS_MAX }, (_, seed) => seed);
  const found = seeds.find((seed) => !simulate({ ...build(true), seed }).ok) ?? SEEDS_MAX;

  test("is found, and shrunk to what people can read", () => {
    const result = simulate({ ...build(true), seed: found });
    if (result.ok) throw new Error(`expected one of ${SEEDS_MAX} seeds to fail`);
    expect(result.failure).toMatchObject({ kind: "violation", name: check });
    const { run } = shrink(() => build(true), result);
    expect(run.failure).toMatchObject({ kind: "violation", name: check });
    expect(run.events).toBeLessThanOrEqual(EVENTS_MAX);
    // It still shows the bug, and nothing else: the twin passes it.
    expect(replay(() => build(false), run.plan)).toMatchObject({ ok: true });
  });

  test("is not in its twin", () => {
    for (let seed = 0; seed <= Math.max(TWIN_SEEDS, found); seed += 1) {
      const result = simulate({ ...build(false), seed });
      expect(result.ok ? "" : `seed ${seed}: ${result.failure.message}`).toBe("");
    }
  });
});
