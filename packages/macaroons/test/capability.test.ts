import { inspect } from "node:util";
import { importKey } from "@void-system/crypto";
import { LinearContext, LinearResource, LinearTypeError } from "@void-system/linear";
import { describe, expect, expectTypeOf, test, vi } from "vitest";
import {
  CapabilityManager,
  CapabilityToken,
  CapabilityType,
  CaveatError,
  Macaroon,
  MacaroonFactory,
  createStandardVerifier,
} from "../src/index.ts";
import type { CapabilityContext, MacaroonFactoryOptions, RefusalReason } from "../src/index.ts";

const NOW = 1_800_000_000_000;
const rootKey = new Uint8Array(32).fill(7);
const factory = new MacaroonFactory(rootKey);
const manager = new CapabilityManager(factory, createStandardVerifier());
const context: CapabilityContext = { timeMs: NOW, resource: "/api/data", operation: "read" };

function countingUp(length: number): Uint8Array {
  return Uint8Array.from({ length }, (_, index) => index);
}

function managerOf(key: number, keyId: string): CapabilityManager {
  return new CapabilityManager(new MacaroonFactory(new Uint8Array(32).fill(key), { keyId }), createStandardVerifier());
}

/** The verdict on a text, in a word. */
function refusal(text: string, by: CapabilityManager = manager): RefusalReason | "ok" {
  const verdict = by.verify(text, context);
  return verdict.ok ? "ok" : verdict.reason;
}

/** The verdict on a token with these caveats, in a word. */
function judge(caveats: readonly string[], changed: Partial<CapabilityContext> = {}): RefusalReason | "ok" {
  const verdict = manager.verify(factory.mint(caveats).encode(), { ...context, ...changed });
  return verdict.ok ? "ok" : verdict.reason;
}

describe("a capability in the hand of a program", () => {
  test("is verified once: the same handle again is refused, it is linear", () => {
    const future = NOW + 60_000;
    const cap = manager.grantCapability("/api/data", CapabilityType.READ, { caveats: [`time < ${future}`] });
    expect(cap).toBeInstanceOf(LinearResource);
    expect(manager.verifyCapability(cap, context)).toBe(true);
    expect(cap.isConsumed).toBe(true);
    expect(() => manager.verifyCapability(cap, context)).toThrow(LinearTypeError);
    expect(() => manager.verifyCapability(cap, context)).toThrow(/capability for \/api\/data/u);
  });

  test("is used up by a refusal too", () => {
    const cap = manager.grantCapability("/api/data", CapabilityType.READ);
    expect(manager.verifyCapability(cap, { ...context, operation: "write" })).toBe(false);
    expect(() => manager.verifyCapability(cap, context)).toThrow(LinearTypeError);
  });

  test("permits its resource and its operation, and an administrator's every operation", () => {
    const verify = (type: CapabilityType, changed: Partial<CapabilityContext>): boolean =>
      manager.verifyCapability(manager.grantCapability("/api/data", type), { ...context, ...changed });
    expect(verify("read", {})).toBe(true);
    expect(verify("read", { resource: "/api/data/1" })).toBe(false);
    expect(verify("write", {})).toBe(false);
    for (const operation of ["read", "write", "execute", "admin", "other"]) expect(verify("admin", { operation })).toBe(true);
    expect(verify("write", { operation: "admin" })).toBe(false);
    const under = manager.grantCapability("/api/data", "read", { scope: "under" });
    expect(manager.verifyCapability(under, { ...context, resource: "/api/data/1" })).toBe(true);
  });

  test("is reported by its context when nobody verified it, and moves as what it is", () => {
    const outer = new LinearContext({ name: "outer" });
    expect(() =>
      LinearContext.run((scope) => manager.grantCapability("/x", "read", { context: scope }).name, { name: "request" }),
    ).toThrow(/capability for \/x \(owner request\)/u);
    const moved = manager.grantCapability("/x", "read").move(outer);
    expect(moved).toBeInstanceOf(CapabilityToken);
    expectTypeOf(moved).toEqualTypeOf<CapabilityToken>();
    const narrow = moved.attenuate("user = ada");
    expect(() => outer.close()).toThrow(/capability for \/x \(owner outer\)/u);
    expect(narrow.isConsumed).toBe(true);
  });

  test("is narrowed into another, all or nothing", () => {
    const cap = manager.grantCapability("/api/data", "admin");
    expect(() => cap.attenuate("operation in read", "")).toThrow(CaveatError);
    expect(cap.isConsumed).toBe(false);
    const narrow = cap.attenuate("operation in read", `time < ${NOW + 1}`);
    expect(cap.isConsumed).toBe(true);
    expect(manager.verifyCapability(narrow, context)).toBe(true);
  });

  test("refuses at the grant what its verifier would never meet", () => {
    const caveats = ["time < soon", "time < 1.5", "time <1", "Time < 1", "once ", "operation in read, write", "moon = full", ""];
    for (const caveat of caveats) {
      expect(() => manager.grantCapability("/x", "read", { caveats: [caveat] })).toThrow(CaveatError);
    }
    expect(() => manager.grantCapability("", "read")).toThrow(CaveatError);
  });
});

