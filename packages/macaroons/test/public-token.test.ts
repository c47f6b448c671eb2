import { readFileSync } from "node:fs";
import { inspect } from "node:util";
import { createKeyRing, ed25519, generateKey, importKey, loadPublicKey, mintChain, verifierRing } from "@void-system/crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  CaveatError,
  type CaveatRefusal,
  MintError,
  OptionError,
  PUBLIC_BLOCKS_MAX,
  PUBLIC_TOKEN_BYTES_MAX,
  PublicToken,
  PublicVerifier,
  RandomSourceError,
  RevocationList,
  SealedToken,
  VerificationBudget,
  createStandardVerifier,
  explanationText,
} from "../src/index.ts";

const issuer = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(7)));
const verifier = new PublicVerifier(loadPublicKey(issuer.publicKey), createStandardVerifier());
const context = { timeMs: 1000, resource: "/a", operation: "read" };

function judge(token: unknown, more: object = {}): string {
  const verdict = verifier.verify(token, { ...context, ...more });
  return verdict.ok ? "ok" : verdict.reason;
}

test("is minted, narrowed, handed over, sealed, and judged by the issuer's public key", () => {
  const token = PublicToken.mint(issuer, ["time < 2000"], { memo: "report", mintedAtMs: 5 });
  const given = token.addCaveats(["resource under /a", "operation in read"]).handOver();
  const theirs = PublicToken.open(given);
  const shown = theirs.addCaveats(["resource = /a"]).seal();
  for (const form of [shown, shown.encode(), shown.toBytes()]) {
    expect(judge(form)).toBe("ok");
    expect(judge(form, { timeMs: 2000 })).toBe("expired");
    expect(judge(form, { resource: "/a/b" })).toBe("wrong-resource");
  }
  expect([token.name, theirs.name]).toEqual([shown.name, shown.name]);
  expect(shown.caveats).toEqual(["time < 2000", "resource under /a", "operation in read", "resource = /a"]);
  expect(shown.digest).toHaveLength(32);
  expect(verifier.authorize(shown, context)).toMatchObject({ ok: true });
  expect(verifier.explain(shown, context)).toMatchObject({ ok: true, memo: "report", mintedAtMs: 5, keyId: issuer.keyId });
  token.destroy();
  expect(token.destroyed).toBe(true);
});

test("its name is of the nonce and the issuer's key: two issuers cannot take each other's", () => {
  const random = { bytes: (length: number): Uint8Array => crypto.getRandomValues(new Uint8Array(length)) };
  const other = ed25519.signer(generateKey("ed25519"));
  const nonce = random.bytes(16);
  let draws = 0;
  const fixed = { bytes: (length: number): Uint8Array => (length === 16 && (draws += 1) > 0 ? nonce : random.bytes(length)) };
  const mine = PublicToken.mint(issuer, [], { random: fixed });
  const again = { bytes: (length: number): Uint8Array => (length === 16 ? nonce : random.bytes(length)) };
  expect(PublicToken.mint(other, [], { random: again }).name).not.toBe(mine.name);
  expect(PublicToken.mint(issuer, [], { random: { bytes: again.bytes } }).name).toBe(mine.name);
  expect(() => PublicToken.mint(issuer, [], { random: again })).toThrow(RandomSourceError);
  expect(draws).toBe(1);
});

