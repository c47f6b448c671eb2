import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:net";
import { generateKey } from "@void-system/crypto";
import { peerId } from "@void-system/effects";
import { afterEach, expect, test } from "vitest";
import { CertificateError, ClosedError, ListenError, OptionError, PeerError, PortTakenError, TransportError } from "../src/index.ts";
import { listed, node, openNode } from "./nodes.ts";
import { tls, type TlsOptions, type TlsPeer, type TlsTransport } from "../src/tls/index.ts";

const opened: TlsTransport[] = [];
afterEach(() => Promise.all(opened.splice(0).map((one) => one.close(100))));

test("a taken port says which, and what to do", async () => {
  const [nodeA, nodeB] = await Promise.all([node("a"), node("b")]);
  const a = await openNode(nodeA);
  opened.push(a);
  const second = openNode(nodeB, { listen: { port: a.address!.port } });
  await expect(second).rejects.toThrow(PortTakenError);
  await expect(second).rejects.toThrow(`port ${a.address!.port} on 127.0.0.1 to be free`);
});

test("a port is free again after close", async () => {
  const nodeA = await node("a");
  const first = await openNode(nodeA);
  await first.close(100);
  const again = await openNode(nodeA, { listen: { port: first.address!.port } });
  opened.push(again);
  expect(again.address).toEqual(first.address);
});

test("an address that is not this machine's says so", async () => {
  await expect(openNode(await node("a"), { listen: { host: "203.0.113.1", port: 0 } })).rejects.toThrow(ListenError);
});

test("a node without a listener opens no port", async () => {
  const nodeA = await node("a");
  const a = await tls({ self: nodeA.id, cluster: "c", key: nodeA.key, certificate: nodeA.certificate, peers: [] });
  opened.push(a);
  expect(a.address).toBeUndefined();
});

test.each([
  ["no certificate", "hello"],
  ["a key", String(generateKeyPairSync("ed25519").publicKey.export({ type: "spki", format: "pem" }))],
])("refused as a certificate: %s", async (_name, certificate) => {
  await expect(openNode({ ...(await node("a")), certificate })).rejects.toThrow(CertificateError);
});

test("a certificate of another key is refused at once", async () => {
  const [nodeA, nodeB] = await Promise.all([node("a"), node("b")]);
  await expect(openNode({ ...nodeA, certificate: nodeB.certificate })).rejects.toThrow(/one of another key/);
});

test("a list of peers that contradicts itself is refused, and changes nothing", async () => {
  const [nodeA, nodeB, nodeC] = await Promise.all([node("a"), node("b"), node("c")]);
  const a = await openNode(nodeA, { peers: [listed(nodeB)] });
  opened.push(a);
  const b = listed(nodeB);
  const wrong: readonly (readonly TlsPeer[])[] = [
    [b, b],
    [b, { ...listed(nodeC), publicKey: nodeB.publicKey }],
    [listed(nodeA)],
    [{ ...b, id: nodeA.id }],
    [{ ...b, publicKey: nodeA.publicKey }],
    [{ ...b, publicKey: new Uint8Array(32) }],
    [{ ...b, publicKey: new Uint8Array(31) }],
    [{ ...b, publicKey: new Uint8Array(44) }],
    [{ ...b, host: "localhost" }],
    [{ ...b, port: 1 }],
    [{ ...b, host: "", port: 1 }],
    [{ ...b, host: "localhost", port: 0 }],
    [{ ...b, host: "localhost", port: 65_536 }],
    [{ ...b, host: "localhost", port: 1.5 }],
  ];
  for (const peers of wrong) expect(() => a.setPeers(peers)).toThrow(PeerError);
  expect(Object.keys(a.stats().links)).toEqual(["a", "b"]);
  await a.close(100);
  expect(() => a.setPeers([])).toThrow(ClosedError);
});

test.each([
  [{ frameBytes: 0 }],
  [{ frameBytes: 16 * 1024 * 1024 + 1 }],
  [{ frameBytes: 1.5 }],
  [{ queueBytes: 4 * 1024 * 1024 }],
  [{ unproven: 0 }],
  [{ handshakeBurst: 0 }],
  [{ handshakesPerSecond: 0.5 }],
  [{ windowBytes: 8 * 1024 * 1024 }],
  [{ frameBytes: 1_000, windowBytes: 2 * 1024 * 1024 - 1 }],
  [{ handshakeMs: 0 }],
  [{ heartbeatMs: 5_000 }],
  [{ reconnectMaxMs: 1 }],
  [{ patienceMs: -1 }],
  [{ silenceMs: Number.NaN }],
])("limits out of range are refused: %j", async (limits) => {
  await expect(openNode(await node("a"), { limits })).rejects.toThrow(OptionError);
});

