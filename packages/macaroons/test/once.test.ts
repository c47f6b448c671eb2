import * as fc from "fast-check";
import { MemoryLevel } from "memory-level";
import { describe, expect, test } from "vitest";
import {
  CapabilityManager,
  CapabilityToken,
  CaveatError,
  Macaroon,
  MacaroonFactory,
  OptionError,
  SpentStoreError,
  SpentTokensInLevel,
  SpentTokensInMemory,
  createStandardVerifier,
  formatToken,
  parseToken,
} from "../src/index.ts";
import type { LeasedSpentTokens, SpentTokens, TokenFormat } from "../src/index.ts";
import { ExpiryQueue } from "../src/once/expiry-queue.ts";
import { runs } from "./runs.ts";

const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
const END_MS = 9000;
const context = { timeMs: 1000, resource: "/a", operation: "read" };

function managerWith(spent: SpentTokens): CapabilityManager {
  return new CapabilityManager(factory, createStandardVerifier(), { spent });
}

function at(timeMs: number): typeof context {
  return { ...context, timeMs };
}

/** A store elsewhere: every answer comes later. */
function later(memory: SpentTokensInMemory = new SpentTokensInMemory()): LeasedSpentTokens {
  const soon = async <T>(answer: () => T): Promise<T> => (await Promise.resolve(), answer());
  return {
    claim: (...all) => soon(() => memory.claim(...all)),
    reserve: (...all) => soon(() => memory.reserve(...all)),
    commit: (...all) => soon(() => memory.commit(...all)),
    abort: (...all) => soon(() => memory.abort(...all)),
  };
}

/** A copy as another implementation writes it, and narrower. */
function copyOf(token: Macaroon, format: TokenFormat, ...caveats: readonly string[]): Macaroon {
  const parsed = parseToken(formatToken(caveats.reduce((made, caveat) => made.addCaveat(caveat), token), format));
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.macaroon;
}

describe.each([
  ["in memory", () => new SpentTokensInMemory()],
  ["with promises", () => later()],
  ["in a database", () => new SpentTokensInLevel(new MemoryLevel<string, string>())],
])("a store %s", (_, storeOf) => {
  test("1,000 uses at once of 50 copies, narrowed, in all formats: one wins", async () => {
    const manager = managerWith(storeOf());
    const token = factory.mint([`time < ${END_MS}`, "once"]);
    const formats = ["v1", "v2", "v2-json"] as const;
    const copies = Array.from({ length: 50 }, (__, n) => copyOf(token, formats[n % 3]!, ...(n % 2 === 0 ? [] : [`time < ${END_MS - n}`, "once"])));
    const verdicts = await Promise.all(Array.from({ length: 1000 }, (__, n) => manager.consume(copies[n % 50]!, context)));
    expect(verdicts.filter(({ ok }) => ok)).toHaveLength(1);
    expect(verdicts.filter((one) => !one.ok && one.reason === "already-used")).toHaveLength(999);
  });

  test("a refused attempt uses nothing", async () => {
    const manager = managerWith(storeOf());
    const token = factory.mint([`time < ${END_MS}`, "once", "operation in read"]);
    expect(await manager.consume(token, { ...context, operation: "write" })).toEqual({ ok: false, reason: "wrong-operation" });
    expect(await manager.consume(token.addCaveat("user = ada"), context)).toMatchObject({ reason: "incomplete-context", missing: "user" });
    expect((await manager.consume(token, context)).ok).toBe(true);
  });

  test("held until its use is sure: a crash before commit gives one more, after the lease", async () => {
    const manager = managerWith(storeOf());
    const token = factory.mint([`time < ${END_MS}`, "once"]);
    const crashed = await manager.reserve(token, at(1000), { leaseMs: 100 });
    expect(crashed.ok).toBe(true);
    for (const timeMs of [1000, 1099]) expect(await manager.reserve(token, at(timeMs), { leaseMs: 100 })).toEqual({ ok: false, reason: "already-used" });
    expect(await manager.consume(token, at(1099))).toEqual({ ok: false, reason: "already-used" });
    const after = await Promise.all(Array.from({ length: 20 }, () => manager.reserve(token, at(1100), { leaseMs: 100 })));
    const [winner, ...others] = after.filter(({ ok }) => ok);
    expect(others).toEqual([]);
    // The one that was slow, not dead, learns that it came too late.
    expect([crashed.ok && (await crashed.commit()), winner?.ok === true && (await winner.commit())]).toEqual([false, true]);
    if (crashed.ok) await crashed.abort();
    expect(await manager.consume(token, at(5000))).toEqual({ ok: false, reason: "already-used" });
  });

  test("given back, it is as before", async () => {
    const manager = managerWith(storeOf());
    const token = factory.mint([`time < ${END_MS}`, "once"]);
    for (let turn = 0; turn < 3; turn += 1) {
      const held = await manager.reserve(token, context, { leaseMs: 100 });
      if (!held.ok) throw new Error(held.reason);
      await held.abort();
    }
    expect((await manager.consume(token, context)).ok).toBe(true);
    const used = await manager.reserve(token, context, { leaseMs: 100 });
    expect(used).toEqual({ ok: false, reason: "already-used" });
  });
});