describe("once", () => {
  test("is honoured one single time, whatever copy comes, and refusals do not count", () => {
    const local = new CapabilityManager(factory, createStandardVerifier());
    const caveats = ["once", `time < ${NOW + 1}`];
    const text = local.grantCapability("/api/data", "read", { caveats }).consume().encode();
    const copy = (...caveats: readonly string[]): CapabilityToken =>
      new CapabilityToken(caveats.reduce((token, caveat) => token.addCaveat(caveat), Macaroon.decode(text)));
    expect(local.verifyCapability(copy(), { ...context, operation: "write" })).toBe(false);
    expect(local.verifyCapability(copy("user = ada"), { ...context, user: "ada" })).toBe(true);
    expect(local.verifyCapability(copy(), context)).toBe(false);
    expect(local.verifyCapability(copy("once"), context)).toBe(false);
    const other = local.grantCapability("/api/data", "read", { caveats });
    expect(local.verifyCapability(other, context)).toBe(true);
  });

  test("is refused where a text may come again", () => {
    const caveats = [`time < ${NOW + 1}`, "once"];
    expect(judge(caveats)).toBe("once-token-not-reusable");
    const verdict = manager.authorize(factory.mint(caveats).encode(), { timeMs: NOW });
    expect(verdict).toEqual({ ok: false, reason: "once-token-not-reusable" });
  });
});

