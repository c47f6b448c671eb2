import { ed25519, generateKey, type Signer, signPeerRecord, unsignedPeerRecord } from "@void-system/crypto";
import { peerId } from "@void-system/effects";
import { afterEach, describe, expect, test } from "vitest";
import { ClosedError, OptionError } from "../src/index.ts";
import type { TlsRecords, TlsTransport } from "../src/tls/index.ts";
import { addressOf } from "../src/tls/peers/dialer.ts";
import { until } from "./compliance.ts";
import { listed, node, type OpenOptions, openNode } from "./nodes.ts";

const issuer = ed25519.signer(generateKey("ed25519"));
const stranger = ed25519.signer(generateKey("ed25519"));
const opened: TlsTransport[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((transport) => transport.close(500)));
});

async function fieldsOf(name: string) {
  return { name, key: (await node(name)).publicKey, addresses: [], network: "test", expiresMs: Date.now() + 60_000 };
}

/** Opens a node whose record a signer has signed, or nobody. */
async function member(name: string, by: Signer | undefined, options: OpenOptions & { trust?: Omit<TlsRecords, "own">; as?: string } = {}) {
  const { trust = { issuers: [issuer.publicKey] }, as = name, ...rest } = options;
  const fields = { ...(await fieldsOf(name)), name: as };
  const own = by ? signPeerRecord(by, fields) : unsignedPeerRecord(fields);
  const self = await node(name);
  const transport = await openNode({ ...self, id: peerId(as) }, { records: { own, ...trust }, ...rest });
  opened.push(transport);
  const links: string[] = [];
  transport.onLink((peer, state) => void links.push(`${peer} ${state}`));
  return { transport, links, address: `${transport.address!.host}:${transport.address!.port}` };
}

const open = { open: true } as const;

describe("a node that is not listed", () => {
  test("of another issuer is refused, on whichever side it is", async () => {
    const a = await member("a", issuer);
    const b = await member("b", stranger, { trust: { issuers: [stranger.publicKey, issuer.publicKey] } });
    b.transport.dial(peerId("a"), a.address);
    await until(() => b.links.length > 0 && a.transport.stats().refused["refused-unknown-key"] === 1);
    expect([b.links, a.links]).toEqual([["a failed"], []]);
    a.transport.dial(peerId("b"), b.address);
    await until(() => a.links.length > 0);
    expect(a.links).toEqual(["b failed"]);
  });

  test("without a record is refused, and so is one with a record that nobody has signed, but not in an open network", async () => {
    const a = await member("a", issuer);
    const b = await member("b", undefined, { trust: { issuers: [issuer.publicKey], open: true } });
    b.transport.dial(peerId("a"), a.address);
    await until(() => b.links.length > 0);
    expect(b.links).toEqual(["a failed"]);
    const [c, d] = [await member("c", undefined, { trust: open }), await member("d", undefined, { trust: open })];
    c.transport.dial(peerId("d"), d.address);
    await until(() => c.links.length > 0 && d.links.length > 0);
    expect([c.links, d.links]).toEqual([["d up"], ["c up"]]);
  });

  test("is another one than was dialed: the dial fails", async () => {
    const [a, b] = [await member("a", issuer), await member("b", issuer)];
    a.transport.dial(peerId("x"), b.address);
    await until(() => a.links.length > 0);
    expect(a.links).toEqual(["x failed"]);
    expect(a.transport.stats().links).not.toHaveProperty("x");
  });

  test("cannot take the name of a listed peer, whatever its record", async () => {
    const a = await member("a", issuer, { peers: [listed(await node("b"))] });
    const x = await member("x", issuer, { as: "b" });
    x.transport.dial(peerId("a"), a.address);
    await until(() => x.links.length > 0 && a.transport.stats().refused["refused-identity"] === 1);
    expect(x.links).toEqual(["a failed"]);
  });

  test("is forgotten once it has hung up, also in the counters", async () => {
    const [a, b] = [await member("a", issuer), await member("b", issuer)];
    a.transport.dial(peerId("b"), b.address);
    await until(() => a.links.length > 0 && b.links.length > 0);
    expect(a.transport.stats().links).toHaveProperty("b");
    a.transport.hangUp(peerId("b"));
    expect(a.transport.send(peerId("b"), new Uint8Array(1))).toBe("down");
    await until(() => a.links.length === 2 && b.links.length === 2);
    expect([a.transport.stats().links, b.transport.stats().links]).toEqual([{ a: expect.anything() }, { b: expect.anything() }]);
  });
});