describe("the end of a once token", () => {
  test("must be there when it is minted, stands before `once`, and holds for every copy", () => {
    expect(() => factory.mint(["once"])).toThrow(CaveatError);
    expect(() => managerWith(new SpentTokensInMemory()).grantCapability("/a", "read", { caveats: ["once"] })).toThrow(/an end/u);
    expect(factory.mint(["once", "time < 2", "user = ada"]).caveats).toEqual(["time < 2", "user = ada", "once"]);
  });

  test("a holder's `once` without an end is refused, with one behind it too", async () => {
    const manager = managerWith(new SpentTokensInMemory());
    const bare = factory.mint().addCaveat("once");
    for (const token of [bare, bare.addCaveat("time < 2000"), bare.addCaveat("time < 3000")]) {
      expect(await manager.consume(token, context)).toEqual({ ok: false, reason: "once-without-end" });
    }
  });

  test("a copy with an earlier end is no second use after that end", async () => {
    const manager = managerWith(new SpentTokensInMemory());
    const token = factory.mint([`time < ${END_MS}`, "once"]);
    expect((await manager.consume(token.addCaveat("time < 2000"), at(1000))).ok).toBe(true);
    // Another token makes the store forget what has expired.
    await manager.consume(factory.mint([`time < ${END_MS}`, "once"]), at(3000));
    expect(await manager.consume(token, at(3000))).toEqual({ ok: false, reason: "already-used" });
  });
});

describe("memory", () => {
  test("forgets what has expired, so that the many do not lock out the next", () => {
    const spent = new SpentTokensInMemory(1000);
    const answers = Array.from({ length: 10_000 }, (_, n) => spent.claim(`t${n}`, n + 500, n));
    expect(answers.filter((won) => won)).toHaveLength(10_000);
    expect(spent.size).toBeLessThanOrEqual(500);
  });

  test("refuses rather than forgets when it is full of what may still come", () => {
    const spent = new SpentTokensInMemory(2);
    expect(["a", "b", "c"].map((name) => spent.claim(name, 100, 1))).toEqual([true, true, false]);
    expect(["a", "b", "c"].map((name) => spent.claim(name, 100, 1))).toEqual([false, false, false]);
    expect(spent.claim("c", 200, 100)).toBe(true);
  });

  test("a clock that goes back wins nothing", () => {
    const spent = new SpentTokensInMemory();
    expect(spent.claim("a", 100, 1)).toBe(true);
    expect(spent.claim("b", 1000, 500)).toBe(true);
    expect(spent.size).toBe(1);
    expect(spent.claim("a", 100, 1)).toBe(false);
    expect(spent.claim("b", 1000, 1)).toBe(false);
    expect(spent.claim("c", 1000, Number.NaN)).toBe(true);
  });

  test("one winner for each name, whatever is claimed, reserved, given back and expires", () => {
    const step = fc.record({ name: fc.constantFrom("a", "b"), kind: fc.constantFrom("claim", "reserve", "commit", "abort"), laterMs: fc.nat(40) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const spent = new SpentTokensInMemory();
        const used = new Map<string, number>();
        const fences = new Map<string, number>();
        let nowMs = 0;
        for (const { name, kind, laterMs } of steps) {
          nowMs += laterMs;
          if (nowMs >= 500) break;
          const uses = (yes: boolean): unknown => yes && used.set(name, (used.get(name) ?? 0) + 1);
          if (kind === "claim") uses(spent.claim(name, 500, nowMs));
          else if (kind === "reserve") {
            const fence = spent.reserve(name, 500, nowMs, nowMs + 30);
            if (fence === false) continue;
            expect(fence).toBeGreaterThan(fences.get(name) ?? 0);
            fences.set(name, fence);
          } else if (kind === "abort") spent.abort(name, fences.get(name) ?? -1);
          else if (fences.has(name)) {
            const committed = spent.commit(name, fences.get(name)!);
            // A commit that comes again says yes again, and uses nothing more.
            if (committed && used.get(name) === undefined) uses(true);
          }
          expect(used.get(name) ?? 0).toBeLessThanOrEqual(1);
        }
      }),
      { numRuns: runs(150, 10_000) },
    );
  });

  test("the queue gives the earliest first", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(50), { maxLength: 60 }), fc.nat(50), (times, untilMs) => {
        const queue = new ExpiryQueue();
        for (const [index, timeMs] of times.entries()) queue.push(`${index}`, timeMs);
        const popped: number[] = [];
        for (let name = queue.popUntil(untilMs); name !== undefined; name = queue.popUntil(untilMs)) popped.push(times[Number(name)]!);
        expect(popped).toEqual(times.filter((timeMs) => timeMs <= untilMs).toSorted((a, b) => a - b));
      }),
    );
  });
});

