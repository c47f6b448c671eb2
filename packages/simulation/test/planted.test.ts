import { describe, expect, test } from "vitest";
import { type FailedRun, replay, shrink, simulate } from "../src/index.ts";
import { PLANTED } from "./planted/index.ts";

/** Each bug must show within this many seeds. */
const SEEDS_MAX = 200;
/** The twin must pass at least this many seeds, and all that were tried on the bug. */
const TWIN_SEEDS = 40;
/** Most events that people can read. */
const EVENTS_MAX = 30;
/** Failing seeds to shrink; `npm run bench:shrinking` takes more. */
const SHRUNK = 2;

test("there are at least twenty, with different names", () => {
  expect(new Set(PLANTED.map(({ name }) => name)).size).toBe(PLANTED.length);
  expect(PLANTED.length).toBeGreaterThanOrEqual(20);
});

describe.each(PLANTED)("$name", ({ check, build }) => {
  const failed: FailedRun[] = [];
  for (let seed = 0; failed.length < SHRUNK && seed < 10 * SEEDS_MAX; seed += 1) {
    const run = simulate({ ...build(true), seed });
    if (!run.ok) failed.push(run);
  }
  const found = failed[0]?.seed ?? Infinity;

  test("is found, and shrunk to a readable size from other seeds, too", () => {
    expect(found).toBeLessThan(SEEDS_MAX);
    expect(failed.length).toBe(SHRUNK);
    for (const one of failed) {
      expect(one.failure).toMatchObject({ kind: "violation", name: check });
      const { run } = shrink(() => build(true), one);
      expect(run.failure).toMatchObject({ kind: "violation", name: check });
      expect(run.events, `from seed ${one.seed}`).toBeLessThanOrEqual(EVENTS_MAX);
      // It shows the bug and nothing else, since the twin passes it.
      expect(replay(() => build(false), run.plan)).toMatchObject({ ok: true });
    }
  });

  test("is not in its twin", () => {
    for (let seed = 0; seed <= Math.max(TWIN_SEEDS, Math.min(found, SEEDS_MAX)); seed += 1) {
      const result = simulate({ ...build(false), seed });
      expect(result.ok ? "" : `seed ${seed}: ${result.failure.message}`).toBe("");
    }
  });
});