describe("a verifier cannot", () => {
  const token = PublicToken.mint(issuer, ["operation in read"]).addCaveats(["resource = /a"]).addCaveats(["time < 2000"]);
  const bytes = token.seal().toBytes();

  test("remove or change anything: no changed byte, no shorter chain, no other order is a token", () => {
    for (let at = 0; at < bytes.length; at += 1) {
      const changed = bytes.slice();
      changed[at]! ^= 1 << at % 8;
      expect(judge(changed)).not.toBe("ok");
    }
    for (let at = 0; at < bytes.length; at += 1) {
      expect(judge(bytes.subarray(0, at))).toBe("malformed");
    }
    fc.assert(
      fc.property(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const changed = bytes.slice();
        changed[at]! ^= change;
        expect(judge(changed)).not.toBe("ok");
      }),
      { numRuns: 200 },
    );
  });

  test("use a block of one token in another, or cut blocks and seal with a key of its own", () => {
    const shorter = PublicToken.mint(issuer, ["operation in read"]).seal().toBytes();
    // Header of 37 bytes and the count; each block is a key of 32, a length of 2, a payload, a signature of 64.
    const first = 38 + 32 + 2 + ((bytes[70]! << 8) | bytes[71]!) + 64;
    const cut = new Uint8Array([...bytes.slice(0, 37), 1, ...bytes.slice(38, first), ...bytes.slice(-64)]);
    expect(SealedToken.tryDecode(cut)?.caveats).toEqual(["operation in read"]);
    expect(judge(cut)).toBe("bad-seal");
    const mixed = new Uint8Array([...cut.slice(0, -64), ...shorter.slice(-64)]);
    expect(judge(mixed)).toBe("bad-seal");
    const liar = ed25519.signer(generateKey("ed25519"));
    expect(judge(PublicToken.mint(liar).seal())).toBe("unknown-key");
    const forged = PublicToken.mint(liar).seal().toBytes();
    forged.set(issuer.publicKey, 5);
    expect(judge(forged)).toBe("bad-signature");
  });

  test("show a token that is bound to one command for another", () => {
    const binding = new Uint8Array(32).fill(1);
    const bound = token.seal({ binding });
    expect(verifier.verify(bound, context, { binding }).ok).toBe(true);
    expect(verifier.verify(bound, context, { binding: new Uint8Array(32) })).toEqual({ ok: false, reason: "bad-seal" });
    expect(judge(bound)).toBe("bad-seal");
    expect(verifier.verify(token.seal(), context, { binding })).toEqual({ ok: false, reason: "bad-seal" });
  });
});

test("what is no sealed public token is malformed, never a throw", async () => {
  const open = PublicToken.mint(issuer).handOver();
  const foreign = mintChain(issuer, new TextEncoder().encode("time < 1")).seal();
  for (const bad of [open, foreign, undefined, null, 5, "", "text", {}, new Uint8Array(PUBLIC_TOKEN_BYTES_MAX + 1)]) {
    expect(judge(bad)).toBe("malformed");
    expect(await verifier.consume(bad, context)).toEqual({ ok: false, reason: "malformed" });
    expect(verifier.explain(bad, context).reason).toBe("malformed");
  }
  expect(() => PublicToken.open(mintChain(issuer, Uint8Array.of(1)).handOver())).toThrow(MintError);
});

test("has at most 8 blocks and 4096 bytes, in the making and in judging", () => {
  let token = PublicToken.mint(issuer);
  for (let blocks = 1; blocks < PUBLIC_BLOCKS_MAX; blocks += 1) token = token.addCaveats(["operation in read"]);
  expect(judge(token.seal())).toBe("ok");
  expect(() => token.addCaveats(["operation in read"])).toThrow(CaveatError);
  const longer = mintChain(issuer, Uint8Array.of(1, 0, 0));
  let chain = longer;
  for (let blocks = 1; blocks <= PUBLIC_BLOCKS_MAX; blocks += 1) chain = chain.attenuate(Uint8Array.of(1, 0, 0));
  expect(judge(chain.seal())).toBe("malformed");
  const large = PublicToken.mint(issuer, ["resource = /".padEnd(1000, "a"), "resource = /".padEnd(1000, "a"), "resource = /".padEnd(1000, "a")]);
  expect(large.seal().toBytes().length).toBeLessThanOrEqual(PUBLIC_TOKEN_BYTES_MAX);
  expect(() => large.addCaveats(["resource = /".padEnd(1000, "a")])).toThrow(/4096/u);
});

