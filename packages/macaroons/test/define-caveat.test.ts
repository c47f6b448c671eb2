import { describe, expect, test } from "vitest";
import { CapabilityManager, CaveatVerifier, MacaroonFactory, OptionError, createStandardVerifier, defineCaveat } from "../src/index.ts";

const factory = new MacaroonFactory(new Uint8Array(32).fill(7));

const tenant = defineCaveat({
  form: "tenant = NAME",
  asks: { tenant: "string" },
  parse: (text) => /^tenant = ([a-z]+)$/u.exec(text)?.[1],
  check: (name, context) => context.tenant === name,
});
const size = defineCaveat({
  form: "bytes <= N",
  asks: { body: "bytes", compressed: "boolean" },
  parse: (text) => (/^bytes <= [0-9]{1,6}$/u.test(text) ? Number(text.slice(9)) : undefined),
  check: (most, { body, compressed }) => !compressed && body.length <= most,
  implies: (mine, other) => mine <= other,
});

describe("the context's type is that of the caveats that a verifier registers", () => {
  test("of its own kinds alone", () => {
    const manager = new CapabilityManager(factory, new CaveatVerifier([tenant]));
    const token = factory.mint(["tenant = acme"]);
    expect(manager.verify(token, { tenant: "acme" }).ok).toBe(true);
    expect(manager.verify(token, { tenant: "other" })).toEqual({ ok: false, reason: "caveat-refused" });
    // @ts-expect-error the field is missing
    expect(manager.verify(token, {})).toEqual({ ok: false, reason: "incomplete-context", missing: "tenant" });
    // @ts-expect-error the field is of another type
    expect(manager.verify(token, { tenant: 5 })).toEqual({ ok: false, reason: "incomplete-context", missing: "tenant" });
  });

  test("beside the standard ones", () => {
    const manager = new CapabilityManager(factory, createStandardVerifier([tenant, size]));
    const token = factory.mint(["tenant = acme", "bytes <= 2", "operation in read"]);
    const context = { timeMs: 0, resource: "/", operation: "read" };
    expect(manager.verify(token, { ...context, tenant: "acme", body: new Uint8Array(2), compressed: false }).ok).toBe(true);
    expect(manager.verify(token, { ...context, tenant: "acme", body: new Uint8Array(3), compressed: false }).ok).toBe(false);
    // @ts-expect-error without the fields of the second kind
    expect(manager.verify(token, { ...context, tenant: "acme" })).toEqual({ ok: false, reason: "incomplete-context", missing: "body" });
    const session = manager.authorize(token, { timeMs: 0, tenant: "acme", body: new Uint8Array(1), compressed: false });
    expect(session.ok && session.grant.permits("/x", "read", 0)).toBe(true);
    expect(session.ok && session.grant.permits("/x", "write", 0)).toBe(false);
  });
});

test("two kinds that claim a text must both allow it", () => {
  const never = defineCaveat({ form: "tenant = NAME", asks: {}, parse: (text) => (text.startsWith("tenant") ? text : undefined), check: () => false });
  const manager = new CapabilityManager(factory, createStandardVerifier([tenant, never]));
  expect(manager.verify(factory.mint(["tenant = acme"]), { timeMs: 0, resource: "/", operation: "read", tenant: "acme" }).ok).toBe(false);
});

test("nothing but true is a yes", () => {
  for (const answer of [Promise.resolve(true), 1, "yes", undefined]) {
    const kind = defineCaveat({ form: "x", asks: {}, parse: (text) => text, check: () => answer as never });
    expect(new CapabilityManager(factory, new CaveatVerifier([kind])).verify(factory.mint(["x"]), {})).toEqual({ ok: false, reason: "caveat-refused" });
  }
});

test("an unknown caveat is refused, but can be carried and narrowed", () => {
  const foreign = factory.mint(["moon = full"]).addCaveat("operation in read");
  const context = { timeMs: 0, resource: "/", operation: "read" };
  expect(new CapabilityManager(factory, createStandardVerifier()).verify(foreign, context)).toEqual({ ok: false, reason: "unknown-caveat" });
  const moon = defineCaveat({ form: "moon = PHASE", asks: {}, parse: (text) => (text === "moon = full" ? true : undefined), check: () => true });
  expect(new CapabilityManager(factory, createStandardVerifier([moon])).verify(foreign, context).ok).toBe(true);
});

test("caveats that only the edge can judge are taken for granted where the edge has judged", () => {
  const token = factory.mint(["address in 10.0.0.0/8", "operation in read"]);
  const replica = new CapabilityManager(factory, createStandardVerifier([], { edgeHasJudged: true }));
  expect(replica.verify(token, { timeMs: 0, resource: "/", operation: "read" }).ok).toBe(true);
  expect(replica.verify(token, { timeMs: 0, resource: "/", operation: "write" }).ok).toBe(false);
  expect(replica.verify(factory.mint(["address in nowhere"]), { timeMs: 0, resource: "/", operation: "read" })).toEqual({ ok: false, reason: "unknown-caveat" });
});

test("a parse that answers with a promise would understand every text, and facts that do would hide `once`: both are refused", () => {
  const late = defineCaveat({ form: "x", parse: async (text: string) => (text === "x" ? true : undefined), check: () => true });
  const hidden = defineCaveat({ form: "x", parse: (text) => text, check: () => true, facts: (async () => ({ once: true })) as never });
  for (const kind of [late, hidden]) {
    const manager = new CapabilityManager(factory, new CaveatVerifier([kind]));
    expect(() => manager.verify(factory.mint(["anything"]), {})).toThrow(OptionError);
  }
});

test("slips of a definition are errors", () => {
  const good = { form: "x", parse: (text: string) => text, check: () => true };
  for (const bad of [{ ...good, form: "" }, { ...good, form: 5 }, { ...good, parse: "x" }, { ...good, check: undefined }, { ...good, reason: "x" }, { ...good, asks: { a: "text" } }, { ...good, asks: { a: "toString" } }, undefined]) {
    expect(() => defineCaveat(bad as never)).toThrow(OptionError);
  }
});
