import { ed25519, generateKey } from "@void-system/crypto";
import { toHex } from "@void-system/bytes";
import { expect, test } from "vitest";
import { type PastedToken, readPasted } from "../inspect/pasted-token.ts";
import { MacaroonFactory, PublicToken, formatToken } from "../src/index.ts";

const macaroon = new MacaroonFactory(new Uint8Array(32).fill(7)).mint(["operation in read"]);
const open = PublicToken.mint(ed25519.signer(generateKey("ed25519")), ["operation in read"]);
const handedOver = open.addCaveats(["time < 2000"]).handOver();

/** Kind of a text, or the reason why it is no token. */
function kindOf(text: string): string {
  const pasted: PastedToken = readPasted(text);
  return pasted.kind === "none" ? pasted.reason : pasted.kind;
}

test("a macaroon in every form, with white space around it", () => {
  for (const format of ["v1", "v2", "v2-json"] as const) {
    expect(readPasted(` ${formatToken(macaroon, format)}\n`)).toMatchObject({ kind: "macaroon", isCanonical: true, macaroon: { name: macaroon.name } });
  }
  for (const text of [toHex(macaroon.toBytes()), Buffer.from(macaroon.toBytes()).toString("base64")]) expect(kindOf(text)).toBe("macaroon");
});

test("a macaroon that only lenient readers take, and says so", () => {
  const trailing = Buffer.from([...macaroon.toBytes(), 0]).toString("base64url");
  expect(readPasted(trailing)).toMatchObject({ kind: "macaroon", isCanonical: false });
});

test("a public token with and without its secret", () => {
  const sealed = open.seal();
  for (const text of [sealed.encode(), toHex(sealed.toBytes()), Buffer.from(sealed.toBytes()).toString("base64")]) expect(kindOf(text)).toBe("sealed");
  expect(readPasted(Buffer.from(handedOver).toString("base64url"))).toMatchObject({ kind: "open", contents: { isSealed: false } });
});

test("anything else, with the reason", () => {
  expect(kindOf(" ")).toBe("nothing");
  expect(kindOf("moon!")).toContain("neither base64 nor hexadecimal");
  const changed = handedOver.slice();
  changed[changed.length - 70]! ^= 1;
  expect(kindOf(toHex(changed))).toContain("signatures do not hold");
});
