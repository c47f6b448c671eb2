import { peerId } from "@void-system/effects";
import { toHex } from "@void-system/bytes";
import { expect, test } from "vitest";
import { Identity, keyOfPeer } from "../src/tls/peers/identity.ts";
import { keyIdOf, knockMessage } from "../src/tls/peers/knock.ts";
import { KNOCK_CHECKS_PER_SECOND, KnownPeers } from "../src/tls/peers/known-peers.ts";
import type { PinnedPeer } from "../src/tls/peers/peers.ts";
import { node } from "./nodes.ts";

test("a listed peer is known by its knock to this listener, and by no other's", async () => {
  const [a, b, c] = await Promise.all(["a", "b", "c"].map(async (name) => new Identity((await node(name)).key, (await node(name)).certificate)));
  const { publicKey } = await node("b");
  const key = keyOfPeer("b", publicKey);
  const peer: PinnedPeer = { id: peerId("b"), key, pin: toHex(key.toBytes()), address: undefined };
  const due: (() => void)[] = [];
  const known = new KnownPeers(a!.pin, { schedule: (_delayMs, wake) => (due.push(wake), () => undefined) });
  const keyId = keyIdOf(b!.pin);
  const knock = { keyId, signature: b!.sign(knockMessage(a!.pin)) };
  expect(known.pinOf(knock)).toBeUndefined();

  known.replace([peer]);
  expect(known.pinOf({ keyId, signature: b!.sign(knockMessage(c!.pin)) })).toBeUndefined();
  expect(known.pinOf({ keyId, signature: c!.sign(knockMessage(a!.pin)) })).toBeUndefined();
  // Checks of false ones are bounded; the next second has as many.
  for (let index = 0; index < KNOCK_CHECKS_PER_SECOND; index += 1) known.pinOf({ keyId, signature: new Uint8Array(64) });
  expect(known.pinOf(knock)).toBeUndefined();
  due.shift()!();
  expect(known.pinOf(knock)).toBe(b!.pin);
  // Once it is known, false ones cost no check, so they cannot keep it out.
  for (let index = 0; index < 2 * KNOCK_CHECKS_PER_SECOND; index += 1) expect(known.pinOf({ keyId, signature: new Uint8Array(64) })).toBeUndefined();
  expect(known.pinOf(knock)).toBe(b!.pin);
  known.replace([peer]);
  expect(known.pinOf(knock)).toBe(b!.pin);
  known.replace([]);
  expect(known.pinOf(knock)).toBeUndefined();
});

test("false knocks in the name of one peer use up its own share of checks and the common one, and no other's", async () => {
  const nodes = await Promise.all(["a", "b", "c"].map(node));
  const [a, b, c] = nodes.map(({ key, certificate }) => new Identity(key, certificate));
  const peers = [b!, c!].map(({ pin }, index): PinnedPeer => {
    const { id, publicKey } = nodes[index + 1]!;
    return { id, key: keyOfPeer(id, publicKey), pin, address: undefined };
  });
  const opened = (): KnownPeers => {
    const known = new KnownPeers(a!.pin, { schedule: () => () => undefined });
    known.replace(peers);
    return known;
  };
  const known = opened();
  const knock = (one: typeof b): { keyId: string; signature: Uint8Array } => ({ keyId: keyIdOf(one!.pin), signature: one!.sign(knockMessage(a!.pin)) });
  const attack = (listener: KnownPeers, times: number): void => {
    for (let index = 0; index < times; index += 1) listener.pinOf({ ...knock(b), signature: new Uint8Array(64) });
  };
  attack(known, KNOCK_CHECKS_PER_SECOND);
  known.replace(peers); // gives no second share
  expect(known.pinOf(knock(b))).toBeUndefined();
  expect(known.pinOf(knock(c))).toBe(c!.pin);

  const other = opened();
  attack(other, (KNOCK_CHECKS_PER_SECOND * 3) / 4 - 1);
  expect(other.pinOf(knock(b))).toBe(b!.pin);
});
