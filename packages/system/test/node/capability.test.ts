import { generateKey } from "@void-system/crypto";
import { expect, test } from "vitest";
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