test("a link with a listed peer is not hung up", async () => {
  const [a, b] = [await member("a", issuer), await member("b", issuer)];
  a.transport.setPeers([listed(await node("b"), b.transport)]);
  b.transport.setPeers([listed(await node("a"))]);
  await until(() => a.links.length > 0 && b.links.length > 0);
  a.transport.hangUp(peerId("b"));
  b.transport.hangUp(peerId("a"));
  expect(a.transport.send(peerId("b"), new Uint8Array(1))).toBe("sent");
  expect(a.links).toEqual(["b up"]);
});

test("a node that was linked by its record may be listed: the link stays", async () => {
  const [a, b] = [await member("a", issuer), await member("b", issuer)];
  a.transport.dial(peerId("b"), b.address);
  await until(() => a.links.length > 0 && b.links.length > 0);
  a.transport.setPeers([listed(await node("b"), b.transport)]);
  a.transport.hangUp(peerId("b"));
  expect(a.transport.send(peerId("b"), new Uint8Array(1))).toBe("sent");
});

test("a dial fails at once without records, and for an address that is none", async () => {
  const a = await member("a", issuer);
  for (const address of ["", "b", "b:0", "b:65536", "::1:7000", "[::1]", "a b:7000"]) {
    expect(addressOf(address), address).toBeUndefined();
    a.transport.dial(peerId("b"), address);
  }
  await until(() => a.links.length === 7);
  expect([addressOf("[::1]:7000"), addressOf("db.example:1")]).toEqual([{ host: "::1", port: 7_000 }, { host: "db.example", port: 1 }]);
  const plain = await openNode(await node("b"));
  opened.push(plain);
  const states: string[] = [];
  plain.onLink((peer, state) => void states.push(`${peer} ${state}`));
  plain.dial(peerId("a"), a.address);
  await until(() => states.length > 0);
  expect(states).toEqual(["a failed"]);
  expect(() => plain.renewRecord(new Uint8Array(1))).toThrow(OptionError);
});

test("records and options that cannot work are refused by name", async () => {
  const own = signPeerRecord(issuer, await fieldsOf("a"));
  const issuers = [issuer.publicKey];
  const self = await node("a");
  const wrong: readonly [Record<string, unknown>, RegExp][] = [
    [{ issuers }, /records.own/],
    [{ own }, /records.issuers/],
    [{ own, issuers: [new Uint8Array(3)] }, /records.issuers\[0\]/],
    [{ own, issuers, opne: true }, /records.opne/],
    [{ own, issuers, open: 1 }, /records.open/],
    [{ own, issuers, nowMs: 5 }, /records.nowMs/],
    [{ own, issuers: [stranger.publicKey] }, /an issuer of test/],
    [{ own: signPeerRecord(issuer, await fieldsOf("b")), issuers }, /this node's name and key/],
    [{ own: signPeerRecord(issuer, { ...(await fieldsOf("a")), expiresMs: 1 }), issuers }, /valid at/],
  ];
  for (const [records, text] of wrong) await expect(openNode(self, { records: records as never })).rejects.toThrow(text);
  const transport = await openNode(self, { records: { own, issuers } });
  transport.renewRecord(signPeerRecord(issuer, { ...(await fieldsOf("a")), addresses: ["10.0.0.1:1"] }));
  expect(() => transport.renewRecord(signPeerRecord(stranger, { name: "a", key: self.publicKey, addresses: [], network: "test", expiresMs: 2 ** 50 }))).toThrow(OptionError);
  await transport.close(500);
  expect(() => transport.renewRecord(own)).toThrow(ClosedError);
});
