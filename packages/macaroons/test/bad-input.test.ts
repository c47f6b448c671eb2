import { ed25519, generateKey, loadPublicKey } from "@void-system/crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CapabilityManager,
  CapabilityToken,
  CaveatError,
  CaveatVerifier,
  Macaroon,
  MacaroonFactory,
  MintError,
  OptionError,
  PublicVerifier,
  SealedToken,
  SpentTokensInMemory,
  VerificationBudget,
  createStandardVerifier,
  keyIdOf,
  openSealedKey,
  parseToken,
} from "../src/index.ts";
import { runs } from "./runs.ts";

const key = new Uint8Array(32).fill(7);
const factory = new MacaroonFactory(key);
const verifier = createStandardVerifier();
const manager = new CapabilityManager(factory, verifier, { openSealedKey });
const context = { timeMs: 1000, resource: "/a", operation: "read" };

describe("a verdict, never a throw", () => {
  test("for a token of any type", async () => {
    const others: fc.Arbitrary<unknown> = fc.oneof(fc.anything({ withTypedArray: true, withBigInt: true, withNullPrototype: true }), fc.string());
    await fc.assert(
      fc.asyncProperty(others, async (token) => {
        const malformed = { ok: false, reason: "malformed" };
        expect(manager.verify(token as never, context)).toEqual(malformed);
        expect(manager.authorize(token as never, context)).toEqual(malformed);
        expect(await manager.consume(token as never, context)).toEqual(malformed);
        expect(parseToken(token as never).ok).toBe(false);
        expect(manager.verifyCapability(new CapabilityToken(token as never), context)).toBe(false);
      }),
      { numRuns: runs(100, 10_000) },
    );
    const open = new PublicVerifier(loadPublicKey(ed25519.signer(generateKey("ed25519")).publicKey), verifier);
    for (const made of [Macaroon, SealedToken, Uint8Array]) {
      const fake: unknown = Object.create(made.prototype);
      expect(manager.verify(fake, context)).toEqual({ ok: false, reason: "malformed" });
      expect(open.verify(fake, context)).toEqual({ ok: false, reason: "malformed" });
      expect(parseToken(fake as never).ok).toBe(false);
    }
    const bytes = factory.mint().toBytes();
    expect(manager.verify(bytes, context).ok).toBe(true);
    const transferred = new Uint8Array(bytes);
    structuredClone(transferred.buffer, { transfer: [transferred.buffer] });
    for (const none of [transferred, new Uint8Array()]) {
      expect(manager.verify(none, context)).toEqual({ ok: false, reason: "malformed" });
      expect(open.verify(none, context)).toEqual({ ok: false, reason: "malformed" });
      expect(parseToken(none).ok).toBe(false);
    }
  });

  test("for a context that lacks what a caveat asks, and names it", () => {
    const cases = [
      ["time < 2000", "timeMs"],
      ["time >= 0", "timeMs"],
      ["resource = /a", "resource"],
      ["resource under /", "resource"],
      ["operation in admin", "operation"],
      ["user = ada", "user"],
    ] as const;
    for (const [caveat, missing] of cases) {
      const token = factory.mint([caveat]);
      for (const bad of [undefined, null, {}, "x", { ...context, [missing]: undefined }, { ...context, [missing]: {} }]) {
        expect(manager.verify(token, bad as never)).toEqual({ ok: false, reason: "incomplete-context", missing });
      }
    }
    expect(manager.authorize(factory.mint(["time < 2000"]), undefined as never)).toEqual({ ok: false, reason: "incomplete-context", missing: "timeMs" });
    expect(manager.authorize(factory.mint(["user = ada"]), context)).toEqual({ ok: false, reason: "incomplete-context", missing: "user" });
    expect(manager.verify(factory.mint(), undefined as never).ok).toBe(true);
  });
});

test("a field of every object's prototype is no field of a context", () => {
  const ofAda = factory.mint(["user = ada"]);
  Object.assign(Object.prototype, { user: "ada" });
  try {
    expect(manager.verify(ofAda, context)).toEqual({ ok: false, reason: "incomplete-context", missing: "user" });
    expect(manager.authorize(ofAda, context).ok).toBe(false);
    expect(manager.verify(ofAda, { ...context, user: "ada" }).ok).toBe(true);
  } finally {
    Reflect.deleteProperty(Object.prototype, "user");
  }
  class Asked {
    readonly timeMs = 1000;
    get user(): string {
      return "ada";
    }
  }
  expect(manager.verify(ofAda, new Asked() as never).ok).toBe(true);
});

