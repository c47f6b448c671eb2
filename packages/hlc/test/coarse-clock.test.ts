import { expect, test } from "vitest";
import { coarseClock, HybridLogicalClock, InvalidOptionError } from "../src/index.ts";

/** Takes readings of a coarse clock while the real one advances between them, and counts the reads of the real one. */
function read(readings: number, stepMs: number, options: object = {}) {
  let trueMs = 1_000;
  let looks = 0;
  const clock = coarseClock({
    wallMs: () => {
      looks += 1;
      return Math.floor(trueMs);
    },
    ...options,
  });
  const ages = Array.from({ length: readings }, () => {
    trueMs += stepMs;
    return trueMs - clock();
  });
  return { ages, oldestMs: Math.max(...ages), looks };
}

test("one read serves at most readingsMax readings", () => {
  const { looks } = read(16 * 256, 0);
  expect(looks).toBeGreaterThanOrEqual(16);
  expect(looks).toBeLessThanOrEqual(16 + 8);
  expect(read(100, 0, { readingsMax: 1 }).looks).toBe(100);
});

test.each([0.0001, 0.001, 0.01, 0.1, 0.5, 1, 3, 100])("at a pace of %s ms no reading is older than twice the bound", (stepMs) => {
  for (const staleMs of [1, 5]) expect(read(2_000, stepMs, { staleMs }).oldestMs).toBeLessThanOrEqual(2 * staleMs + 1);
});

test("a read serves at least its own reading", () => {
  expect(() => coarseClock({ readingsMax: 0 })).toThrow(InvalidOptionError);
});

test("no read outlives its turn", async () => {
  let ms = 1_000;
  const clock = coarseClock({ wallMs: () => ms });
  for (let reading = 0; reading < 100; reading++) clock();
  ms = 2_000;
  expect(clock()).toBe(1_000);
  await Promise.resolve();
  expect(clock()).toBe(2_000);
});

test("stamps rise, and a clock that goes back is followed", async () => {
  let ms = 1_000;
  const clock = new HybridLogicalClock("a", { wallMs: coarseClock({ wallMs: () => ms }) });
  const stamps = Array.from({ length: 100 }, () => clock.now());
  ms = 500;
  await Promise.resolve();
  stamps.push(clock.now());
  expect(stamps.toSorted()).toEqual(stamps);
  expect(clock.stats().backwardJumps).toBe(1);
});
