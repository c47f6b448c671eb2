import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ClassicLevel } from "classic-level";
import * as fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { expect, test } from "vitest";
import { SpentTokensInLevel, SpentTokensInMemory } from "../src/index.ts";
import type { LeasedSpentTokens } from "../src/index.ts";

test("a used token stays used over a restart, a reserved one until its lease ends", async () => {
  const folder = mkdtempSync(join(tmpdir(), "spent-"));
  try {
    const before = new ClassicLevel<string, string>(folder);
    const first = new SpentTokensInLevel(before);
    expect(await first.claim("used", 100, 1)).toBe(true);
    expect(await first.reserve("held", 100, 1, 50)).toBe(2);
    await before.close();
    const after = new ClassicLevel<string, string>(folder);
    const second = new SpentTokensInLevel(after);
    expect(await second.claim("used", 100, 2)).toBe(false);
    expect(await second.reserve("held", 100, 49, 90)).toBe(false);
    expect(await second.reserve("held", 100, 50, 90)).toBe(3);
    expect(await second.commit("held", 2)).toBe(false);
    expect(await second.commit("held", 3)).toBe(true);
    await after.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});

test("what has expired leaves nothing behind but the time", async () => {
  const database = new MemoryLevel<string, string>();
  const spent = new SpentTokensInLevel(database);
  for (let n = 0; n < 300; n += 1) expect(await spent.claim(`t${n}`, n + 10, n)).toBe(true);
  expect(await spent.claim("last", 5000, 1000)).toBe(true);
  expect(await database.keys().all()).toEqual(["expiry:0000000000005000:last", "forgotten", "last fence", "token:last"]);
  expect(await spent.claim("t299", 309, 1)).toBe(false);
});

test("answers as the store in memory does, whatever comes, and all at once", async () => {
  const step = fc.record({
    name: fc.constantFrom("a", "b", "c"),
    kind: fc.constantFrom("claim", "reserve", "commit", "abort"),
    laterMs: fc.integer({ min: -5, max: 40 }),
    lastsMs: fc.integer({ min: 1, max: 90 }),
    fence: fc.integer({ min: 1, max: 6 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 30 }), async (steps) => {
      const level = new SpentTokensInLevel(new MemoryLevel<string, string>());
      const memory = new SpentTokensInMemory();
      const run = (spent: LeasedSpentTokens): readonly unknown[] => {
        let nowMs = 10;
        return steps.map(({ name, kind, laterMs, lastsMs, fence }) => {
          nowMs = Math.max(0, nowMs + laterMs);
          if (kind === "claim") return spent.claim(name, nowMs + lastsMs, nowMs);
          if (kind === "reserve") return spent.reserve(name, nowMs + lastsMs, nowMs, nowMs + 20);
          return kind === "commit" ? spent.commit(name, fence) : spent.abort(name, fence);
        });
      };
      expect(await Promise.all(run(level))).toEqual(run(memory));
    }),
    { numRuns: 100 },
  );
});
