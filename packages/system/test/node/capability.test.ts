import { generateKey } from "@void-system/crypto";
import { Macaroon, MacaroonFactory } from "@void-system/macaroons";
import { describe, expect, test } from "vitest";
import { capabilityAuthority } from "../../src/node/capability.ts";

const authority = capabilityAuthority(generateKey("hmac-sha256"));

test("a token that would permit nothing is not minted", () => {
  expect(() => authority.mint({ operations: ["READ"] })).toThrow(/expected a caveat of a known form/);
  expect(() => authority.mint({ operations: [] })).toThrow(/expected a caveat of a known form/);
  expect(() => authority.mint({ expiresAtMs: 1.5 })).toThrow(/expected a caveat of a known form/);
});

test("keys are names, not paths: nothing that a key contains leads out of its limit", () => {
  const verdict = authority.authenticate(authority.mint({ resource: "/kv/public", operations: ["read"] }), 0);
  const permits = (key: string): boolean => verdict.ok && verdict.grant.permits(key, "read", 0);
  expect(["public", "public/a", "public//a", "public/a/", "public/ü"].map(permits)).toEqual([true, true, true, true, true]);
  for (const key of ["", "/public/a", "publicx", "public\u0000/../x", "public/../x", "public/./x", "public\\..\\x", "Public/a", "pu\u200bblic/a", "ｐublic/a", "../kv/public/a"]) {
    expect(permits(key), JSON.stringify(key)).toBe(false);
  }
});

describe("refusals", () => {
  const rootKey = generateKey("hmac-sha256");
  const own = capabilityAuthority(rootKey);
  const reasonOf = (token: string, timeMs = 0): string => {
    const verdict = own.authenticate(token, timeMs);
    return verdict.ok ? "accepted" : `${verdict.code} ${verdict.name === undefined ? "nameless" : "named"}: ${verdict.reason}`;
  };
  const token = own.mint({ resource: "/", operations: ["admin"], expiresAtMs: 1_000 });

  test("of an expired, a foreign, a forged token and of none are four messages", () => {
    expect(reasonOf(token)).toBe("accepted");
    expect(reasonOf(token, 1_000)).toBe("expired named: this token is refused (expired): its time is over; ask for a new one");
    expect(reasonOf(authority.mint({ resource: "/" }))).toMatch(/^unknown-key named: .*it is of another cluster/);
    const forged = Macaroon.decode(token).addCaveat("operation in read").encode().slice(0, -4);
    expect(reasonOf(`${forged}AAAA`)).toMatch(/^bad-signature named: .*it was changed, or made without this cluster's root key/);
    expect(reasonOf("nonsense")).toMatch(/^malformed nameless: .*it is no token/);
    expect(reasonOf(Macaroon.decode(token).addCaveat("user = bob").encode())).toMatch(/no node can judge, such as user/);
  });

  test("are not of tokens that were minted before keys had names", () => {
    const before = new MacaroonFactory(rootKey, { location: "void" }).mint(["resource under /", "operation in admin"]).encode();
    expect(reasonOf(before)).toBe("accepted");
    expect(reasonOf(new MacaroonFactory(generateKey("hmac-sha256")).mint([]).encode())).toMatch(/^bad-signature/);
  });
});
