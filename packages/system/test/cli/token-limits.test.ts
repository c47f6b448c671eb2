import { describe, expect, test } from "vitest";
import { type MintLimits, grantIn, limitsOf, limitsOfNew } from "../../src/cli/token-limits.ts";
import { caveatsOf } from "../../src/node/capability.ts";

const nowMs = Date.UTC(2030, 0, 1);
const scope = { resource: "/kv/public", operation: ["read"] };

describe("a new token", () => {
  test("says its scope and its end, or that it has neither", () => {
    expect(limitsOfNew({ ...scope, expires: "2h" }, nowMs)).toEqual({ resource: "/kv/public", operations: ["read"], expiresAtMs: nowMs + 7_200_000 });
    expect(limitsOfNew({ all: true, forever: true }, nowMs)).toEqual({ resource: "/", operations: ["admin"] });
    expect(limitsOfNew({ all: true, once: true, expires: "1m" }, nowMs)).toMatchObject({ once: true, expiresAtMs: nowMs + 60_000 });
  });

  test.each<[string, MintLimits, RegExp]>([
    ["without anything", {}, /--resource and --operation.*--all/],
    ["without an operation", { resource: "/kv/", expires: "1h" }, /--resource and --operation/],
    ["without an end", scope, /--expires such as 12h or 30d, or --forever/],
    ["with everything and something", { all: true, ...scope, forever: true }, /got both/],
    ["with an end and none", { all: true, forever: true, expires: "1h" }, /got both/],
    ["for one use without an end", { all: true, forever: true, once: true }, /--expires beside --once/],
    ["that ends at once", { ...scope, expires: "0s" }, /expected a duration/],
    ["with an unknown operation", { ...scope, operation: ["read", "bogus"], expires: "1h" }, /out of read, write, admin, got bogus/],
    ["with an unknown operation in a caveat", { all: true, forever: true, caveat: ["operation in read,bogus"] }, /got bogus/],
    ["for a user", { all: true, forever: true, caveat: ["user = bob"] }, /they know no users/],
    ["with an end in the past", { all: true, forever: true, caveat: [`time < ${nowMs}`] }, /expected an end to come.*2030-01-01/],
    ["for no key", { ...scope, resource: "public", expires: "1h" }, /no key lies under that/],
  ])("%s is refused", (_, options, reason) => {
    expect(() => limitsOfNew(options, nowMs)).toThrow(reason);
  });
});

test("a narrower token may say any part", () => {
  expect(limitsOf({ operation: ["read"], caveat: [`time < ${nowMs + 1}`] }, nowMs)).toEqual({ operations: ["read"] });
});

test.each([
  [caveatsOf({ resource: "/", operations: ["admin"] }), "grants admin on everything, forever"],
  [caveatsOf({ resource: "/kv/a", operations: ["read", "write"], expiresAtMs: nowMs }), "grants read,write on /kv/a and all below, until 2030-01-01T00:00:00.000Z"],
  [[...caveatsOf({ resource: "/", operations: ["admin"], expiresAtMs: nowMs + 1 }), "operation in read", `time < ${nowMs}`], "grants admin; of these only read on everything, until 2030-01-01T00:00:00.000Z"],
  [["once", undefined], "grants every operation on everything, forever, once, with a caveat that is no text"],
])("%j %s", (caveats, words) => {
  expect(grantIn(caveats)).toBe(words);
});
