/** Membership of plumtree over TLS, with records that one issuer has signed. */
import { ed25519, generateKey, type Signer, signPeerRecord } from "@void-system/crypto";
import { channel, peerId } from "@void-system/effects";
import { PlumtreeNode, signedRecords } from "@void-system/plumtree";
import { createCertificate } from "@void-system/transport/certificate";
import { tls } from "@void-system/transport/tls";
import { afterEach, expect, test, vi } from "vitest";

const issuer = ed25519.signer(generateKey("ed25519"));
const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

interface Contact {
  readonly name: string;
  readonly address: string;
}

/** Opens a node that listens on a free port. Its record has the address only once it is known, so it is renewed. */
async function member(name: string, contacts: readonly Contact[], by: Signer = issuer) {
  const key = generateKey("ed25519");
  const fields = { name, key: ed25519.signer(key).publicKey, network: "shop", expiresMs: Date.now() + 60_000 };
  const issuers = [issuer.publicKey, by.publicKey];
  const transport = await tls({
    self: peerId(name), cluster: "shop", key, certificate: await createCertificate(key, { name }), peers: [], listen: { port: 0 },
    records: { own: signPeerRecord(by, { ...fields, addresses: [] }), issuers: by === issuer ? [issuer.publicKey] : issuers },
  });
  const address = `127.0.0.1:${transport.address?.port}`;
  const record = signPeerRecord(by, { ...fields, addresses: [address] });
  transport.renewRecord(record);
  const node = new PlumtreeNode(name, {
    network: channel(transport, 1),
    membership: { record, readRecord: signedRecords({ network: "shop", issuers: [ed25519.loadPublicKey(issuer.publicKey)] }), contacts },
  });
  const got: unknown[] = [];
  node.subscribe((event) => void (event.type === "message" && got.push(event.value)));
  closing.push(async () => {
    node.close();
    await transport.close(500);
  });
  return { node, got, transport, contact: { name, address } };
}

const until = (holds: () => boolean): Promise<void> => vi.waitFor(() => expect(holds()).toBe(true), { timeout: 15_000 });

test("nodes that know one contact find each other, and replace one that has gone", async () => {
  const a = await member("a", []);
  const b = await member("b", [a.contact]);
  await until(() => b.node.stats().neighbours === 1);
  const c = await member("c", [b.contact]);
  await until(() => [a, b, c].every(({ node }) => node.stats().neighbours === 2));
  b.node.close();
  await b.transport.close(500);
  await until(() => [a, c].every(({ node }) => node.stats().neighbours === 1));
  a.node.broadcast("hello");
  await until(() => c.got.length === 1);
  expect(c.got).toEqual(["hello"]);
});

test("a node of another issuer is not let in", async () => {
  const a = await member("a", []);
  const x = await member("x", [a.contact], ed25519.signer(generateKey("ed25519")));
  await until(() => (a.transport.stats().refused["refused-unknown-key"] ?? 0) > 1);
  expect([a.node.stats().neighbours, x.node.stats().neighbours]).toEqual([0, 0]);
});