describe("the caller's slips are errors with a code and advice", () => {
  const slips: readonly (readonly [string, () => unknown, new (...all: never) => Error, RegExp])[] = [
    ["a root key as text", () => new MacaroonFactory("secret" as never), MintError, /decode a text to its bytes/u],
    ["a root key as text for a foreign token", () => Macaroon.mint("secret" as never, Uint8Array.of(1)), MintError, /decode a text/u],
    ["an identifier as text", () => Macaroon.mint(key, "id" as never), MintError, /encode a text/u],
    ["no root key", () => new MacaroonFactory(undefined as never), MintError, /undefined/u],
    ["a key id that is none", () => new MacaroonFactory(key, { keyId: 5 as never }), MintError, /key id/u],
    ["an option of the factory", () => new MacaroonFactory(key, { keyid: "x" } as never), OptionError, /"keyid"/u],
    ["an option of the manager", () => new CapabilityManager(factory, verifier, { spend: 1 } as never), OptionError, /"spend"/u],
    ["an option of the grant", () => manager.grantCapability("/a", "read", { caveat: [] } as never), OptionError, /"caveat"/u],
    ["an option of the parser", () => parseToken("x", { strict: true } as never), OptionError, /"strict"/u],
    ["a text as options", () => manager.grantCapability("/a", "read", "time < 1" as never), OptionError, /object of options/u],
    ["an unknown scope", () => manager.grantCapability("/a", "read", { scope: "below" as never }), OptionError, /exact, under, got "below"/u],
    ["an inherited scope", () => manager.grantCapability("/a", "read", { scope: "toString" as never }), OptionError, /scope/u],
    ["no operation", () => manager.grantCapability("/a", undefined as never), OptionError, /read, write/u],
    ["another operation", () => manager.grantCapability("/a", "fly" as never), OptionError, /"fly"/u],
    ["a text in place of caveats", () => manager.grantCapability("/a", "read", { caveats: "time < 1" as never }), OptionError, /a list/u],
    ["a text in place of caveats to mint", () => factory.mint("time < 1" as never), OptionError, /a list/u],
    ["a caveat that is no text", () => factory.mint([5 as never]), CaveatError, /number/u],
    ["a caveat to check that is no text", () => verifier.check(undefined as never), CaveatError, /undefined/u],
    ["kinds that are no list", () => new CaveatVerifier({} as never), OptionError, /a list/u],
    ["a text in place of a handle", () => manager.verifyCapability("token" as never, context), OptionError, /handle/u],
    ["the size of a store as text", () => new SpentTokensInMemory("5" as never), OptionError, /above 0/u],
    ["a store without room", () => new SpentTokensInMemory(Number.NaN), OptionError, /above 0/u],
    ["a budget as text", () => new VerificationBudget({ perSecond: 1, most: "20" as never }), OptionError, /above 0/u],
    ["a key of another issuer as text", () => foreign("secret"), OptionError, /keyOf/u],
  ];

  function foreign(found: unknown): unknown {
    const strangers = new CapabilityManager(factory, verifier, { keyOf: () => found as never });
    return strangers.verify(Macaroon.mint(key, Uint8Array.of(1)), context);
  }

  test.each(slips)("%s", (_, slip, type, advice) => {
    expect(slip).toThrow(type);
    expect(slip).toThrow(advice);
    expect(slip).toThrow(expect.objectContaining({ code: expect.stringMatching(/^ERR_/u) }));
  });
});

describe("tokens of other issuers", () => {
  const text = new TextEncoder();
  const old = new MacaroonFactory(new Uint8Array(32).fill(1), { keyId: "2025" });
  const keys = new Map<string, Uint8Array | readonly Uint8Array[]>([["2025", new Uint8Array(32).fill(1)], ["lnd", [new Uint8Array(32).fill(2), new Uint8Array(32).fill(3)]]]);
  const open = new CapabilityManager(factory, verifier, { keyOf: (identifier) => keys.get(keyIdOf(identifier) ?? new TextDecoder().decode(identifier)) });

  test("with any identifier are authorised by their key; keys rotate with overlap", () => {
    for (const byte of [2, 3]) {
      const foreign = Macaroon.mint(new Uint8Array(32).fill(byte), text.encode("lnd")).addCaveat("operation in read");
      expect(open.verify(foreign, context).ok).toBe(true);
      expect(open.authorize(foreign.encode(), context).ok).toBe(true);
    }
    expect(open.verify(old.mint(), context).ok).toBe(true);
    expect(open.verify(factory.mint(), context).ok).toBe(true);
  });

  test("are refused under another key, or without one", () => {
    expect(open.verify(Macaroon.mint(new Uint8Array(32).fill(4), text.encode("lnd")), context)).toEqual({ ok: false, reason: "bad-signature" });
    expect(open.verify(Macaroon.mint(key, text.encode("nobody")), context)).toEqual({ ok: false, reason: "unknown-key" });
    expect(manager.verify(old.mint(), context)).toEqual({ ok: false, reason: "unknown-key" });
    // The factory's own name is its own key's, whatever keyOf says.
    const shadowing = new CapabilityManager(factory, verifier, { keyOf: () => new Uint8Array(32).fill(4) });
    expect(shadowing.verify(Macaroon.mint(new Uint8Array(32).fill(4), factory.mint().identifier), context)).toEqual({ ok: false, reason: "bad-signature" });
  });
});
