import { describe, expect, test } from "vitest";
import {
  CapabilityManager,
  CaveatError,
  DISCHARGES_MAX,
  DISCHARGE_DEPTH_MAX,
  DischargeError,
  Discharger,
  Macaroon,
  MacaroonFactory,
  OptionError,
  RandomSourceError,
  addThirdPartyCaveat,
  createStandardVerifier,
  dischargesNeeded,
  gatherDischarges,
  openSealedKey,
} from "../src/index.ts";
import type { RefusalReason, TokenInput } from "../src/index.ts";

const factory = new MacaroonFactory(new Uint8Array(32).fill(7));
const manager = new CapabilityManager(factory, createStandardVerifier(), { openSealedKey });
const context = { timeMs: 1000, resource: "/a", operation: "read" };
const text = new TextEncoder();

function keyOf(id: string): Uint8Array {
  return text.encode(`key of ${id}`);
}

/** A token that needs the discharges of these ids. */
function needing(token: Macaroon, ...ids: readonly string[]): Macaroon {
  return ids.reduce((made, id) => addThirdPartyCaveat(made, { caveatKey: keyOf(id), id }), token);
}

/** The discharge of an id, which may need others. */
function dischargeOf(id: string, ...needs: readonly string[]): Macaroon {
  return needing(Macaroon.mint(keyOf(id), text.encode(id)), ...needs);
}

function verdict(token: TokenInput, discharges: readonly TokenInput[]): RefusalReason | "ok" {
  const judged = manager.verify(token, context, { discharges });
  return judged.ok ? "ok" : judged.reason;
}

