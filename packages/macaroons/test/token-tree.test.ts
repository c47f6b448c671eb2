import { ed25519, generateKey } from "@void-system/crypto";
import { toHex } from "@void-system/bytes";
import { expect, test } from "vitest";
import { type Token, readPasted } from "../inspect/pasted-token.ts";
import { type TokenTree, treeOf } from "../inspect/token-tree.ts";
import { Macaroon, MacaroonFactory, PublicToken, addThirdPartyCaveat } from "../src/index.ts";

const factory = new MacaroonFactory(new Uint8Array(32).fill(7), { location: "https://files.example" });
const issuer = ed25519.signer(generateKey("ed25519"));
const party = ed25519.signer(generateKey("ed25519"));

function tokenOf(text: string): Token {
  const pasted = readPasted(text);
  if (pasted.kind === "none") throw new Error(pasted.reason);
  return pasted;
}

function shown(text: string, ...discharges: readonly string[]): { readonly tree: TokenTree; readonly unused: readonly TokenTree[] } {
  return treeOf(tokenOf(text), discharges.map(tokenOf), 1500);
}

function dischargeOf(id: number): Macaroon {
  return Macaroon.mint(Uint8Array.of(1, id), Uint8Array.of(id));
}

test("fields and caveats of a macaroon: ends against the clock, unknown forms, what only the root key can say", () => {
  const token = factory.mint(["time < 2000", "time < 1500", "time >= 1000", "operation in read", "time < 9000", "once"], { memo: "report", mintedAtMs: 1000 }).addCaveat("moon = full").addCaveat(Uint8Array.of(0xff));
  const { tree, unused } = shown(token.encode());
  expect(unused).toEqual([]);
  expect(Object.fromEntries(tree.fields)).toEqual({
    name: token.name,
    link: token.link,
    "key id": "root",
    minted: "1970-01-01T00:00:01.000Z",
    memo: "report",
    "location, not signed": "https://files.example",
  });
  expect(tree.caveats.map(({ note }) => note?.split(" ").slice(0, 2).join(" "))).toEqual([
    "until 1970-01-01T00:00:02.000Z",
    "expired 1970-01-01T00:00:01.500Z",
    "since 1970-01-01T00:00:01.000Z",
    undefined,
    "until 1970-01-01T00:00:09.000Z",
    "honoured one",
    "of no",
    "of no",
  ]);
  expect(tree.unknown.join()).toContain("only the root key");
  expect(JSON.stringify(tree)).not.toContain(toHex(token.toBytes().subarray(-32)));
});

test("discharges of macaroons stand below the caveat that asks for them, each once, circles too", () => {
  const needing = (of: Macaroon, id: number) => addThirdPartyCaveat(of, { caveatKey: Uint8Array.of(1, id), id: Uint8Array.of(id), location: "auth" });
  const token = needing(needing(factory.mint(), 1), 3);
  const circle = [needing(dischargeOf(1), 2), needing(dischargeOf(2), 1), dischargeOf(9)].map((one) => one.bindTo(token).encode());
  const { tree, unused } = shown(token.encode(), ...circle);
  const [first, second] = tree.caveats;
  expect(first?.discharge?.caveats[0]?.discharge?.caveats[0]).toMatchObject({ note: "no discharge was pasted for it", discharge: undefined });
  expect(second?.discharge).toBeUndefined();
  expect(unused.map(({ fields }) => Object.fromEntries(fields)["identifier"])).toEqual(["09"]);
});

test("signatures of a public token are checked under the key that it names", () => {
  const token = PublicToken.mint(issuer, ["operation in read"]).addThirdPartyCaveat({ thirdParty: party.publicKey, condition: "user is ada", location: "auth" });
  const sealed = token.seal();
  const discharge = PublicToken.discharge(party, sealed.thirdPartyCaveats[0]!, ["time < 2000"]);
  const { tree, unused } = shown(sealed.encode(), discharge.sealFor(sealed).encode());
  expect(unused).toEqual([]);
  expect(tree.known).toEqual(["The signatures hold under the key that it names."]);
  expect(tree.unknown.join()).toContain("If a verifier trusts the key");
  expect(tree.caveats[1]?.discharge?.known.join()).toContain("it is sealed for this token");
  expect(Object.fromEntries(tree.fields)).toMatchObject({ name: token.name, issuer: toHex(issuer.publicKey), blocks: "2" });

  const bound = token.seal({ binding: Uint8Array.of(1) });
  expect(shown(bound.encode()).tree.known.join()).toContain("a binding that this page does not know");
  expect(shown(bound.encode(), discharge.sealFor(sealed).encode()).tree.caveats[1]?.discharge?.known.join()).toContain("not for this token");
  const changed = sealed.toBytes();
  changed[changed.length - 70]! ^= 1;
  expect(shown(toHex(changed)).tree.known.join()).toContain("Every verifier refuses it");
  expect(shown(toHex(token.handOver())).tree.known.join()).toContain("holds its secret");
});