describe("standard caveats", () => {
  test("time: until, and not before", () => {
    expect(judge([`time < ${NOW}`])).toBe("expired");
    expect(judge([`time < ${NOW + 1}`])).toBe("ok");
    expect(judge([`time >= ${NOW}`])).toBe("ok");
    expect(judge([`time >= ${NOW + 1}`])).toBe("not-yet-valid");
    expect(judge([`time < ${NOW + 1}`], { timeMs: Number.NaN })).toBe("expired");
    expect(judge([`time >= 0`], { timeMs: Number.NaN })).toBe("not-yet-valid");
    for (const bad of ["time < -1", "time < 01", "time < 1e3", "time < 9007199254740992", "time < 1\n", "time <= 1", "time > 1"]) {
      expect(judge([bad])).toBe("unknown-caveat");
    }
  });

  test("resources: exact, or under whole segments, and never by climbing", () => {
    expect(judge(["resource = /api/data"])).toBe("ok");
    expect(judge(["resource = /api"])).toBe("wrong-resource");
    for (const path of ["/", "/api", "/api/", "/api/data"]) expect(judge([`resource under ${path}`])).toBe("ok");
    for (const path of ["/ap", "/api/dat", "/api/data/", "/api/data/1", "api"]) {
      expect(judge([`resource under ${path}`])).toBe("wrong-resource");
    }
    for (const resource of ["/apix", "/api/../etc", "/api/x/..", "/api/./x", "/api/..\\etc", "/API/x"]) {
      expect(judge(["resource under /api"], { resource })).toBe("wrong-resource");
    }
    expect(judge(["resource under /"], { resource: "key" })).toBe("wrong-resource");
    expect(judge(["resource under /api", "resource under /etc"])).toBe("wrong-resource");
    expect(judge(["resource = a\nb"], { resource: "a\nb" })).toBe("ok");
  });

  test("resources: what a holder adds to a token does not make each question dear", () => {
    const caveats = Array.from({ length: 250 }, () => "resource under /api/");
    const verdict = manager.authorize(factory.mint(caveats).encode(), { timeMs: NOW });
    const searches = [vi.spyOn(RegExp.prototype, "test"), vi.spyOn(RegExp.prototype, "exec"), vi.spyOn(String.prototype, "split")];
    const resource = `/api/${"a/".repeat(400)}`;
    expect(verdict.ok && [resource, `${resource}..`, resource].map((path) => verdict.grant.permits(path, "read", NOW))).toEqual([true, false, true]);
    expect(searches.reduce((sum, { mock }) => sum + mock.calls.length, 0)).toBeLessThanOrEqual(6);
    vi.restoreAllMocks();
  });

  test("operations and users", () => {
    expect(judge(["operation in write,read"])).toBe("ok");
    expect(judge(["operation in write"])).toBe("wrong-operation");
    expect(judge(["operation in admin", "operation in write"])).toBe("wrong-operation");
    expect(judge(["operation in read"], { operation: "read,write" })).toBe("wrong-operation");
    for (const bad of ["operation in ", "operation in read,", "operation in READ", "operation in read;write"]) {
      expect(judge([bad])).toBe("unknown-caveat");
    }
    expect(judge(["user = ada"], { user: "ada" })).toBe("ok");
    expect(judge(["user = ada"], { user: "eve" })).toBe("wrong-user");
    expect(judge(["user = ada"])).toBe("incomplete-context");
    expect(judge(["user = ada", "user = eve"], { user: "ada" })).toBe("wrong-user");
  });

  test("no caveat permits everything, an unknown one nothing", () => {
    expect(judge([])).toBe("ok");
    expect(judge(["moon = full"])).toBe("unknown-caveat");
    expect(judge(["operation in read", "moon = full"])).toBe("unknown-caveat");
    const binary = factory.mint().addCaveat(Uint8Array.of(0xff)).encode();
    expect(manager.verify(binary, context)).toEqual({ ok: false, reason: "unknown-caveat" });
  });
});

describe("a token from outside", () => {
  test("is good as often as it comes", () => {
    const token = manager.grantCapability("/api/data", "read").consume().encode();
    for (let turn = 0; turn < 3; turn++) expect(manager.verify(token, context).ok).toBe(true);
  });

  test("is refused for a typed reason", () => {
    const token = factory.mint(["operation in read"]).encode();
    expect(refusal(token)).toBe("ok");
    expect(refusal(token, managerOf(8, "root"))).toBe("bad-signature");
    expect(refusal(token, managerOf(7, "other"))).toBe("unknown-key");
    for (const text of ["", "x", `${token}A`, `${token}=`, ` ${token}`, token.slice(1), "A".repeat(50_000), "é"]) {
      expect(refusal(text)).toBe("malformed");
    }
    const foreign = Macaroon.mint(rootKey, new TextEncoder().encode("keyid")).encode();
    expect(refusal(foreign)).toBe("unknown-key");
  });

  test("once authorized is asked for each command, its time included", () => {
    const token = factory
      .mint(["resource under /", "operation in admin", `time >= ${NOW}`, `time < ${NOW + 100}`])
      .addCaveat("operation in read,write")
      .addCaveat(`time < ${NOW + 10}`)
      .addCaveat("user = ada");
    const verdict = manager.authorize(token.encode(), { timeMs: NOW, user: "ada" });
    if (!verdict.ok) throw new Error(verdict.reason);
    const { grant } = verdict;
    expect(grant.permits("/k", "read", NOW)).toBe(true);
    expect(grant.permits("/k", "admin", NOW)).toBe(false);
    expect(grant.permits("k", "read", NOW)).toBe(false);
    expect(grant.permits("/k", "read", NOW + 10)).toBe(false);
    expect(grant.permits("/k", "read", NOW - 1)).toBe(false);
    expect([grant.expiresAtMs, grant.notBeforeMs, grant.operations, grant.users, grant.isOnce]).toEqual([
      NOW + 10,
      NOW,
      ["read", "write"],
      ["ada"],
      false,
    ]);
    expect(grant.resources).toEqual([{ kind: "under", path: "/" }]);
  });

  test("is not authorized before, after, or for another user", () => {
    const token = factory.mint([`time >= ${NOW}`, `time < ${NOW + 10}`, "user = ada"]).encode();
    const reason = (timeMs: number, user?: string): unknown => {
      const verdict = manager.authorize(token, { timeMs, user });
      return verdict.ok ? "ok" : verdict.reason;
    };
    expect([reason(NOW - 1, "ada"), reason(NOW + 10, "ada"), reason(Number.NaN, "ada"), reason(NOW), reason(NOW, "eve")]).toEqual([
      "not-yet-valid", "expired", "expired", "incomplete-context", "wrong-user",
    ]);
    expect(reason(NOW, "ada")).toBe("ok");
  });
});