describe("discharges", () => {
  const token = needing(factory.mint(["operation in read"]), "a", "b");

  test("all third parties must discharge, in any order, as texts, bytes or macaroons", () => {
    const [a, b] = ["a", "b"].map((id) => dischargeOf(id).bindTo(token));
    expect(verdict(token, [a!, b!])).toBe("ok");
    expect(verdict(token.encode(), [b!.encode(), a!.toBytes()])).toBe("ok");
    expect(verdict(token, [a!])).toBe("missing-discharge");
    expect(verdict(token, [])).toBe("missing-discharge");
    expect(manager.verify(token, context)).toEqual({ ok: false, reason: "missing-discharge" });
    expect(dischargesNeeded(token, [b!]).map(({ id }) => new TextDecoder().decode(id))).toEqual(["a"]);
  });

  test("each must be of the right key, unchanged, and bound to this very token", () => {
    const b = dischargeOf("b").bindTo(token);
    const a = dischargeOf("a");
    const other = needing(factory.mint(), "a", "b");
    const wrongKey = Macaroon.mint(keyOf("x"), text.encode("a"));
    const parent = dischargeOf("b");
    for (const bad of [a, a.bindTo(other), wrongKey.bindTo(token), a.bindTo(token).addCaveat("time < 2000"), a.bindTo(parent), a.bindTo(token).bindTo(token)]) {
      expect(verdict(token, [bad, b])).toBe("bad-discharge");
    }
    expect(verdict(token.addCaveat("time < 2000"), [a.bindTo(token), b])).toBe("bad-discharge");
    expect(verdict(token, [a.addCaveat("time < 2000").bindTo(token), b])).toBe("ok");
  });

  test("one discharge serves one caveat, and none is left over", () => {
    const twice = needing(factory.mint(), "a", "a");
    const a = dischargeOf("a").bindTo(twice);
    expect(verdict(twice, [a])).toBe("missing-discharge");
    expect(verdict(twice, [a, a])).toBe("ok");
    expect(verdict(twice, [a, a, a])).toBe("unused-discharge");
    expect(verdict(factory.mint(), [dischargeOf("a")])).toBe("unused-discharge");
    expect(dischargesNeeded(twice, [a])).toHaveLength(1);
  });

  test("may need discharges themselves, bound to the root too; a circle never ends well", () => {
    const root = needing(factory.mint(), "a");
    const a = dischargeOf("a", "b");
    const b = dischargeOf("b");
    expect(verdict(root, [b, a].map((one) => one.bindTo(root)))).toBe("ok");
    expect(verdict(root, [a.bindTo(root), b.bindTo(a)])).toBe("bad-discharge");
    expect(verdict(root, [a.bindTo(root)])).toBe("missing-discharge");
    expect(verdict(root, [dischargeOf("a", "a").bindTo(root)])).toBe("missing-discharge");
    expect(verdict(root, [a, dischargeOf("b", "a")].map((one) => one.bindTo(root)))).toBe("missing-discharge");
  });

  test("their caveats hold together with the token's", () => {
    const root = needing(factory.mint(["time < 5000"]), "a");
    const judge = (...caveats: readonly string[]): RefusalReason | "ok" =>
      verdict(root, [caveats.reduce((made, one) => made.addCaveat(one), dischargeOf("a")).bindTo(root)]);
    expect(judge("time < 1001")).toBe("ok");
    expect(judge("time < 1000")).toBe("expired");
    expect(judge("moon = full")).toBe("unknown-caveat");
    expect(judge("time < 2000", "once")).toBe("once-in-discharge");
    const session = manager.authorize(root, context, { discharges: [dischargeOf("a").addCaveat("time < 2000").bindTo(root)] });
    expect(session.ok && [session.grant.expiresAtMs, session.grant.permits("/a", "read", 2000)]).toEqual([2000, false]);
  });

  test(`at most ${DISCHARGES_MAX}, and ${DISCHARGE_DEPTH_MAX} deep`, () => {
    const wide = (count: number): RefusalReason | "ok" => {
      const ids = Array.from({ length: count }, (_, index) => `w${index}`);
      const root = needing(factory.mint(), ...ids);
      return verdict(root, ids.map((id) => dischargeOf(id).bindTo(root)));
    };
    const deep = (depth: number): RefusalReason | "ok" => {
      const root = needing(factory.mint(), "d1");
      return verdict(root, Array.from({ length: depth }, (_, at) => dischargeOf(`d${at + 1}`, ...(at + 1 < depth ? [`d${at + 2}`] : [])).bindTo(root)));
    };
    expect([wide(DISCHARGES_MAX), wide(DISCHARGES_MAX + 1)]).toEqual(["ok", "too-many-discharges"]);
    expect([deep(DISCHARGE_DEPTH_MAX), deep(DISCHARGE_DEPTH_MAX + 1)]).toEqual(["ok", "discharge-too-deep"]);
  });

  test("a holder may add a caveat with a junk key, and has made the token worthless", () => {
    const junk = factory.mint().addSealedCaveat("a", undefined, () => new Uint8Array(72).fill(1));
    expect(verdict(junk, [dischargeOf("a").bindTo(junk)])).toBe("bad-sealed-key");
    for (const bytes of [0, 71, 73]) expect(() => factory.mint().addSealedCaveat("a", undefined, () => new Uint8Array(bytes))).toThrow(CaveatError);
  });

  test("a manager without the cipher refuses the token, and the call with discharges", () => {
    const plain = new CapabilityManager(factory, createStandardVerifier());
    expect(plain.verify(token, context)).toEqual({ ok: false, reason: "third-party-caveat" });
    expect(() => plain.verify(factory.mint(), context, { discharges: [] })).toThrow(/openSealedKey/u);
  });

  test("of any type give a verdict; a list that is none is the caller's slip", () => {
    for (const bad of [undefined, null, 1, {}, "nonsense", Uint8Array.of(2), []]) {
      expect(manager.verify(token, context, { discharges: [bad as never] })).toEqual({ ok: false, reason: "malformed" });
    }
    expect(() => manager.verify(token, context, { discharges: "text" as never })).toThrow(OptionError);
    expect(() => manager.verify(token, context, { discharge: [] } as never)).toThrow(/"discharge"/u);
  });
});

