import { ed25519, generateKey, importKey } from "@void-system/crypto";
import { describe, expect, test } from "vitest";
import { CaveatError, Discharger, MacaroonFactory, MacaroonFormatError, OptionError, PublicToken } from "../src/index.ts";
import { attenuateCommand, explainCommand, inspectCommand, mintCommand, verifyCommand } from "../src/commands/index.ts";

const key = new Uint8Array(32).fill(7);
const context = { timeMs: 1000, resource: "/a", operation: "read" };

test("a token is minted, narrowed, inspected, verified and explained, in every form", () => {
  for (const format of ["v1", "v2", "v2-json"] as const) {
    const minted = mintCommand({ rootKey: key, keyId: "k1", caveats: ["time < 2000"], memo: "demo", location: "here", format });
    const narrower = attenuateCommand({ token: ` ${minted.text}\n`, caveats: ["operation in read"], format });
    expect(inspectCommand({ token: narrower.text }).value).toMatchObject({ kind: "macaroon", key: "k1", memo: "demo", location: "here", caveats: ["time < 2000", "operation in read"] });
    expect(verifyCommand({ token: narrower.text, key, context })).toEqual({ ok: true, text: "accepted", value: { ok: true } });
    expect(verifyCommand({ token: narrower.text, key, context: { ...context, operation: "write" } })).toMatchObject({ ok: false, text: "refused: wrong-operation" });
    expect(verifyCommand({ token: narrower.text, key, context: { timeMs: 1 } })).toMatchObject({ ok: false, value: { missing: "operation" } });
    expect(explainCommand({ token: narrower.text, key, context }).text).toContain("+ operation in read: holds");
    expect(explainCommand({ token: narrower.text, key, context, mermaid: true }).text).toMatch(/^flowchart TD/u);
    expect(verifyCommand({ token: narrower.text, key: new Uint8Array(32), context }).ok).toBe(false);
  }
});

test("discharges, and public tokens", () => {
  const third = new Discharger(new Uint8Array(32).fill(9), { location: "there" });
  const token = third.addCaveat(new MacaroonFactory(key).mint(), "x");
  const answer = third.discharge(token.thirdPartyCaveats[0]!.id, () => []);
  const discharges = answer.ok ? [`${answer.discharge.bindTo(token).encode()}\n`] : [];
  expect(verifyCommand({ token: token.encode(), discharges, key, context }).ok).toBe(true);
  expect(inspectCommand({ token: token.encode() }).text).toContain("third   there");

  const issuer = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(7)));
  const shown = PublicToken.mint(issuer, ["operation in read"], { memo: "public" }).seal().encode();
  expect(verifyCommand({ token: shown, issuer: issuer.publicKey, context }).ok).toBe(true);
  expect(verifyCommand({ token: shown, issuer: issuer.publicKey, context: { operation: "write" } }).ok).toBe(false);
  expect(inspectCommand({ token: shown }).value).toMatchObject({ kind: "public token", memo: "public", caveats: ["operation in read"] });
  expect(() => verifyCommand({ token: shown, issuer: new Uint8Array(5), context })).toThrow(OptionError);
});

test("a public token where a macaroon is narrowed says so, and so does one with its secret", () => {
  const token = PublicToken.mint(ed25519.signer(generateKey("ed25519")), ["operation in read"]);
  const sealed = token.seal().encode();
  for (const one of [sealed, Buffer.from(token.handOver()).toString("base64url")]) {
    expect(() => attenuateCommand({ token: one, caveats: ["once"] })).toThrow(/expected a macaroon, or a public token to inspect/u);
  }
  expect(() => attenuateCommand({ token: "moon", caveats: ["once"] })).toThrow(MacaroonFormatError);
});

test("a macaroon that anybody mints under the issuer's public key is refused, and a public token under a root key", () => {
  const issuer = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(7)));
  const forged = new MacaroonFactory(issuer.publicKey).mint().encode();
  expect(() => verifyCommand({ token: forged, issuer: issuer.publicKey, context })).toThrow(/a public token, for the issuer/u);
  const shown = PublicToken.mint(issuer).seal().encode();
  expect(() => verifyCommand({ token: shown, key: issuer.publicKey, context })).toThrow(/a macaroon, for a root key/u);
  for (const keys of [{}, { key, issuer: issuer.publicKey }]) expect(() => verifyCommand({ token: shown, ...keys, context } as never)).toThrow(OptionError);
});

describe("slips are errors", () => {
  test("what is no token, a caveat that nobody knows", () => {
    for (const command of [() => inspectCommand({ token: "x" }), () => attenuateCommand({ token: "x", caveats: [] }), () => verifyCommand({ token: "", key, context })]) expect(command).toThrow(MacaroonFormatError);
    expect(() => mintCommand({ rootKey: key, caveats: ["moon = full"] })).toThrow(CaveatError);
    expect(mintCommand({ rootKey: key, caveats: ["moon = full"], anyCaveat: true }).ok).toBe(true);
  });

  test("text that steers a terminal is escaped", () => {
    const { text } = mintCommand({ rootKey: key, caveats: ["user = \u001b[2J\u202e"], memo: "\u0007" });
    expect(inspectCommand({ token: text }).text).not.toMatch(/[^\P{C}\n]/u);
  });
});
