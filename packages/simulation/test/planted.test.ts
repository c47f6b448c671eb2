import { describe, expect, test } from "vitest";
import { type FailedRun, replay, shrink, simulate } from "../src/index.ts";
import { PLANTED } from "./planted/index.ts";

/** Each bug shows itself within so many seeds. */
const SEEDS_MAX = 200;
/** The twin has to pass at least so many, and all that were tried on the bug. */
const TWIN_SEEDS = 40;
/** What people can read. */
const EVENTS_MAX = 30;
/** Failing seeds that are shrunk; `npm run bench:shrinking` takes more. */
const SHRUNK = 2;

test("there are at least twenty, each with a name of its own", () => {
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

  test("is found, and shrunk from other seeds too to what people can read", () => {
    expect(found).toBeLessThan(SEEDS_MAX);
    expect(failed.length).toBe(SHRUNK);
    for (const one of failed) {
      expect(one.failure).toMatchObject({ kind: "violation", name: check });
      const { run } = shrink(() => build(true), one);
      expect(run.failure).toMatchObject({ kind: "violation", name: check });
      expect(run.events, `from seed ${one.seed}`).toBeLessThanOrEqual(EVENTS_MAX);
      // It still shows the bug, and nothing else: the twin passes it.
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