describe("a third party that shares a key", () => {
  const key = new Uint8Array(32).fill(9);
  const auth = new Discharger(key, { location: "https://auth.example" });
  const token = auth.addCaveat(factory.mint(), "user is ada");
  const [caveat] = token.thirdPartyCaveats;

  test("reads the condition in the caveat, in another process too; the holder does not", () => {
    expect(caveat!.location).toBe("https://auth.example");
    expect(Buffer.from(caveat!.id).includes("ada")).toBe(false);
    const elsewhere = new Discharger(key);
    expect(elsewhere.conditionOf(caveat!.id)).toBe("user is ada");
    const made = elsewhere.discharge(caveat!.id, () => ["time < 2000"]);
    expect(made.ok && verdict(token, [made.discharge.bindTo(token)])).toBe("ok");
  });

  test("refuses what is not its own, and a condition that does not hold", () => {
    expect(auth.discharge(caveat!.id, () => false)).toEqual({ ok: false, reason: "condition-refused" });
    const changed = caveat!.id.slice();
    changed[30]! ^= 1;
    const stranger = new Discharger(new Uint8Array(32).fill(8));
    const never = (): never => {
      throw new Error("not reached");
    };
    const later = caveat!.id.slice();
    later[0] = 2;
    for (const id of [changed, later, caveat!.id.slice(1), caveat!.id.slice(0, -1), Uint8Array.of(), "text" as never]) {
      expect(auth.discharge(id, never)).toEqual({ ok: false, reason: "unknown-ticket" });
    }
    expect(stranger.discharge(caveat!.id, never)).toEqual({ ok: false, reason: "unknown-ticket" });
  });

  test("throws for the caller's slips", () => {
    expect(() => auth.discharge(caveat!.id, (async () => []) as never)).toThrow(OptionError);
    expect(() => auth.discharge(caveat!.id, () => true as never)).toThrow(OptionError);
    expect(() => auth.discharge(caveat!.id, () => ["once"])).toThrow(CaveatError);
    expect(() => auth.addCaveat(factory.mint(), "")).toThrow(CaveatError);
    expect(() => auth.addCaveat(factory.mint(), "x".repeat(4100))).toThrow(CaveatError);
    expect(() => new Discharger("secret" as never)).toThrow(/decode a text/u);
    expect(() => new Discharger(key, { place: "x" } as never)).toThrow(/"place"/u);
    expect(() => addThirdPartyCaveat(token, { caveatKey: "k" as never, id: "a" })).toThrow(CaveatError);
  });

  test("all discharges are gathered, those of discharges too, and bound", async () => {
    const bank = new Discharger(new Uint8Array(32).fill(3));
    const both = bank.addCaveat(token, "account 7");
    const parties = [auth, bank];
    const asked: string[] = [];
    const gathered = await gatherDischarges(both, async ({ id }) => {
      for (const party of parties) {
        const made = party.discharge(id, (condition) => (asked.push(condition), []));
        if (made.ok) return asked.at(-1) === "account 7" ? auth.addCaveat(made.discharge, "clerk of the bank") : made.discharge;
      }
      throw new Error("nobody knows this caveat");
    });
    expect(asked).toEqual(["user is ada", "account 7", "clerk of the bank"]);
    expect(verdict(both, gathered)).toBe("ok");
    await expect(gatherDischarges(both, () => undefined as never)).rejects.toThrow(DischargeError);
    await expect(gatherDischarges(both, () => token)).rejects.toThrow(DischargeError);
    await expect(gatherDischarges(needing(factory.mint(), "loop"), () => dischargeOf("loop", "loop"))).rejects.toThrow(/at most 64/u);
  });
});

describe("random sources that are stuck are refused", () => {
  const caveatKey = new Uint8Array(32).fill(5);
  const constant = (byte: number) => (length: number): Uint8Array => new Uint8Array(length).fill(byte);

  test("for nonces of sealed keys, which would give the keys away", () => {
    const token = factory.mint();
    const stuck = constant(6);
    addThirdPartyCaveat(token, { caveatKey, id: "a", random: stuck });
    expect(() => addThirdPartyCaveat(token, { caveatKey, id: "b", random: stuck })).toThrow(RandomSourceError);
    for (const random of [constant(0), () => new Uint8Array(23).fill(1), () => "x".repeat(24) as never]) {
      expect(() => addThirdPartyCaveat(token, { caveatKey, id: "a", random })).toThrow(RandomSourceError);
    }
  });

  test("for names of tokens, which would spend each other, between two factories too", () => {
    const stuck = constant(6);
    const minting = (): MacaroonFactory => new MacaroonFactory(new Uint8Array(32).fill(7), { random: stuck });
    minting().mint();
    expect(() => minting().mint()).toThrow(RandomSourceError);
    expect(() => new MacaroonFactory(new Uint8Array(32), { random: constant(0) }).mint()).toThrow(RandomSourceError);
    const shared = new Uint8Array(16);
    let turn = 0;
    const reusing = new MacaroonFactory(new Uint8Array(32), { random: () => shared.fill((turn += 1)) });
    expect(reusing.mint().name).not.toBe(reusing.mint().name);
  });

  test("between the key and the nonce of a ticket", () => {
    expect(() => new Discharger(new Uint8Array(32), { random: constant(6) }).addCaveat(factory.mint(), "a")).toThrow(RandomSourceError);
  });
});
