import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CapabilityManager, Discharger, type Explanation, Macaroon, MacaroonFactory, RevocationList, addThirdPartyCaveat, createStandardVerifier, explanationMermaid, explanationText, openSealedKey } from "../src/index.ts";

const factory = new MacaroonFactory(new Uint8Array(32).fill(7), { keyId: "k1" });
const manager = new CapabilityManager(factory, createStandardVerifier(), { openSealedKey });
const context = { timeMs: 1000, resource: "/a", operation: "read" };

/** Every outcome against the token, wherever it is. */
function refusals({ authenticity, parts }: Explanation): readonly string[] {
  const outcomes = parts.flatMap(({ caveats, isUnused }) => [...caveats.map(({ outcome }) => outcome as string), ...(isUnused ? ["unused-discharge"] : [])]);
  return [...(authenticity === undefined ? [] : [authenticity]), ...outcomes.filter((outcome) => outcome !== "holds")];
}

test("gives each caveat, also behind the first refusal", () => {
  const token = factory.mint(["time < 500", "operation in write", "resource under /", "moon = full", "user = ada"], { memo: "nightly", mintedAtMs: 1 });
  const explanation = manager.explain(token, context);
  expect(explanation).toMatchObject({ ok: false, reason: "unknown-caveat", keyId: "k1", memo: "nightly", mintedAtMs: 1, authenticity: undefined });
  expect(explanation.parts[0]?.name).toBe(token.name);
  expect(explanation.parts[0]?.caveats.map(({ outcome }) => outcome)).toEqual(["expired", "wrong-operation", "holds", "unknown-caveat", "incomplete-context"]);
  expect(explanationText(explanation)).toBe(
    [
      "refused: unknown-caveat",
      "key     k1",
      `link    ${token.link}`,
      "minted  1970-01-01T00:00:00.001Z",
      "memo    nightly",
      `token ${token.name}`,
      "  - time < 500: expired",
      "  - operation in write: wrong-operation",
      "  + resource under /: holds",
      "  - moon = full: unknown-caveat",
      "  - user = ada: incomplete-context (user)",
    ].join("\n"),
  );
});

test("points implied caveats out: of two that are equal, the later one", () => {
  const token = factory.mint(["time < 3000", "time < 2000", "resource under /", "resource = /a", "operation in read", "operation in read"]);
  expect(manager.explain(token, context).parts[0]?.caveats.map(({ impliedBy }) => impliedBy)).toEqual([1, undefined, 3, undefined, undefined, 4]);
});

describe("discharges", () => {
  const third = new Discharger(new Uint8Array(32).fill(9), { location: "https://auth" });
  const token = third.addCaveat(factory.mint(), "x");
  const answer = third.discharge(token.thirdPartyCaveats[0]!.id, () => ["time < 2000"]);
  const discharge = answer.ok ? answer.discharge : Macaroon.mint(new Uint8Array(32), Uint8Array.of(1));
  const bound = discharge.bindTo(token);

  test("each edge with its outcome", () => {
    const outcome = (discharges: readonly Macaroon[]): unknown => manager.explain(token, context, { discharges }).parts[0]?.caveats[0]?.outcome;
    expect(outcome([bound])).toBe("holds");
    expect(outcome([])).toBe("missing-discharge");
    expect(outcome([discharge])).toBe("bad-discharge");
    expect(manager.explain(token, context, { discharges: [bound, bound] }).parts.map(({ isUnused }) => isUnused)).toEqual([false, false, true]);
    expect(manager.explain(token, { ...context, timeMs: 3000 }, { discharges: [bound] }).parts[1]?.caveats[0]?.outcome).toBe("expired");
    const changed = Macaroon.mint(new Uint8Array(32), token.identifier);
    expect(manager.explain(third.addCaveat(changed, "x"), context).parts[0]?.caveats[0]?.outcome).toBe("unchecked");
  });

  test("a picture: boxes and arrows", () => {
    const picture = explanationMermaid(manager.explain(token, context, { discharges: [bound] }));
    expect(picture.split("\n")[0]).toBe("flowchart TD");
    expect(picture).toContain('p0 -->|"holds"| p1');
    expect(picture).toContain("time #60; 2000");
  });

  test("a hostile token of many caveats is explained in linear time", () => {
    const crowded = Array.from({ length: 150 }).reduce<Macaroon>((made) => addThirdPartyCaveat(made, { caveatKey: Uint8Array.of(1), id: "a" }), factory.mint());
    const explanation = manager.explain(crowded, context, { discharges: Array.from({ length: 64 }, () => bound) });
    expect(explanation.parts).toHaveLength(65);
  });
});

