import { expect, test } from "vitest";
import { CapabilityManager, Macaroon, MacaroonFactory, OptionError, createStandardVerifier, defineCaveat, keyIdOf } from "../src/index.ts";
import { TokenCache } from "../src/verify/token-cache.ts";

const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
const context = { timeMs: 1000, resource: "/a", operation: "read" };

test("caveats are judged every time, and parsed once", () => {
  let parsed = 0;
  const counted = defineCaveat({ form: "counted", asks: {}, parse: (text) => (text === "counted" ? (parsed += 1) : undefined), check: () => true });
  const manager = new CapabilityManager(factory, createStandardVerifier([counted]), { cachedTokens: 2 });
  const text = factory.mint(["counted", "time < 2000"]).encode();
  for (const timeMs of [1000, 1999, 2000, 1000]) expect(manager.verify(text, { ...context, timeMs }).ok).toBe(timeMs < 2000);
  expect(parsed).toBe(1);
  expect(manager.verify(text.slice(0, -2) + "AA", context).ok).toBe(false);
});

test("a key that keyOf no longer gives ends its tokens at once", () => {
  const keys = new Map([["old", new Uint8Array(32).fill(1)]]);
  const manager = new CapabilityManager(factory, createStandardVerifier(), { cachedTokens: 10, keyOf: (identifier) => keys.get(keyIdOf(identifier) ?? "") });
  const old = new MacaroonFactory(new Uint8Array(32).fill(1), { keyId: "old" });
  const text = old.mint().encode();
  expect(manager.verify(text, context).ok).toBe(true);
  keys.set("old", new Uint8Array(32).fill(2));
  expect(manager.verify(text, context)).toEqual({ ok: false, reason: "bad-signature" });
  keys.delete("old");
  expect(manager.verify(text, context)).toEqual({ ok: false, reason: "unknown-key" });
});

test("a once token is used once, cached or not", async () => {
  const manager = new CapabilityManager(factory, createStandardVerifier(), { cachedTokens: 10 });
  const text = factory.mint(["time < 2000", "once"]).encode();
  expect(manager.verify(text, context)).toEqual({ ok: false, reason: "once-token-not-reusable" });
  expect((await manager.consume(text, context)).ok).toBe(true);
  expect(await manager.consume(text, context)).toEqual({ ok: false, reason: "already-used" });
});

test("holds as many as it may; the least recently used goes first", () => {
  const cache = new TokenCache<number>(2);
  const [a, b, c] = ["a", "b", "c"].map((text) => cache.keyOf(text));
  cache.set(a!, 1);
  cache.set(b!, 2);
  expect(cache.get(a!)).toBe(1);
  cache.set(c!, 3);
  expect([a, b, c].map((key) => cache.get(key!))).toEqual([1, undefined, 3]);
  expect(new TokenCache(1).keyOf("a")).not.toBe(a);
  for (const bad of [0, -1, 1.5, Number.NaN, 1e9, "5"]) expect(() => new CapabilityManager(factory, createStandardVerifier(), { cachedTokens: bad as number })).toThrow(OptionError);
});

test("only what was verified is remembered", () => {
  const manager = new CapabilityManager(factory, createStandardVerifier(), { cachedTokens: 1 });
  const foreign = Macaroon.mint(new Uint8Array(32).fill(9), factory.mint().identifier).encode();
  for (let turn = 0; turn < 3; turn += 1) expect(manager.verify(foreign, context)).toEqual({ ok: false, reason: "bad-signature" });
});