test("delegations counts blocks, not caveats", () => {
  const token = PublicToken.mint(issuer, ["delegations <= 1"]);
  const once = token.addCaveats(["operation in read", "time < 2000", "resource = /a"]);
  expect(judge(once.seal())).toBe("ok");
  expect(judge(once.addCaveats(["time < 1999"]).seal())).toBe("delegated-too-often" satisfies CaveatRefusal);
});

test("a token for one use is used once, in whatever narrowed copy it comes", async () => {
  const token = PublicToken.mint(issuer, ["once", "time < 2000"]);
  const copies = [token.seal(), token.addCaveats(["operation in read"]).seal(), token.seal()];
  const verdicts = await Promise.all(copies.map((copy) => verifier.consume(copy.encode(), context)));
  expect(verdicts.filter(({ ok }) => ok)).toHaveLength(1);
  expect(judge(token.seal())).toBe("once-token-not-reusable");
  expect(() => PublicToken.mint(issuer, ["once"])).toThrow(CaveatError);
});

test("keys of issuers rotate with overlap; a ring needs the time", () => {
  const ring = createKeyRing(ed25519, generateKey("ed25519"), { fromMs: 100, overlapMs: 10 });
  const [first] = ring.keys;
  const old = PublicToken.mint(ed25519.signer(first!.secret!)).seal().encode();
  ring.rotate(generateKey("ed25519"), { fromMs: 200, overlapMs: 10 });
  const fresh = PublicToken.mint(ed25519.signer(ring.keys[1]!.secret!)).seal().encode();
  const judging = new PublicVerifier(verifierRing(ed25519, ring.keys), createStandardVerifier(), { cachedTokens: 10 });
  const at = (token: string, timeMs: number): string => {
    const verdict = judging.verify(token, { ...context, timeMs });
    return verdict.ok ? "ok" : verdict.reason;
  };
  expect([150, 205, 210].map((timeMs) => at(old, timeMs))).toEqual(["ok", "ok", "unknown-key"]);
  expect([150, 195, 500].map((timeMs) => at(fresh, timeMs))).toEqual(["unknown-key", "ok", "ok"]);
  expect(judging.verify(old, {} as never)).toEqual({ ok: false, reason: "incomplete-context", missing: "timeMs" });
});

test("is revoked by name, link and key, cached or not", () => {
  const token = PublicToken.mint(issuer);
  const narrowed = token.addCaveats(["operation in read"]);
  const links: string[] = [];
  const revoked = new RevocationList();
  const spying = { isRevoked: (one: Parameters<typeof revoked.isRevoked>[0]) => (links.push(...one.links), revoked.isRevoked(one, false)) };
  const judging = new PublicVerifier([loadPublicKey(issuer.publicKey)], createStandardVerifier(), { revoked: spying, cachedTokens: 5 });
  const shown = [token.seal().encode(), narrowed.seal().encode()];
  expect(shown.map((one) => judging.verify(one, context).ok)).toEqual([true, true]);
  revoked.revoke({ link: links[2]! });
  expect(shown.map((one) => judging.verify(one, context).ok)).toEqual([true, false]);
  revoked.revoke({ name: token.name });
  expect(shown.map((one) => judging.verify(one, context).ok)).toEqual([false, false]);
});

