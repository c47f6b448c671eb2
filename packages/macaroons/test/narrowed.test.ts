import { ed25519, generateKey, loadPublicKey } from "@void-system/crypto";
import { expect, test } from "vitest";
import { copiesOf, narrowed } from "../inspect/narrowed.ts";
import { type Token, readPasted } from "../inspect/pasted-token.ts";
import { CapabilityManager, CaveatError, MacaroonFactory, PublicToken, PublicVerifier, createStandardVerifier, parseToken } from "../src/index.ts";

const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
const issuer = ed25519.signer(generateKey("ed25519"));
const verifier = createStandardVerifier();
const context = { timeMs: 1000, resource: "/a", operation: "read" };

function tokenOf(text: string): Token {
  const pasted = readPasted(text);
  if (pasted.kind === "none") throw new Error(pasted.reason);
  return pasted;
}

test("a macaroon is narrowed without its key, and every copy of it is authentic", () => {
  const manager = new CapabilityManager(factory, verifier);
  const narrow = narrowed(tokenOf(factory.mint().encode()), ["operation in read", "time < 2000"]);
  const copies = copiesOf(narrow);
  expect(copies.map(({ label }) => label)).toEqual(["version 2", "version 1", "version 2 JSON"]);
  for (const { text } of copies) {
    const parsed = parseToken(text);
    if (!parsed.ok) throw new Error(parsed.reason);
    expect(manager.verify(parsed.macaroon, context).ok).toBe(true);
    expect(manager.verify(parsed.macaroon, { ...context, operation: "write" })).toEqual({ ok: false, reason: "wrong-operation" });
  }
});

test("a public token with its secret is narrowed, shown and handed over; a sealed one is only copied", () => {
  const judging = new PublicVerifier(loadPublicKey(issuer.publicKey), verifier);
  const token = tokenOf(Buffer.from(PublicToken.mint(issuer).handOver()).toString("base64url"));
  const [shown, handedOver] = copiesOf(narrowed(token, ["operation in read"]));
  expect(judging.verify(shown?.text, context).ok).toBe(true);
  expect(judging.verify(shown?.text, { ...context, operation: "write" })).toEqual({ ok: false, reason: "wrong-operation" });
  const [again] = copiesOf(narrowed(tokenOf(handedOver!.text), ["time < 500"]));
  expect(judging.verify(again?.text, context)).toEqual({ ok: false, reason: "expired" });
  const sealed = tokenOf(shown!.text);
  expect(copiesOf(sealed)).toEqual([{ label: "sealed", text: shown!.text }]);
  expect(() => narrowed(sealed, ["once"])).toThrow(CaveatError);
  expect(() => narrowed(token, [])).toThrow(CaveatError);
});