/** Options that the types refuse, and what the error must name. */
const WRONG_OPTIONS: readonly (readonly [string, object])[] = [
  ["onHelo to be absent", { onHelo: () => undefined }],
  ["onHello to be a function", { onHello: "yes" }],
  ["limits.frameByte to be absent", { limits: { frameByte: 1 } }],
  ["limits to be an object", { limits: null }],
  ["limits.frameBytes to be a whole number", { limits: { frameBytes: "1000" } }],
  ["limits.frameBytes to be a whole number", { limits: { frameBytes: undefined } }],
  ["self to be 1 to 64 characters", { self: "bad name" }],
  ["self to be 1 to 64 characters", { self: undefined }],
  ["cluster to be 1 to 64 characters", { cluster: undefined }],
  ["cluster to be 1 to 64 characters", { cluster: 7 }],
  ["key to be an Ed25519 key", { key: undefined }],
  ["key to be an Ed25519 key", { key: "secret" }],
  ["key to be an Ed25519 key", { key: generateKey("hmac-sha256") }],
  ["certificate to be PEM", { certificate: undefined }],
  ["certificate to be PEM", { certificate: new Uint8Array(9) }],
  ["peers to be an array", { peers: undefined }],
  ["peers to be an array", { peers: {} }],
  ["peers[0] to be an object", { peers: ["b"] }],
  ["peers[0] to be an object", { peers: Object.assign([], { length: 1 }) }],
  ["peers[0].adress to be absent", { peers: [{ id: "b", publicKey: new Uint8Array(32), adress: "localhost" }] }],
  ["a name for peer", { peers: [{ id: "bad name", publicKey: new Uint8Array(32) }] }],
  ["an Ed25519 public key of 32 bytes", { peers: [{ id: "b", publicKey: "ab".repeat(32) }] }],
  ["an Ed25519 public key of 32 bytes", { peers: [{ id: "b" }] }],
  ["listen to be an object", { listen: 7000 }],
  ["listen.prt to be absent", { listen: { prt: 7000 } }],
  ["listen.port to be a whole number", { listen: {} }],
  ["listen.port to be a whole number", { listen: { port: "7000" } }],
  ["listen.port to be a whole number", { listen: { port: 70_000 } }],
  ["listen.host to be an address", { listen: { host: 7, port: 0 } }],
  ["hello to be a plain object", { hello: "hello" }],
  ["hello to be a plain object", { hello: new Map([[128, new Uint8Array(1)]]) }],
  ["a tag of hello to be a whole number", { hello: { "128.0": new Uint8Array(1) } }],
  ["a tag of hello to be a whole number", { hello: { "0x80": new Uint8Array(1) } }],
  ["clock to be an object with the method schedule", { clock: {} }],
  ["random to be an object with the method next", { random: () => 1 }],
  ["what random.next returns to be a number in [0, 1)", { random: { next: () => "0.5" } }],
  ["what random.next returns to be a number in [0, 1)", { random: { next: () => 1 } }],
  ["logger to be an object with the method log", { logger: console.log }],
];
test.each(WRONG_OPTIONS)("a wrong option is refused by name: %s, %j", async (named, options) => {
  const self = await node("a");
  // The helper adds limits of its own, so `tls` is called as it is.
  const opened = tls({ self: self.id, cluster: "c", key: self.key, certificate: self.certificate, peers: [], ...options } as TlsOptions);
  opened.then((transport) => transport.close(0), () => undefined);
  await expect(opened).rejects.toThrow(TransportError);
  await expect(opened).rejects.toThrow(named);
});

test("no options at all are refused", async () => {
  for (const wrong of [undefined, null, 7, []]) await expect(tls(wrong as never)).rejects.toThrow(OptionError);
});

test("a wrong argument of an open transport is refused, and nothing else happens", async () => {
  const a = await openNode(await node("a"));
  opened.push(a);
  for (const nobody of [undefined, null, 5, "c"]) expect(a.send(nobody as never, new Uint8Array(1))).toBe("down");
  for (const wrong of ["text", undefined, null, 5, [1], { length: 1 }]) {
    for (const to of [a.self, peerId("b")]) expect(() => a.send(to, wrong as never)).toThrow(/a frame to be a Uint8Array/);
    expect(() => a.onFrame(wrong as never)).toThrow(OptionError);
    expect(() => a.onLink(wrong as never)).toThrow(OptionError);
  }
  for (const wrong of ["100", undefined, Number.NaN, -1, Infinity]) expect(() => a.close(wrong as never)).toThrow(OptionError);
  expect(() => a.setPeers(undefined as never)).toThrow(OptionError);
});

test.each(["", "a b", "ä", "-a", "a".repeat(65), "a\n"])("refused as the name of a cluster: %j", async (cluster) => {
  await expect(openNode(await node("a"), { cluster })).rejects.toThrow(OptionError);
});

test("a plain TCP server on the port of a peer is no peer", async () => {
  const server = createServer((socket) => socket.end("220 hello\r\n"));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const bound = server.address();
  if (bound === null || typeof bound === "string") throw new Error("expected a port");
  const failures: string[] = [];
  const a = await openNode(await node("a"), {
    peers: [{ ...listed(await node("b")), host: "127.0.0.1", port: bound.port }],
    logger: { log: (_level, event) => failures.push(event) },
  });
  opened.push(a);
  while (failures.length === 0) await new Promise((resolve) => setImmediate(resolve));
  expect(failures).toEqual(["link-failed"]);
  expect(a.stats().links["b"]!.ups).toBe(0);
  server.close();
});