describe("a budget", () => {
  test("refuses before any signature is checked, and then costs nothing", () => {
    const token = PublicToken.mint(issuer).addCaveats(["operation in read"]).seal();
    const forged = token.toBytes();
    forged[60]! ^= 1;
    const small = new VerificationBudget({ perSecond: 1, most: 2 });
    const large = new VerificationBudget({ perSecond: 1, most: 7 });
    // Two blocks and a seal.
    expect(verifier.verify(forged, context, { budgets: [large, small] })).toEqual({ ok: false, reason: "over-budget" });
    expect(verifier.explain(forged, context, { budgets: [small] })).toMatchObject({ reason: "over-budget", authenticity: "over-budget", parts: [] });
    expect(verifier.verify(forged, context, { budgets: [large] })).toEqual({ ok: false, reason: "bad-signature" });
    expect(verifier.verify(token, context, { budgets: [large] }).ok).toBe(true);
    expect(verifier.verify(token, context, { budgets: [large] })).toEqual({ ok: false, reason: "over-budget" });
    expect(verifier.verify(token, { ...context, timeMs: 3000 }, { budgets: [large] }).ok).toBe(true);
    expect(verifier.verify(token, {} as never, { budgets: [large] })).toEqual({ ok: false, reason: "incomplete-context", missing: "timeMs" });
  });

  test("never gives more than it regains, whatever the clock does", () => {
    const step = fc.record({ timeMs: fc.oneof(fc.nat(10_000), fc.constant(Number.NaN)), signatures: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const budget = new VerificationBudget({ perSecond: 2, most: 10 });
        const times = steps.map(({ timeMs }) => timeMs).filter((timeMs) => !Number.isNaN(timeMs));
        const spent = steps.reduce((sum, { timeMs, signatures }) => sum + (VerificationBudget.take([budget], signatures, timeMs) ? signatures : 0), 0);
        expect(spent).toBeLessThanOrEqual(10 + (times.length === 0 ? 0 : (2 * (Math.max(...times) - Math.min(...times))) / 1000) + 1e-9);
      }),
    );
  });

  test("slips are errors", () => {
    for (const bad of [{ perSecond: 0, most: 1 }, { perSecond: 1, most: Number.NaN }, { perSecond: 1 }, { perSecond: 1, most: 1, x: 1 }]) {
      expect(() => new VerificationBudget(bad as never)).toThrow(OptionError);
    }
    expect(() => verifier.verify("x", context, { budgets: [{}] as never })).toThrow(OptionError);
    expect(() => verifier.verify("x", context, { budget: [] } as never)).toThrow(OptionError);
    expect(() => verifier.verify("x", context, { binding: "text" as never })).toThrow(OptionError);
  });
});

test("shows no secret", () => {
  const token = PublicToken.mint(issuer, ["operation in read"]);
  const secret = Buffer.from(PublicToken.open(token.addCaveats(["time < 9"]).handOver()).handOver().slice(-32)).toString("hex");
  const shown = [inspect(token, { depth: 9, showHidden: true }), JSON.stringify(token), explanationText(verifier.explain(token.seal(), context))].join();
  expect(shown).not.toContain(secret);
  expect(JSON.parse(JSON.stringify(token))).toEqual({ name: token.name, caveats: ["operation in read"] });
});

test("slips of the holder are errors", () => {
  expect(() => PublicToken.mint("key" as never)).toThrow(MintError);
  expect(() => PublicToken.mint(issuer, "time < 1" as never)).toThrow(OptionError);
  expect(() => PublicToken.mint(issuer, [], { memos: "x" } as never)).toThrow(OptionError);
  expect(() => PublicToken.mint(issuer, ["\ud800"])).toThrow(CaveatError);
  expect(() => PublicToken.mint(issuer, [""])).toThrow(CaveatError);
  expect(() => PublicToken.mint(issuer).addCaveats([])).toThrow(CaveatError);
  expect(() => PublicToken.mint(issuer, [], { memo: "x".repeat(257) })).toThrow(MintError);
  expect(() => PublicToken.mint(issuer, [], { mintedAtMs: 1.5 })).toThrow(MintError);
  expect(() => new PublicVerifier(issuer.publicKey as never, createStandardVerifier())).toThrow();
  expect(() => new PublicVerifier(undefined as never, createStandardVerifier())).toThrow(OptionError);
});

test("frozen: this token of 2026 holds", () => {
  const frozen: { readonly token: string; readonly name: string; readonly caveats: readonly string[] } = JSON.parse(readFileSync(new URL("public-token.json", import.meta.url), "utf8"));
  const token = SealedToken.tryDecode(frozen.token);
  expect(token?.toJSON()).toEqual({ name: frozen.name, caveats: frozen.caveats });
  expect(judge(frozen.token)).toBe("ok");
});
