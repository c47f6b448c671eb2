import { ed25519, generateKey, importKey, loadPublicKey } from "@void-system/crypto";
import { describe, expect, test } from "vitest";
import { CaveatError, DISCHARGE_DEPTH_MAX, KEY_LOAD_SIGNATURES, MintError, OptionError, PublicToken, PublicVerifier, type SealedToken, VerificationBudget, createStandardVerifier, dischargePublicly } from "../src/index.ts";
import type { PublicDemand } from "../src/index.ts";

const issuer = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(7)));
const auth = ed25519.signer(importKey("ed25519", new Uint8Array(32).fill(9)));
const verifier = new PublicVerifier(loadPublicKey(issuer.publicKey), createStandardVerifier());
const context = { timeMs: 1000, resource: "/a", operation: "read" };

function judge(token: SealedToken, discharges?: readonly SealedToken[], timeMs = 1000): string {
  const verdict = verifier.verify(token, { ...context, timeMs }, { discharges });
  return verdict.ok ? "ok" : verdict.reason;
}

function needing(condition = "user is ada"): PublicToken {
  return PublicToken.mint(issuer).addThirdPartyCaveat({ thirdParty: auth.publicKey, condition, location: "https://auth" });
}

function dischargeOf(caveat: PublicDemand, caveats: readonly string[] = []): PublicToken {
  const answer = dischargePublicly(auth, caveat, () => caveats);
  if (!answer.ok) throw new Error(answer.reason);
  return answer.discharge;
}

describe("a third party's caveat", () => {
  const token = needing();
  const shown = token.seal();
  const [caveat] = shown.thirdPartyCaveats;
  const discharge = dischargeOf(caveat!, ["time < 2000"]);

  test("needs one discharge by that key, sealed for this very token", () => {
    expect(judge(shown, [discharge.sealFor(shown)])).toBe("ok");
    expect(judge(shown, [discharge.sealFor(shown)], 2000)).toBe("expired");
    expect(judge(shown)).toBe("missing-discharge");
    expect(judge(shown, [])).toBe("missing-discharge");
    expect(judge(shown, [discharge.sealFor(shown), discharge.sealFor(shown)])).toBe("unused-discharge");
    const again = token.seal({ binding: Uint8Array.of(1) });
    expect(judge(shown, [discharge.sealFor(again)])).toBe("bad-discharge");
    const narrower = token.addCaveats(["operation in read"]).seal();
    expect(judge(narrower, [discharge.sealFor(shown)])).toBe("bad-discharge");
    expect(judge(narrower, [discharge.sealFor(narrower)])).toBe("ok");
  });

  test("is of one kind: the discharge of another token's, of another key, a token itself serve it not", () => {
    const other = needing().seal();
    expect(judge(shown, [dischargeOf(other.thirdPartyCaveats[0]!).sealFor(shown)])).toBe("missing-discharge");
    const liar = ed25519.signer(generateKey("ed25519"));
    const forged = PublicToken.discharge(liar, caveat!).sealFor(shown);
    expect(judge(shown, [forged])).toBe("missing-discharge");
    const claimed = forged.toBytes();
    claimed.set(auth.publicKey, 5);
    expect(verifier.verify(shown, context, { discharges: [claimed] })).toEqual({ ok: false, reason: "bad-discharge" });
    expect(judge(shown, [PublicToken.mint(auth).seal()])).toBe("missing-discharge");
    expect(judge(discharge.sealFor(shown))).toBe("malformed");
  });

  test("a changed byte of the discharge is refused", () => {
    const bytes = discharge.sealFor(shown).toBytes();
    for (let at = 0; at < bytes.length; at += 7) {
      const changed = bytes.slice();
      changed[at]! ^= 1;
      expect(verifier.verify(shown, context, { discharges: [changed] }).ok).toBe(false);
    }
  });

  test("a discharge narrows; the holder narrows it too, and hands it over", () => {
    const narrowed = PublicToken.open(discharge.addCaveats(["operation in write"]).handOver());
    expect(judge(shown, [narrowed.sealFor(shown)])).toBe("wrong-operation");
  });

  test("explains each edge, with the third party", () => {
    const explanation = verifier.explain(shown, context, { discharges: [discharge.sealFor(shown)] });
    expect(explanation.ok).toBe(true);
    expect(explanation.parts[0]?.caveats[0]).toMatchObject({ outcome: "holds", thirdParty: { location: "https://auth", discharge: 0 } });
    expect(verifier.explain(shown, context).parts[0]?.caveats[0]?.outcome).toBe("missing-discharge");
  });

  test("costs signatures, and the key", () => {
    const discharges = [discharge.sealFor(shown)];
    const cost = 3 + 2 + KEY_LOAD_SIGNATURES;
    const most = (signatures: number) => ({ discharges, budgets: [new VerificationBudget({ perSecond: 1, most: signatures })] });
    expect(verifier.verify(shown, context, most(cost)).ok).toBe(true);
    expect(verifier.verify(shown, context, most(cost - 1))).toEqual({ ok: false, reason: "over-budget" });
  });
});

test("discharges that need discharges: bound to the token, at most 32 deep, cycles end", () => {
  const chainOf = (depth: number): [SealedToken, SealedToken[]] => {
    const shown = needing("1").seal();
    const discharges: SealedToken[] = [];
    let [caveat] = shown.thirdPartyCaveats;
    for (let at = 1; at <= depth; at += 1) {
      const plain = dischargeOf(caveat!);
      const next = at < depth ? plain.addThirdPartyCaveat({ thirdParty: auth.publicKey, condition: `${at + 1}` }) : plain;
      const sealed = next.sealFor(shown);
      discharges.push(sealed);
      [caveat] = sealed.thirdPartyCaveats;
    }
    return [shown, discharges];
  };
  const [shown, discharges] = chainOf(3);
  expect(judge(shown, discharges.toReversed())).toBe("ok");
  expect(judge(shown, discharges.slice(0, 2))).toBe("missing-discharge");
  expect(judge(...chainOf(DISCHARGE_DEPTH_MAX))).toBe("ok");
  expect(judge(...chainOf(DISCHARGE_DEPTH_MAX + 1))).toBe("discharge-too-deep");
  expect(judge(shown, Array.from({ length: 65 }, () => discharges[0]!))).toBe("too-many-discharges");
});

test("the third party refuses what is not its own, and what does not hold", () => {
  const [caveat] = needing().seal().thirdPartyCaveats;
  expect(dischargePublicly(issuer, caveat!, () => [])).toEqual({ ok: false, reason: "other-third-party" });
  expect(dischargePublicly(auth, caveat!, (condition) => (condition === "user is bob" ? [] : false))).toEqual({ ok: false, reason: "condition-refused" });
  expect(() => dischargePublicly(auth, caveat!, () => Promise.resolve([]) as never)).toThrow(OptionError);
  expect(() => dischargePublicly(auth, caveat!, () => ["once"])).toThrow(CaveatError);
  expect(() => needing("")).toThrow(CaveatError);
  expect(() => PublicToken.mint(issuer).addThirdPartyCaveat({ thirdParty: new Uint8Array(32), condition: "x" })).toThrow();
  const discharge = dischargeOf(caveat!);
  expect(() => discharge.seal()).toThrow(MintError);
  expect(() => needing().sealFor(needing().seal())).toThrow(MintError);
  expect(() => discharge.sealFor("token" as never)).toThrow(MintError);
});
