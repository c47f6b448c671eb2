import { expect, test } from "vitest";
import { CapabilityManager, Discharger, MacaroonFactory, OptionError, REVOCATIONS_MAX, type Revocable, RevocationError, RevocationList, createStandardVerifier, openSealedKey } from "../src/index.ts";

const rootKey = new Uint8Array(32).fill(7);
const factory = new MacaroonFactory(rootKey, { keyId: "k1" });
const context = { timeMs: 1000, resource: "/a", operation: "read" };

function judgedBy(revoked: RevocationList): CapabilityManager {
  return new CapabilityManager(factory, createStandardVerifier(), { revoked, openSealedKey, cachedTokens: 10 });
}

const refused = { ok: false, reason: "revoked" };

test("a name ends the token and all that were narrowed from it, in whatever form, cached or not", async () => {
  const revoked = new RevocationList();
  const manager = judgedBy(revoked);
  const token = factory.mint();
  const narrowed = token.addCaveat("time < 2000").encode();
  expect(manager.verify(narrowed, context).ok).toBe(true);
  const session = manager.authorize(narrowed, context);
  expect(session.ok && session.grant.permits("/a", "read", 1000)).toBe(true);
  revoked.revoke({ name: token.name });
  for (const one of [token, token.encode(), token.toBytes(), narrowed]) expect(manager.verify(one, context)).toEqual(refused);
  expect(manager.authorize(narrowed, context)).toEqual(refused);
  expect(await manager.consume(narrowed, context)).toEqual(refused);
  expect(session.ok && session.grant.permits("/a", "read", 1000)).toBe(false);
  expect(session.ok && session.grant.refusal(context)).toBe("revoked");
  expect(manager.verify(factory.mint(), context).ok).toBe(true);
});

test("a link ends that copy and its descendants, and no ancestor", () => {
  const revoked = new RevocationList();
  const manager = judgedBy(revoked);
  const token = factory.mint();
  const child = token.addCaveat("time < 2000");
  const grandchild = child.addCaveat("operation in read");
  revoked.revoke({ link: child.link });
  expect(manager.verify(token, context).ok).toBe(true);
  expect(manager.verify(token.addCaveat("time < 2001"), context).ok).toBe(true);
  expect(manager.verify(child, context)).toEqual(refused);
  expect(manager.verify(grandchild, context)).toEqual(refused);
});

test("a key, and a minting date: a token without a date counts as older", () => {
  const byDate = new RevocationList();
  byDate.revoke({ mintedBeforeMs: 500 });
  const manager = judgedBy(byDate);
  expect(manager.verify(factory.mint([], { mintedAtMs: 500 }), context).ok).toBe(true);
  expect(manager.verify(factory.mint([], { mintedAtMs: 499 }), context)).toEqual(refused);
  expect(manager.verify(factory.mint(), context)).toEqual(refused);
  byDate.revoke({ mintedBeforeMs: 400 });
  expect(manager.verify(factory.mint([], { mintedAtMs: 499 }), context)).toEqual(refused);
  const byKey = new RevocationList();
  byKey.revoke({ keyId: "k1" });
  expect(judgedBy(byKey).verify(factory.mint(), context)).toEqual(refused);
});

test("a revoked discharge ends the token beside it", () => {
  const revoked = new RevocationList();
  const manager = judgedBy(revoked);
  const third = new Discharger(new Uint8Array(32).fill(9));
  const token = third.addCaveat(factory.mint(), "x");
  const answer = third.discharge(token.thirdPartyCaveats[0]!.id, () => []);
  const discharge = answer.ok ? answer.discharge : token;
  const discharges = [discharge.bindTo(token)];
  expect(manager.verify(token, context, { discharges }).ok).toBe(true);
  const dated = new RevocationList();
  dated.revoke({ mintedBeforeMs: 0 });
  const young = third.addCaveat(factory.mint([], { mintedAtMs: 1 }), "x");
  const other = third.discharge(young.thirdPartyCaveats[0]!.id, () => []);
  expect(judgedBy(dated).verify(young, context, { discharges: other.ok ? [other.discharge.bindTo(young)] : [] }).ok).toBe(true);
  revoked.revoke({ name: discharge.name });
  expect(manager.verify(token, context, { discharges })).toEqual(refused);
});

test("a list that answers with a promise is for consume; any other answer is an error", async () => {
  const token = factory.mint();
  const asked: Revocable[] = [];
  const list = (answer: unknown) => ({ isRevoked: (one: Revocable) => (asked.push(one), answer as boolean) });
  const managerOf = (answer: unknown) => new CapabilityManager(factory, createStandardVerifier(), { revoked: list(answer) });
  expect(await managerOf(Promise.resolve(true)).consume(token, context)).toEqual(refused);
  expect((await managerOf(Promise.resolve(false)).consume(token, context)).ok).toBe(true);
  expect(() => managerOf(Promise.resolve(false)).verify(token, context)).toThrow(RevocationError);
  for (const bad of [undefined, 0, "no", null]) {
    expect(() => managerOf(bad).verify(token, context)).toThrow(RevocationError);
    await expect(managerOf(bad).consume(token, context)).rejects.toThrow(RevocationError);
  }
  await expect(managerOf(Promise.reject(new Error("down"))).consume(token, context)).rejects.toThrow(RevocationError);
  expect(asked[0]).toMatchObject({ name: token.name, keyId: "k1", mintedAtMs: undefined, links: [token.link] });
});

test("a list forgets what has expired, is bounded, and refuses what it does not know", () => {
  const revoked = new RevocationList();
  revoked.revoke({ name: "a" }, 100);
  revoked.revoke({ name: "a" }, 200);
  revoked.revoke({ name: "b" });
  revoked.forget(150);
  expect(revoked.size).toBe(2);
  revoked.forget(200);
  expect(revoked.size).toBe(1);
  for (const bad of [{}, { name: "a", link: "b" }, { token: "a" }, { name: "" }, { name: 5 }, { mintedBeforeMs: "1" }, undefined]) {
    expect(() => revoked.revoke(bad as never)).toThrow(OptionError);
  }
  for (let at = revoked.size; at < REVOCATIONS_MAX; at += 1) revoked.revoke({ link: `${at}` }, 300);
  expect(() => revoked.revoke({ link: "one more" })).toThrow(RevocationError);
  revoked.forget(300);
  expect(revoked.size).toBe(1);
});
