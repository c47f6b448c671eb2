import { generateKeyPairSync } from "node:crypto";
import { createServer } from "node:net";
import { afterEach, expect, test } from "vitest";
import { CertificateError, ClosedError, ListenError, OptionError, PeerError, PortTakenError } from "../src/index.ts";
import { listed, node, openNode } from "./nodes.ts";
import type { TlsPeer, TlsTransport } from "../src/tls/index.ts";

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
  const { tls } = await import("../src/tls/index.ts");
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

test("unknown options and limits are refused by name", async () => {
  const self = await node("a");
  const wrong = [{ onHelo: () => undefined }, { onHello: "yes" }, { limits: { frameByte: 1 } }];
  for (const options of wrong) {
    // For the type checker they are no options; that is the point.
    const opened = openNode(self, options as object);
    opened.then((transport) => transport.close(0), () => undefined);
    await expect(opened).rejects.toThrow(OptionError);
    await expect(opened).rejects.toThrow(/onHelo to be absent|onHello to be a function|limits\.frameByte to be absent/);
  }
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
