import { createHash } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CapabilityManager, type CapabilityContext, type CaveatRefusal, MacaroonFactory, createStandardVerifier } from "../src/index.ts";

const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
const verifier = createStandardVerifier();
const manager = new CapabilityManager(factory, verifier);
const context: CapabilityContext = { timeMs: 1000, resource: "/a", operation: "read" };

function judge(caveats: readonly string[], more: Partial<CapabilityContext> = {}): string {
  const verdict = manager.verify(factory.mint(caveats), { ...context, ...more });
  return verdict.ok ? "ok" : verdict.reason;
}

const body = createHash("sha256").update("hello").digest("hex");

describe("audience, method, address, body", () => {
  const cases: readonly (readonly [string, Partial<CapabilityContext>, Partial<CapabilityContext>, CaveatRefusal])[] = [
    ["audience = files", { audience: "files" }, { audience: "file" }, "wrong-audience"],
    ["method in GET,HEAD", { method: "HEAD" }, { method: "get" }, "wrong-method"],
    ["address = 10.0.0.1", { address: "::ffff:10.0.0.1" }, { address: "10.0.0.2" }, "wrong-address"],
    ["address in 10.0.0.0/8", { address: "::ffff:10.9.9.9" }, { address: "11.0.0.1" }, "wrong-address"],
    ["address in 2001:db8::/32", { address: "2001:DB8::1" }, { address: "10.0.0.1" }, "wrong-address"],
    [`body sha256 = ${body}`, { bodySha256: body }, { bodySha256: body.toUpperCase() }, "wrong-body"],
  ];

  test.each(cases)("%s", (caveat, good, bad, refusal) => {
    expect(judge([caveat], good)).toBe("ok");
    expect(judge([caveat], bad)).toBe(refusal);
    expect(judge([caveat])).toBe("incomplete-context");
  });

  test.each(["audience =", "method in get", "method in GET, HEAD", "address = 10.0.0", "address in 10.0.0.1/8", "address in 10.0.0.0", "body sha256 = abc", "delegations <= -1", "delegations <= 01"])("%s is unknown", (caveat) => {
    expect(judge([caveat])).toBe("unknown-caveat");
  });
});

test("delegations: caveats behind it, not before", () => {
  expect(judge(["operation in read", "time < 2000", "delegations <= 0"])).toBe("ok");
  expect(judge(["delegations <= 1", "operation in read"])).toBe("ok");
  expect(judge(["delegations <= 1", "operation in read", "time < 2000"])).toBe("delegated-too-often");
});

describe("implied caveats", () => {
  const resource = fc.stringMatching(/^(?:\/[ab.]{0,2}){0,3}$/u);
  const text = fc.oneof(
    fc.nat(3).map((n) => `time < ${n}`),
    fc.nat(3).map((n) => `time >= ${n}`),
    resource.map((path) => `resource = ${path}`),
    resource.map((path) => `resource under ${path}`),
    fc.subarray(["read", "write", "admin"], { minLength: 1 }).map((all) => `operation in ${all.join(",")}`),
    fc.subarray(["GET", "PUT"], { minLength: 1 }).map((all) => `method in ${all.join(",")}`),
    fc.constantFrom("address = 10.0.0.1", "address in 10.0.0.0/8", "address in 10.0.0.0/31", "address in ::/0", "address in 0.0.0.0/0", "user = a", "user = b"),
  );
  const asked = fc.record({
    timeMs: fc.nat(3),
    resource,
    operation: fc.constantFrom("read", "write"),
    method: fc.constantFrom("GET", "PUT"),
    address: fc.constantFrom("10.0.0.1", "10.0.0.2", "::1", "11.0.0.0"),
    user: fc.constantFrom("a", "b"),
  });

  test("never allow what the implied one refuses", () => {
    let implied = 0;
    fc.assert(
      fc.property(text, text, asked, (one, other, where) => {
        const [mine] = verifier.parse(one);
        const [theirs] = verifier.parse(other);
        if (mine === undefined || theirs === undefined || !mine.implies(theirs)) return;
        implied += 1;
        if (judge([one], where) === "ok") expect([one, other, where, judge([other], where)]).toEqual([one, other, where, "ok"]);
      }),
      { numRuns: 20_000, seed: 17 },
    );
    expect(implied).toBeGreaterThan(1000);
  });
});