test("what is no token has no parts", () => {
  for (const token of [undefined, "x", new Uint8Array(5), {}]) {
    expect(manager.explain(token, context)).toMatchObject({ ok: false, reason: "malformed", authenticity: "malformed", parts: [] });
  }
});

test("a revoked token, and one with once, are explained as verify refuses them", () => {
  const revoked = new RevocationList();
  const strict = new CapabilityManager(factory, createStandardVerifier(), { revoked });
  const token = factory.mint();
  revoked.revoke({ name: token.name });
  expect(strict.explain(token, context).reason).toBe("revoked");
  const once = strict.explain(factory.mint(["time < 2000", "once"]), context);
  expect([once.reason, once.parts[0]?.caveats[1]?.outcome]).toEqual(["once-token-not-reusable", "once-token-not-reusable"]);
});

describe("of any token", () => {
  const caveat = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom("time < 2000", "time < 3000", "resource under /") },
    fc.constantFrom("time < 500", "operation in read", "operation in write", "resource under /", "user = ada", "moon", "delegations <= 0"),
    fc.string({ unit: "binary", minLength: 1, maxLength: 20 }),
  );
  const third = fc.nat(2);
  const graph = fc.record({
    caveats: fc.array(fc.oneof(caveat, third), { maxLength: 4 }),
    discharges: fc.array(fc.record({ id: third, needs: fc.array(third, { maxLength: 1 }), isBound: fc.boolean(), caveat: fc.option(caveat) }), { maxLength: 3 }),
    isChanged: fc.nat(4).map((one) => one === 0),
  });
  const keyOf = (id: number): Uint8Array => new Uint8Array(32).fill(id + 1);
  const need = (made: Macaroon, id: number): Macaroon => addThirdPartyCaveat(made, { caveatKey: keyOf(id), id: Uint8Array.of(id) });

  test("agrees with verify, and shows no secret", () => {
    let accepted = 0;
    fc.assert(
      fc.property(graph, ({ caveats, discharges: wanted, isChanged }) => {
        const start = isChanged ? Macaroon.mint(new Uint8Array(32), factory.mint().identifier) : factory.mint();
        const token = caveats.reduce<Macaroon>((made, one) => (typeof one === "number" ? need(made, one) : made.addCaveat(one)), start);
        const discharges = wanted.map(({ id, needs, isBound, caveat: text }) => {
          const plain = needs.reduce(need, Macaroon.mint(keyOf(id), Uint8Array.of(id)));
          const whole = text === null ? plain : plain.addCaveat(text);
          return isBound ? whole.bindTo(token) : whole;
        });
        const verdict = manager.verify(token, context, { discharges });
        const explanation = manager.explain(token, context, { discharges });
        expect([explanation.ok, explanation.reason]).toEqual([verdict.ok, verdict.ok ? undefined : verdict.reason]);
        const against = refusals(explanation);
        if (verdict.ok) expect(against).toEqual([]);
        else expect(against).toContain(verdict.reason);
        if (verdict.ok) accepted += 1;
        const shown = [JSON.stringify(explanation), explanationText(explanation), explanationMermaid(explanation)].join("\n");
        for (const one of [token, ...discharges]) {
          const signature = one.toBytes().slice(-32);
          for (const secret of [Buffer.from(signature).toString("hex"), Buffer.from(signature).toString("base64url"), one.encode()]) expect(shown).not.toContain(secret);
        }
        const text = explanationText(explanation);
        expect(text).toMatch(/^[^\p{Cc}]*(?:\n[^\p{Cc}]*)*$/u);
        for (const line of explanationMermaid(explanation).split("\n").slice(1)) {
          expect(line).toMatch(/^ {2}(?:verdict\(\["[^"]*"\]\)|p\d+\["[^"\]]*"\]|verdict --> p0|p\d+ -->\|"[^"]*"\| p\d+)$/u);
        }
      }),
      { numRuns: 400 },
    );
    expect(accepted).toBeGreaterThan(20);
  });
});