describe("secrets", () => {
  test("no signature in JSON, inspectors or errors", () => {
    const macaroon = factory.mint(["operation in read"]);
    const cap = new CapabilityToken(macaroon);
    const signature = macaroon.encode().slice(-40);
    const hex = Array.from(macaroon.toBytes().slice(-32), (byte) => byte.toString(16).padStart(2, "0")).join("");
    const shown = [macaroon, cap, { cap }].flatMap((value) => [
      JSON.stringify(value),
      inspect(value),
      inspect(value, { customInspect: false, showHidden: true, depth: 9 }),
    ]);
    const damaged = Macaroon.tryDecode(`${macaroon.encode()}AA`);
    for (const text of [...shown, JSON.stringify(damaged)]) {
      expect(text).not.toContain(signature);
      expect(text).not.toContain(hex);
    }
    expect(JSON.stringify(macaroon)).toContain("operation in read");
  });

  test("a factory takes keys of the crypto package, gives the same tokens, and refuses weak ones", () => {
    const options = (): MacaroonFactoryOptions => ({ random: (length) => countingUp(length) });
    const fromBytes = new MacaroonFactory(rootKey, options()).mint().encode();
    const fromKey = new MacaroonFactory(importKey("hmac-sha256", rootKey.slice()), options()).mint().encode();
    expect(fromKey).toBe(fromBytes);
    expect(() => new MacaroonFactory(new Uint8Array(15))).toThrow(/at least 16 bytes/u);
    for (const keyId of ["", "a b", "-a", "é", "a".repeat(65)]) expect(() => new MacaroonFactory(rootKey, { keyId })).toThrow(/key id/u);
    expect(() => new MacaroonFactory(rootKey, { random: () => new Uint8Array(3) }).mint()).toThrow(/16 random bytes/u);
  });

  test("no two identifiers are equal", () => {
    const ids = new Set(Array.from({ length: 100 }, () => String(factory.mint().identifier)));
    expect(ids.size).toBe(100);
  });
});

test("the identifier is frozen: version, key id, nonce", () => {
  const token = new MacaroonFactory(rootKey, { keyId: "k1", location: "void", random: countingUp }).mint(["operation in read"]);
  expect(Array.from(token.identifier)).toEqual([1, 2, 0x6b, 0x31, ...Array.from({ length: 16 }, (_, index) => index)]);
  // Computed apart from this package, with Python's hmac.
  const frozen = "AgEEdm9pZAIUAQJrMQABAgMEBQYHCAkKCwwNDg8AAhFvcGVyYXRpb24gaW4gcmVhZAAABiBaimwj41q8z6qilGdyxeEjHyb4iU7NIZHodvOSRf9QFA";
  expect(token.encode()).toBe(frozen);
});