describe("a store that does not say yes or no", () => {
  const token = (): Macaroon => factory.mint([`time < ${END_MS}`, "once"]);
  const answering = (answer: unknown): CapabilityManager => managerWith({ claim: () => answer as never });

  test("a promise is no yes: verifyCapability throws", () => {
    expect(() => managerWith(later()).verifyCapability(new CapabilityToken(token()), context)).toThrow(/got a promise/u);
    for (const answer of ["OK", 1, undefined, null, {}]) {
      expect(() => answering(answer).verifyCapability(new CapabilityToken(token()), context)).toThrow(SpentStoreError);
    }
    expect(answering(true).verifyCapability(new CapabilityToken(token()), context)).toBe(true);
  });

  test("nor for consume, nor is a failure", async () => {
    for (const answer of ["OK", 1, undefined, Promise.resolve("OK"), Promise.reject(new Error("down"))]) {
      await expect(answering(answer).consume(token(), context)).rejects.toThrow(SpentStoreError);
    }
    await expect(answering(true).reserve(token(), context, { leaseMs: 10 })).rejects.toThrow(OptionError);
    await expect(managerWith(later()).reserve(token(), context, { leaseMs: 0 })).rejects.toThrow(OptionError);
    const odd: LeasedSpentTokens = { ...later(), reserve: () => "yes" as never };
    await expect(managerWith(odd).reserve(token(), context, { leaseMs: 10 })).rejects.toThrow(SpentStoreError);
  });
});

test("reserve without options is the caller's slip", async () => {
  const manager = new CapabilityManager(factory, createStandardVerifier());
  for (const bad of [undefined, null, 5, {}, { leaseMs: "5" }, { leaseMs: 5, x: 1 }]) await expect(manager.reserve("x", context, bad as never)).rejects.toThrow(OptionError);
});

test("adding a caveat never turns no into yes, for consume too", async () => {
  const caveat = fc.constantFrom("once", "time < 2000", "time < 500", "time >= 1", "user = ada", "operation in read", "moon = full", "resource under /a");
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(caveat, { maxLength: 5 }), caveat, async (caveats, one) => {
      const token = caveats.reduce((made, each) => made.addCaveat(each), factory.mint());
      const before = await managerWith(new SpentTokensInMemory()).consume(token, context);
      const after = await managerWith(new SpentTokensInMemory()).consume(token.addCaveat(one), context);
      expect(!before.ok && after.ok).toBe(false);
      refused += before.ok ? 0 : 1;
    }),
    { numRuns: runs(150, 5000) },
  );
  expect(refused).toBeGreaterThan(50);
});
