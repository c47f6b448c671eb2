import { once } from "node:events";
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, Socket } from "node:net";
import { networkInterfaces } from "node:os";
import { createServer, type TLSSocket } from "node:tls";
import { ed25519 } from "@void-system/crypto";
import { platformClock } from "@void-system/effects";
import { afterEach, expect, test, vi } from "vitest";
import { privateKeyPem } from "@void-system/crypto/node";
import { ALPN, CONTROL_BYTES_MAX, decodeControl, encodeCredit, encodeRefusal } from "../src/tls/connection/control.ts";
import type { Hello } from "../src/tls/connection/hello.ts";
import { createCertificate } from "../src/certificate.ts";
import { CertificateError, ClosedError, OptionError } from "../src/index.ts";
import { type TlsPeer, type TlsTransport } from "../src/tls/index.ts";
import { ascending, linkState, until, watched } from "./compliance.ts";
import { Identity } from "../src/tls/peers/identity.ts";
import { knockingProtocols } from "../src/tls/peers/knock.ts";
import { TLS_LIMITS } from "../src/tls/limits.ts";
import { collect, listed, node, type OpenOptions, openAll, openNode, type TestNode } from "./nodes.ts";
import { closed, firstBytes, framed, hello, rawTcp, rawTls, Wire } from "./raw.ts";

const opened: { close(deadlineMs: number): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close(200)));
});

async function open(self: TestNode, options: OpenOptions = {}): Promise<TlsTransport> {
  const transport = await openNode(self, options);
  opened.push(transport);
  return transport;
}

/** A listening node `a` that knows `b`, to be attacked by hand. */
async function victim(options: OpenOptions = {}): Promise<{ a: TlsTransport; nodeB: TestNode }> {
  const [nodeA, nodeB] = await Promise.all([node("a"), node("b")]);
  return { a: await open(nodeA, { peers: [listed(nodeB)], ...options }), nodeB };
}

/** Two linked nodes, with a wire between them that can be cut. */
async function wired(options: OpenOptions = {}): Promise<{ a: TlsTransport; b: TlsTransport; wire: Wire }> {
  const { a, nodeB } = await victim(options);
  const wire = await Wire.to(a);
  opened.push(wire);
  const peer: TlsPeer = { ...listed(await node("a")), ...wire.address };
  const b = await open(nodeB, { peers: [peer], dialOnly: true, ...options });
  await Promise.all([linkState(a, b.self, "up"), linkState(b, a.self, "up")]);
  return { a, b, wire };
}

test("a key that is not listed is refused: both operators can read why, and the listener's who it was", async () => {
  const [logA, logM] = [collect(), collect()];
  const { a } = await victim({ logger: logA });
  const mallory = await node("mallory");
  await open(mallory, { peers: [listed(await node("a"), a)], dialOnly: true, logger: logM });
  await until(() => logM.events.some((event) => event.includes("refused-by-peer-unknown-key")));
  await until(() => logA.events.length > 0);
  const { keyId } = ed25519.signer(mallory.key);
  expect(logA.events[0]).toMatch(new RegExp(`^connection-refused {"reason":"refused-unknown-key","address":"127.0.0.1 \\d+","keyId":"${keyId}"}$`));
  expect(a.stats().refused["refused-unknown-key"]).toBeGreaterThan(0);
  expect(a.stats().links["b"]!.ups).toBe(0);
});

test("who is refused before it shows a key is logged by its address", async () => {
  const logger = collect();
  const { a } = await victim({ logger });
  const garbage = rawTcp(a);
  await once(garbage, "connect");
  const { localPort } = garbage;
  garbage.write("GET / HTTP/1.1\r\n\r\n");
  await closed(garbage);
  const anonymous = rawTls(a, undefined);
  await closed(anonymous);
  await until(() => logger.events.length === 2);
  expect(logger.events[0]).toBe(`connection-refused {"reason":"tls","address":"127.0.0.1 ${localPort}"}`);
  expect(logger.events[1]).toMatch(/^connection-refused {"reason":"no-key","address":"127.0.0.1 \d+"}$/);
});

test("a dialer that meets another key than the pinned one says nothing and tries again", async () => {
  const [nodeA, nodeB, mallory] = await Promise.all([node("a"), node("b"), node("mallory")]);
  const impostor = await open({ ...mallory, id: nodeB.id }, { peers: [listed(nodeA)] });
  const logger = collect();
  const a = await open(nodeA, { peers: [{ ...listed(nodeB), ...impostor.address }], logger });
  await until(() => logger.events.some((event) => event.includes("wrong-key")));
  await until(() => Object.values(impostor.stats().refused).reduce((sum, count) => sum + count, 0) > 1);
  expect(a.stats().links["b"]!.ups).toBe(0);
  expect(logger.events.filter((event) => event.startsWith("link-failed"))).toHaveLength(1);
});

test("no certificate, TLS 1.2, no ALPN, and bytes that are no TLS are refused", async () => {
  const { a, nodeB } = await victim();
  await closed(rawTls(a, undefined));
  await closed(rawTls(a, nodeB, { maxVersion: "TLSv1.2" }));
  await closed(rawTls(a, nodeB, { ALPNProtocols: [] }));
  await closed(rawTls(a, nodeB, { ALPNProtocols: ["h2"] }));
  const garbage = rawTcp(a);
  garbage.write("GET / HTTP/1.1\r\n\r\n");
  await closed(garbage);
  await until(() => a.stats().unproven === 0);
  expect(a.stats().refused["no-key"]).toBeGreaterThanOrEqual(2);
  expect(a.stats().refused["tls"]).toBeGreaterThanOrEqual(2);
  expect(a.stats().links["b"]!.ups).toBe(0);
});

test("a resumed session is refused: it would hide a certificate", async () => {
  const { a, nodeB } = await victim();
  const first = rawTls(a, nodeB);
  const session = await new Promise<Buffer>((resolve) => first.once("session", resolve));
  first.destroy();
  const second = rawTls(a, nodeB, { session });
  const reused = new Promise((resolve) => second.once("secureConnect", () => resolve(second.isSessionReused())));
  expect(await reused).toBe(true);
  await closed(second);
  await until(() => a.stats().refused["no-key"] === 1);
});

const hostile: readonly (readonly [string, string, (socket: TLSSocket) => void])[] = [
  ["a frame before the hello", "frame-too-long", (socket) => socket.write(framed(ascending(1)))],
  ["an empty frame before the hello", "frame-before-hello", (socket) => socket.write(framed(ascending(0)))],
  ["a sign of life before the hello", "frame-before-hello", (socket) => socket.write(framed(Uint8Array.of(3), true))],
  ["a control frame of no known type", "malformed-control", (socket) => socket.write(framed(Uint8Array.of(9), true))],
  ["an empty control frame", "malformed-control", (socket) => socket.write(framed(ascending(0), true))],
  ["a hello with a byte too many", "malformed-control", (socket) => socket.write(framed(Uint8Array.from([...hello("b").slice(4), 0]), true))],
  ["a control frame beyond the bound", "frame-too-long", (socket) => socket.write(framed(ascending(1), true, CONTROL_BYTES_MAX + 1))],
  ["a length of 2 GiB", "frame-too-long", (socket) => socket.write(framed(ascending(1), false, 0x7fff_ffff))],
  ["the hello of another cluster", "refused-cluster", (socket) => socket.write(hello("b", "other"))],
  ["the hello of another name", "refused-identity", (socket) => socket.write(hello("c"))],
  ["a bad hello, then a good one", "refused-cluster", (socket) => socket.write(Buffer.concat([hello("b", "other"), hello("b")]))],
  ["a bad hello, then frames", "refused-cluster", (socket) => socket.write(Buffer.concat([hello("b", "other"), framed(ascending(9))]))],
  ["the hello of another version", "refused-version", (socket) => socket.write(framed(Uint8Array.of(1, 2, 0, 0), true))],
];
test.each(hostile)("a listed peer that sends %s is refused", async (_name, reason, act) => {
  const { a, nodeB } = await victim();
  const socket = rawTls(a, nodeB);
  socket.once("secureConnect", () => act(socket));
  await closed(socket);
  await until(() => a.stats().unproven === 0);
  expect(a.stats().refused).toEqual({ [reason]: 1 });
});

test("a refusal says why, to the other operator", async () => {
  const { a, nodeB } = await victim();
  const logger = collect();
  await open(nodeB, { cluster: "other", peers: [listed(await node("a"), a)], logger, dialOnly: true });
  await until(() => logger.events.some((event) => event.includes("refused-by-peer-cluster")));
  await until(() => (a.stats().refused["refused-cluster"] ?? 0) > 0);
  expect(a.stats().links["b"]!.ups).toBe(0);
});

const breaches: readonly (readonly [string, Uint8Array])[] = [
  ["a length of 2 GiB", framed(ascending(1), false, 0x7fff_ffff)],
  ["a frame longer than the limit", framed(ascending(1), false, 4 * 1024 * 1024 + 1)],
  ["a second hello", hello("b")],
  ["a malformed control frame", framed(Uint8Array.of(2, 200), true)],
  ["credit that nobody spent", framed(encodeCredit(1), true)],
];
test.each(breaches)("a linked peer that sends %s loses the link", async (_name, bytes) => {
  const { a, nodeB } = await victim();
  const frames: number[] = [];
  a.onFrame((_from, frame) => frames.push(frame.length));
  const socket = rawTls(a, nodeB);
  socket.once("secureConnect", () => socket.write(Buffer.concat([hello("b"), framed(ascending(7)), bytes, framed(ascending(9))])));
  await closed(socket);
  await until(() => a.stats().links["b"]!.state === "down");
  expect(frames).toEqual([7]);
  expect(a.stats().links["b"]).toMatchObject({ ups: 1, state: "down", receivedFrames: 1 });
});

test("a frame in single bytes arrives; half a frame, then silence, ends the link", async () => {
  const { a, nodeB } = await victim({ limits: { heartbeatMs: 20, silenceMs: 60 } });
  const frames: Uint8Array[] = [];
  a.onFrame((_from, frame) => frames.push(frame));
  const socket = rawTls(a, nodeB);
  socket.once("secureConnect", () => {
    for (const byte of [...hello("b"), ...framed(ascending(5))]) socket.write(Uint8Array.of(byte));
    socket.write(framed(ascending(3), false, 100));
  });
  await until(() => a.stats().links["b"]!.ups === 1 && a.stats().links["b"]!.state === "down");
  expect(frames).toEqual([ascending(5)]);
});

test("a stranger who dawdles is thrown out, at any stage", async () => {
  const { a, nodeB } = await victim({ limits: { handshakeMs: 60 } });
  await Promise.all([closed(rawTcp(a)), closed(rawTls(a, nodeB))]);
  await until(() => a.stats().unproven === 0);
  expect(a.stats().refused).toMatchObject({ "no-handshake": 1, "no-hello": 1 });
});

test("a storm of strangers is bounded, and honest peers come through it", async () => {
  const { a, nodeB } = await victim({ limits: { unproven: 8 } });
  const storm = Array.from({ length: 100 }, () => rawTcp(a));
  let most = 0;
  const watch = setInterval(() => (most = Math.max(most, a.stats().unproven)), 1);
  const b = await open(nodeB, { peers: [listed(await node("a"), a)], dialOnly: true });
  await Promise.all([linkState(a, b.self, "up"), until(() => storm.filter((socket) => socket.destroyed).length >= 92)]);
  clearInterval(watch);
  expect(most).toBeLessThanOrEqual(8);
  expect(a.stats().refused["too-many-strangers"]).toBeGreaterThanOrEqual(92);
  for (const socket of storm) socket.destroy();
});

test("connections from one address and port to several addresses of the listener are told apart, and close waits for none", async () => {
  const { a } = await victim({ listen: { host: "0.0.0.0", port: 0 } });
  const { port } = a.address!;
  const first = connectTcp({ host: "127.0.0.1", port, localAddress: "127.0.0.1" });
  await once(first, "connect");
  const same = { localAddress: "127.0.0.1", localPort: first.localPort! };
  const second = connectTcp({ host: "127.0.0.2", port, ...same });
  await once(second, "connect");
  await until(() => a.stats().unproven === 2);
  // A handshake on the third ends it, and its deadline only.
  const third = rawTls(a, undefined, { host: "127.0.0.3", ...same });
  await Promise.all([closed(third), until(() => a.stats().refused["no-key"] === 1)]);
  await until(() => a.stats().unproven === 2);
  const gone = [first, second].map((socket) => closed(socket.on("error", () => undefined).resume()));
  await a.close(0);
  await Promise.all(gone);
  expect(a.stats().refused).toEqual({ "no-key": 1 });
});

test("a storm out of one address costs few handshakes, and other addresses nothing", async () => {
  const { a, nodeB } = await victim({ limits: { handshakeBurst: 5, handshakesPerSecond: 1 } });
  let handshakes = 0;
  const storm = Array.from({ length: 60 }, () => rawTls(a, nodeB, { localAddress: "127.0.0.2" }));
  for (const socket of storm) socket.once("secureConnect", () => (handshakes += 1));
  const b = await open(nodeB, { peers: [listed(await node("a"), a)], dialOnly: true });
  await Promise.all([linkState(a, b.self, "up"), until(() => (a.stats().refused["too-many-connections"] ?? 0) >= 54)]);
  // Time may have forgiven one or two in between.
  expect(handshakes).toBeLessThanOrEqual(7);
  for (const socket of storm) socket.destroy();
});

test("a peer whose frames take long has half a millisecond of each turn of the event loop", async () => {
  const [a, b] = await openAll(["a", "b"]);
  opened.push(a!, b!);
  await Promise.all([linkState(a!, b!.self, "up"), linkState(b!, a!.self, "up")]);
  let nowMs = performance.now();
  const clock = vi.spyOn(performance, "now").mockImplementation(() => nowMs);
  let turn = 0;
  let counting = setImmediate(function next() {
    turn += 1;
    counting = setImmediate(next);
  });
  const turns = new Map<number, number>();
  let frames = 0;
  a!.onFrame(() => {
    frames += 1;
    nowMs += 0.25;
    turns.set(turn, (turns.get(turn) ?? 0) + 1);
  });
  for (let i = 0; i < 400; i += 1) b!.send(a!.self, new Uint8Array(8_192));
  await until(() => frames === 400);
  clearImmediate(counting);
  clock.mockRestore();
  // TLS hands over 16 KiB at a time, and a stream keeps up to 32 KiB more when it is told to rest; a turn without rest has up to 2 MiB.
  expect(Math.max(...turns.values())).toBeLessThanOrEqual(16);
});

test("a peer that was turned away and sends on has no more of a turn than others", async () => {
  const { a, nodeB } = await victim();
  const socket = rawTls(a, nodeB, { allowHalfOpen: true });
  socket.write(hello("b", "elsewhere"));
  await until(() => socket.readableEnded);
  const clock = vi.spyOn(performance, "now").mockImplementation(((nowMs: number) => () => (nowMs += 1))(performance.now()));
  const pause = vi.spyOn(Socket.prototype, "pause");
  socket.write(new Uint8Array(64 * 1024));
  await until(() => pause.mock.calls.length >= 4);
  clock.mockRestore();
  pause.mockRestore();
  socket.destroy();
  expect(a.stats().links["b"]!.ups).toBe(0);
});

test.each([["an unlisted key", "mallory", "test", "refused-unknown-key"], ["a listed peer", "b", "elsewhere", "refused-cluster"]])("%s that was turned away, stays and sends on is cut off", async (_name, who, cluster, reason) => {
  const { a } = await victim({ limits: { handshakeMs: 600_000 } });
  const socket = rawTls(a, await node(who), { allowHalfOpen: true });
  socket.write(hello("b", cluster));
  await until(() => socket.readableEnded);
  socket.write(new Uint8Array(256 * 1024));
  await until(() => Object.keys(a.stats().refused).length > 0); // counted when its socket is closed
  expect(a.stats().refused).toEqual({ [reason]: 1 });
  socket.destroy();
});

test("a cut link comes back by itself, and frames pass again", async () => {
  const { a, b, wire } = await wired();
  for (let round = 2; round <= 4; round += 1) {
    wire.cut();
    await until(() => a.stats().links["b"]!.ups === round && b.stats().links["a"]!.ups === round);
  }
  const arrived = new Promise((resolve) => a.onFrame((_from, frame) => resolve([...frame])));
  await until(() => b.send(a.self, Uint8Array.of(1, 2)) === "sent");
  expect(await arrived).toEqual([1, 2]);
});

test("a half-open link is noticed by its silence, on both ends, and replaced", async () => {
  const { a, b, wire } = await wired({ limits: { heartbeatMs: 20, silenceMs: 100, handshakeMs: 300 } });
  const told = await Promise.all([watched(a), watched(b)]);
  wire.freeze(true);
  await until(() => told[0].includes("b down") && told[1].includes("a down"));
  wire.freeze(false);
  await until(() => told[0].at(-1) === "b up" && told[1].at(-1) === "a up");
  expect(a.send(b.self, ascending(1))).toBe("sent");
});

test("a peer that restarts replaces its old link, even if that is not known to be dead", async () => {
  const { a, nodeB } = await victim();
  const first = rawTls(a, nodeB);
  first.once("secureConnect", () => first.write(hello("b")));
  await linkState(a, nodeB.id, "up");
  const told = await watched(a);
  const second = rawTls(a, nodeB);
  second.once("secureConnect", () => second.write(hello("b")));
  await Promise.all([closed(first), until(() => a.stats().links["b"]!.ups === 2)]);
  expect(told).toEqual(["b up", "b down", "b up"]);
  expect(second.destroyed).toBe(false);
});

/** A clock on which nobody is forgiven: allowances are not refilled. */
function unforgiving(): NonNullable<OpenOptions["clock"]> {
  const { schedule } = platformClock();
  return { schedule: (delayMs, wake) => (delayMs === 1_000 ? () => undefined : schedule(delayMs, wake)) };
}

test("an address under attack keeps its listed peers out of nothing: 40 link that only dial", async () => {
  const names = Array.from({ length: 40 }, (_, index) => `dialer${index}`);
  const nodes = await Promise.all(names.map(node));
  const limits = { ...TLS_LIMITS, heartbeatMs: 900 };
  const a = await open(await node("a"), { peers: nodes.map((one) => listed(one)), limits, clock: unforgiving() });
  // The allowance of the address is used up, as it is for as long as somebody takes every token at once.
  const mallory = await node("mallory");
  const storm = Array.from({ length: limits.handshakeBurst + 1 }, () => rawTls(a, mallory));
  await until(() => (a.stats().refused["too-many-connections"] ?? 0) > 0);
  const peers = [listed(await node("a"), a)];
  await Promise.all(nodes.map(async (self) => linkState(await open(self, { peers, dialOnly: true }), a.self, "up")));
  expect(Object.values(a.stats().links).filter(({ ups }) => ups === 1).length).toBe(40);
  for (const socket of storm) socket.destroy();
});

test("a listed peer that knocks again and again has an allowance of its own, and no more", async () => {
  const { a, nodeB } = await victim({ limits: { handshakeBurst: 2, heartbeatMs: 900 }, clock: unforgiving() });
  const identity = new Identity(nodeB.key, nodeB.certificate);
  const ALPNProtocols = knockingProtocols(identity.pin, new Identity((await node("a")).key, (await node("a")).certificate).pin, identity.sign);
  let handshakes = 0;
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const socket = rawTls(a, nodeB, { ALPNProtocols });
    socket.once("secureConnect", () => {
      handshakes += 1;
      socket.destroy();
    });
    await closed(socket);
  }
  expect(handshakes).toBe(4 + 2);
  expect(a.stats().refused["too-many-connections"]).toBe(4);
});

test("a listed peer that knocks has four places that strangers do not push it out of, and no more", async () => {
  const seconds: (() => void)[] = [];
  const { schedule } = platformClock();
  const clock = { schedule: (delayMs: number, wake: () => void) => (delayMs === 1_000 ? (seconds.push(wake), () => undefined) : schedule(delayMs, wake)) };
  const { a, nodeB } = await victim({ limits: { unproven: 8, heartbeatMs: 900 }, clock });
  const identity = new Identity(nodeB.key, nodeB.certificate);
  const ALPNProtocols = knockingProtocols(identity.pin, new Identity((await node("a")).key, (await node("a")).certificate).pin, identity.sign);
  const sockets: TLSSocket[] = [];
  for (let place = 0; place < 8; place += 1) {
    for (const wake of seconds.splice(0)) wake(); // its allowance of handshakes comes back
    const socket = rawTls(a, nodeB, { ALPNProtocols });
    await once(socket, "secureConnect");
    sockets.push(socket);
  }
  const stranger = rawTcp(a);
  await closed(sockets[4]!);
  expect(sockets.map(({ destroyed }) => destroyed)).toEqual([false, false, false, false, true, false, false, false]);
  for (const socket of [...sockets, stranger]) socket.destroy();
});

test("strangers who send nothing take no handshake from their address", async () => {
  const { a, nodeB } = await victim({ limits: { handshakeBurst: 1, unproven: 4, heartbeatMs: 900 }, clock: unforgiving() });
  const storm = Array.from({ length: 20 }, () => rawTcp(a));
  await until(() => a.stats().refused["too-many-strangers"] === 16);
  const socket = rawTls(a, nodeB);
  await once(socket, "secureConnect");
  expect(a.stats().refused).toEqual({ "too-many-strangers": 17 }); // one more made room for this one
  for (const one of [...storm, socket]) one.destroy();
});

test("two processes with one key: said once, at error, on both sides; one stays linked, and the other follows it", async () => {
  const { a, nodeB, levels, events } = await watchedVictim();
  const peers = [listed(await node("a"), a)];
  const logB = collect();
  const first = await open(nodeB, { peers, dialOnly: true, logger: logB });
  await linkState(a, nodeB.id, "up");
  const second = await open(nodeB, { peers, dialOnly: true });
  await until(() => (a.stats().refused["refused-twin"] ?? 0) > 3);
  expect(a.stats().links["b"]).toMatchObject({ state: "up", ups: 2, trouble: "refused-twin" });
  const errors = events.filter((_, index) => levels[index] === "error");
  expect(errors).toHaveLength(1);
  expect(errors[0]).toMatch(/^two-processes-with-one-key {"peer":"b","keyId":"[0-9a-f]{32}","linked":"127.0.0.1 \d+","refused":"127.0.0.1 \d+"}$/);
  expect(logB.events.filter((event) => event.includes("refused-by-peer-twin"))).toHaveLength(1);
  await second.close(100);
  await until(() => a.stats().links["b"]!.ups === 3 && first.stats().links["a"]!.state === "up");
  expect(a.stats().links["b"]!.trouble).toBeUndefined();
});

test("two processes with one key, one of them dialed: said as soon as the linked one has shown that it lives", async () => {
  const { a, nodeB, levels, events } = await watchedVictim({ limits: { heartbeatMs: 20, silenceMs: 100 } });
  const first = await open(nodeB, { peers: [listed(await node("a"))], limits: { heartbeatMs: 20, silenceMs: 100 } });
  a.setPeers([listed(nodeB, first)]);
  await linkState(a, nodeB.id, "up");
  await open(nodeB, { peers: [listed(await node("a"), a)], dialOnly: true });
  await until(() => (a.stats().refused["refused-twin"] ?? 0) > 0);
  expect(a.stats().refused["refused-duplicate"]).toBeGreaterThan(0);
  expect(events.filter((_, index) => levels[index] === "error")).toHaveLength(1);
  expect(a.stats().links["b"]).toMatchObject({ state: "up", ups: 1 });
});

test("a second process that comes and goes: said each time, although the first one is never refused", async () => {
  const { a, nodeB, levels } = await watchedVictim();
  const linked = async (instance: string): Promise<TLSSocket> => {
    const { ups } = a.stats().links["b"]!;
    const socket = rawTls(a, nodeB);
    socket.once("secureConnect", () => socket.write(hello("b", "test", { instance })));
    await until(() => a.stats().links["b"]!.ups === ups + 1);
    return socket;
  };
  for (let life = 1; life <= 2; life += 1) {
    await linked("11".repeat(8));
    expect(levels.filter((level) => level === "error")).toHaveLength(life - 1);
    const second = await linked(`2${life}`.repeat(8));
    second.destroy();
    await until(() => a.stats().links["b"]!.state === "down");
    const back = await linked("11".repeat(8));
    expect(levels.filter((level) => level === "error")).toHaveLength(life);
    expect(a.stats().links["b"]!.trouble).toBeUndefined();
    back.destroy();
    await until(() => a.stats().links["b"]!.state === "down");
  }
});

test("a linked process that has only fallen silent is no twin of another: this node may have been stopped itself", async () => {
  const limits = { heartbeatMs: 100_000, silenceMs: 500_000 };
  const suspicions: (() => void)[] = [];
  const { schedule } = platformClock();
  const clock = { schedule: (delayMs: number, wake: () => void) => (delayMs === 800_000 ? (suspicions.push(wake), () => undefined) : schedule(delayMs, wake)) };
  const { a, nodeB, levels } = await watchedVictim({ limits, clock });
  const first = await open(nodeB, { peers: [listed(await node("a"))], limits });
  const wire = await Wire.to(first);
  opened.push(wire);
  let frames = 0;
  a.onFrame(() => (frames += 1));
  a.setPeers([{ ...listed(nodeB), ...wire.address }]);
  await Promise.all([linkState(a, nodeB.id, "up"), linkState(first, a.self, "up")]);
  first.send(a.self, ascending(1));
  await until(() => frames === 1);
  wire.freeze(true);
  await open(nodeB, { peers: [listed(await node("a"), a)], limits, dialOnly: true });
  await until(() => suspicions.length === 1);
  suspicions[0]!();
  expect(levels).not.toContain("error");

  wire.freeze(false);
  await until(() => suspicions.length === 2);
  first.send(a.self, ascending(1));
  await until(() => frames === 2);
  suspicions[1]!();
  expect(levels.filter((level) => level === "error")).toHaveLength(1);
});

test("two processes with one key and one source of chance are found to be two", async () => {
  const { a, nodeB } = await victim();
  const options: OpenOptions = { peers: [listed(await node("a"), a)], dialOnly: true, random: { next: () => 0.5 } };
  await open(nodeB, options);
  await linkState(a, nodeB.id, "up");
  await open(nodeB, options);
  await until(() => (a.stats().refused["refused-twin"] ?? 0) > 0);
  expect(a.stats().links["b"]!.ups).toBe(2);
});

async function watchedVictim(options: OpenOptions = {}): Promise<Awaited<ReturnType<typeof victim>> & { levels: string[]; events: string[] }> {
  const [levels, events]: [string[], string[]] = [[], []];
  const logger = { log: (level: string, event: string, fields: unknown) => (levels.push(level), events.push(`${event} ${JSON.stringify(fields)}`)) };
  return { ...(await victim({ ...options, logger })), levels, events };
}

test("a link that comes up and breaks at once is dialed in growing pauses", async () => {
  const [nodeA, nodeB] = await Promise.all([node("a"), node("b")]);
  const server = createServer({ key: privateKeyPem(nodeA.key), cert: nodeA.certificate, ALPNProtocols: [ALPN], requestCert: true, rejectUnauthorized: false });
  server.on("secureConnection", (socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => socket.end(hello("a"))); // up for the dialer, and over
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const delays: number[] = [];
  const { schedule } = platformClock();
  const clock = { schedule: (delayMs: number, wake: () => void) => (delays.push(delayMs), schedule(delayMs, wake)) };
  const limits = { reconnectMinMs: 2, reconnectMaxMs: 128, heartbeatMs: 900 };
  const b = await open(nodeB, { peers: [{ ...listed(nodeA), host: "127.0.0.1", port }], dialOnly: true, clock, limits, random: { next: () => 0.999 } });
  await until(() => b.stats().links["a"]!.ups >= 6);
  expect(delays.filter((delayMs) => delayMs <= 64).slice(0, 6)).toEqual([0, 2, 4, 8, 16, 32]);
  server.close();
});

test("a peer without patience dials in growing pauses too", async () => {
  const server = createTcpServer((socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const delays: number[] = [];
  const { schedule } = platformClock();
  const clock = { schedule: (delayMs: number, wake: () => void) => (delays.push(delayMs), schedule(delayMs, wake)) };
  const limits = { reconnectMinMs: 2, reconnectMaxMs: 128, patienceMs: 0 };
  await open(await node("b"), { peers: [{ ...listed(await node("a")), host: "127.0.0.1", port }], clock, limits, random: { next: () => 0.999 } });
  const pauses = (): number[] => delays.filter((delayMs) => delayMs <= 64);
  await until(() => pauses().length >= 6);
  expect(pauses().slice(0, 6)).toEqual([0, 2, 4, 8, 16, 32]);
  server.close();
});

test("of two that dial at once one connection stays", async () => {
  for (let round = 0; round < 5; round += 1) {
    const [a, b] = await openAll(["a", "b"], { limits: { patienceMs: 0 } });
    opened.push(a!, b!);
    await Promise.all([linkState(a!, b!.self, "up"), linkState(b!, a!.self, "up")]);
    let back = 0;
    b!.onFrame((from, frame) => b!.send(from, frame));
    a!.onFrame(() => (back += 1));
    await until(() => a!.send(b!.self, ascending(9)) === "sent" && back > 0);
    await until(() => a!.stats().unproven === 0 && b!.stats().unproven === 0);
    expect(a!.stats().links["b"]!.ups).toBeLessThanOrEqual(2);
    expect(b!.stats().links["a"]!.ups).toBeLessThanOrEqual(2);
  }
});

test("a larger id dials too when nobody dials it", async () => {
  const [nodeA, nodeB] = await Promise.all([node("a"), node("b")]);
  const a = await open(nodeA, { peers: [listed(nodeB)] }); // does not know where b is
  const b = await open(nodeB, { peers: [listed(nodeA, a)], limits: { patienceMs: 20 } });
  await Promise.all([linkState(a, b.self, "up"), linkState(b, a.self, "up")]);
  // The hybrid from OpenSSL 3.5 on, which Node 22 does not name.
  expect(["X25519", "X25519MLKEM768", undefined]).toContain(b.stats().links["a"]!.keyExchange);
});

test("a peer that does not read fills its own queue and nobody else's", async () => {
  const { a, nodeB } = await victim({ limits: { queueBytes: 5 * 1024 * 1024 } });
  const nodeC = await node("c");
  a.setPeers([listed(nodeB), listed(nodeC)]);
  const c = await open(nodeC, { peers: [listed(await node("a"), a)], dialOnly: true });
  const stuck = rawTls(a, nodeB);
  stuck.once("secureConnect", () => stuck.write(hello("b")));
  await Promise.all([linkState(a, nodeB.id, "up"), linkState(a, c.self, "up"), linkState(c, a.self, "up")]);
  stuck.pause();
  const frame = new Uint8Array(256 * 1024);
  let refused = 0;
  while (refused < 20) {
    if (a.send(nodeB.id, frame) === "full") refused += 1;
    expect(a.stats().links["b"]!.queuedBytes).toBeLessThanOrEqual(5 * 1024 * 1024);
    await new Promise((resolve) => setImmediate(resolve));
  }
  let arrived = 0;
  c.onFrame(() => (arrived += 1));
  for (let i = 0; i < 10; i += 1) expect(a.send(c.self, frame)).toBe("sent");
  await until(() => arrived === 10);
  const writable = linkState(a, nodeB.id, "writable");
  stuck.resume();
  await writable;
  expect(a.stats().links["b"]!.lostFull).toBe(refused);
});

test("what was sent before closing arrives, even if the other side is talking all the time", async () => {
  const [nodeA, nodeB] = await Promise.all([node("a"), node("b")]);
  for (let round = 0; round < 10; round += 1) {
    const b = await open(nodeB, { peers: [listed(nodeA)] });
    const a = await open(nodeA, { peers: [listed(nodeB, b)] });
    await Promise.all([linkState(a, b.self, "up"), linkState(b, a.self, "up")]);
    let arrived = 0;
    b.onFrame(() => (arrived += 1));
    const frame = ascending(20_000);
    let talking = true;
    const talk = (): void => {
      while (b.send(a.self, frame) === "sent");
      if (talking) setImmediate(talk);
    };
    talk();
    for (let i = 0; i < 100; i += 1) expect(a.send(b.self, frame)).toBe("sent");
    await a.close(5_000);
    await until(() => b.stats().links["a"]!.state === "down");
    talking = false;
    expect(arrived).toBe(100);
  }
});

test("closing does not wait for a peer that does not read longer than it may", async () => {
  const { a, nodeB } = await victim();
  const stuck = rawTls(a, nodeB);
  stuck.once("secureConnect", () => stuck.write(hello("b")));
  await linkState(a, nodeB.id, "up");
  stuck.pause();
  while (a.send(nodeB.id, new Uint8Array(1024 * 1024)) === "sent");
  await a.close(50);
  expect(a.stats().links["b"]!.state).toBe("down");
  stuck.destroy();
});

test("a frame that is too long for either end is full at once, counted and logged, and the link stays up", async () => {
  const [logA, logB] = [collect(), collect()];
  const { a, nodeB } = await victim({ limits: { frameBytes: 1_000 }, logger: logA });
  const b = await open(nodeB, { peers: [listed(await node("a"), a)], dialOnly: true, logger: logB });
  await Promise.all([linkState(a, b.self, "up"), linkState(b, a.self, "up")]);
  const arrived = new Promise((resolve) => a.onFrame((_from, frame) => resolve(frame.length)));
  for (const [from, to, logger] of [[a, b, logA], [b, a, logB]] as const) {
    for (let time = 0; time < 2; time += 1) expect(from.send(to.self, ascending(1_001))).toBe("full");
    expect(from.send(to.self, ascending(1_000))).toBe("sent");
    expect(from.stats().links[to.self]!.lostFull).toBe(2);
    expect(logger.events.filter((event) => event.startsWith("frame-too-long"))).toEqual([
      `frame-too-long ${JSON.stringify({ peer: to.self, bytes: 1_001, limit: 1_000 })}`,
    ]);
  }
  expect(await arrived).toBe(1_000);
  expect(b.stats().links["a"]).toMatchObject({ state: "up", ups: 1 });
});

test("the applications on both ends get each other's fields before the link is up", async () => {
  const [nodeA, nodeB] = await Promise.all([node("a"), node("b")]);
  const seen: string[] = [];
  const watch = (name: string): NonNullable<OpenOptions["onHello"]> => (peer, fields) => void seen.push(`${name} hears ${peer} ${JSON.stringify(fields)}`);
  const a = await open(nodeA, { peers: [listed(nodeB)], hello: { 128: Uint8Array.of(1), 200: Uint8Array.of() }, onHello: watch("a") });
  const b = await open(nodeB, { peers: [listed(nodeA, a)], dialOnly: true, onHello: watch("b") });
  a.onLink((peer, state) => seen.push(`a ${peer} ${state}`));
  await Promise.all([linkState(a, b.self, "up"), linkState(b, a.self, "up")]);
  expect(seen.slice(0, 2)).toEqual(["a hears b {}", "a b up"]);
  expect(seen).toContain(`b hears a {"128":{"0":1},"200":{}}`);
});

test.each([["the end that listens", true], ["the end that dials", false]])("an application refuses a link with a reason of its own: %s", async (_name, isListener) => {
  const [nodeA, nodeB] = await Promise.all([node("a"), node("b")]);
  const [logA, logB] = [collect(), collect()];
  const refuses: OpenOptions = { onHello: (_peer, fields) => (fields[128]?.[0] === 7 ? undefined : "old-configuration") };
  const a = await open(nodeA, { peers: [listed(nodeB)], logger: logA, ...(isListener && refuses) });
  const b = await open(nodeB, { peers: [listed(nodeA, a)], logger: logB, dialOnly: true, ...(!isListener && refuses) });
  const [strict, other] = isListener ? [a, b] : [b, a];
  await until(() => other.stats().links[strict.self]!.trouble === "refused-by-peer-old-configuration");
  await until(() => strict.stats().links[other.self]!.trouble === "refused-old-configuration");
  expect(strict.stats().links[other.self]!.ups).toBe(0);
  if (isListener) expect(a.stats().refused["refused-old-configuration"]).toBeGreaterThan(0);
});

test.each([["Not A Reason"], [null]])("the options of hellos are checked at once, and a reason that cannot be sent is an error of the application: %s", async (reason) => {
  const [nodeA, nodeB] = await Promise.all([node("a"), node("b")]);
  await expect(openNode(nodeA, { hello: { 5: new Uint8Array(1) } })).rejects.toThrow(OptionError);
  const a = await open(nodeA, { peers: [listed(nodeB)], onHello: () => reason as string });
  const thrown = new Promise<Error>((resolve) => process.once("uncaughtException", resolve));
  const socket = rawTls(a, nodeB);
  socket.once("secureConnect", () => socket.write(hello("b")));
  const others = process.listeners("uncaughtException").slice(0, -1);
  for (const other of others) process.off("uncaughtException", other);
  expect((await thrown).message).toContain("the reason that onHello returns");
  for (const other of others) process.on("uncaughtException", other);
  await closed(socket);
});

test("a peer that refuses with ever other reasons makes no list grow without bound", async () => {
  const { a, nodeB } = await victim({ limits: { handshakeBurst: 10_000 } });
  for (let index = 0; index < 300; index += 1) {
    const socket = rawTls(a, nodeB);
    socket.once("secureConnect", () => socket.write(framed(encodeRefusal(`reason-${index}`), true)));
    await closed(socket);
  }
  await until(() => Object.values(a.stats().refused).reduce((sum, count) => sum + count, 0) === 300);
  expect(Object.keys(a.stats().refused).length).toBe(257);
  expect(a.stats().refused["other"]).toBe(44);
});

test("peers can be learned, moved and forgotten while links are up", async () => {
  const [nodeA, nodeB, nodeC] = await Promise.all([node("a"), node("b"), node("c")]);
  const a = await open(nodeA, { peers: [listed(nodeB)] });
  const b = await open(nodeB, { peers: [listed(nodeA, a)], dialOnly: true });
  const c = await open(nodeC, { peers: [listed(nodeA, a)], dialOnly: true });
  await Promise.all([linkState(a, b.self, "up"), linkState(b, a.self, "up")]);
  await until(() => (a.stats().refused["refused-unknown-key"] ?? 0) > 0);
  a.setPeers([listed(nodeB), listed(nodeC)]);
  await linkState(a, c.self, "up");
  expect(a.stats().links["b"]!.ups).toBe(1);

  const [told, toldToB] = await Promise.all([watched(a), watched(b)]);
  a.setPeers([listed(nodeC)]);
  expect(a.send(b.self, ascending(1))).toBe("down");
  await until(() => told.includes("b down") && toldToB.includes("a down"));
  expect(Object.keys(a.stats().links).toSorted()).toEqual(["a", "c"]);

  a.setPeers([{ ...listed(nodeC), publicKey: (await node("mallory")).publicKey }]);
  await until(() => told.includes("c down"));
});

test("a renewed certificate is shown on new connections, and links stay up", async () => {
  const { a, nodeB } = await victim();
  const [nodeA, nodeC] = await Promise.all([node("a"), node("c")]);
  const c = createServer({ key: privateKeyPem(nodeC.key), cert: nodeC.certificate, ALPNProtocols: [ALPN], requestCert: true, rejectUnauthorized: false });
  const shownToC = new Promise((resolve) => {
    c.on("secureConnection", (socket) => {
      resolve(socket.getPeerX509Certificate()?.toString());
      socket.on("error", () => undefined).destroy();
    });
  });
  await new Promise<void>((resolve) => c.listen(0, "127.0.0.1", resolve));
  const b = await open(nodeB, { peers: [listed(nodeA, a)], dialOnly: true });
  await Promise.all([linkState(a, b.self, "up"), linkState(b, a.self, "up")]);
  const shown = async (): Promise<string> => {
    const socket = rawTls(a, nodeB);
    await once(socket, "secureConnect");
    const text = socket.getPeerX509Certificate()!.toString();
    socket.destroy();
    return text;
  };
  const renewed = await createCertificate(nodeA.key, { name: "renewed" });
  expect(await shown()).toBe(nodeA.certificate);
  for (const wrong of [nodeB.certificate, "hello", "", `${renewed}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`])
    expect(() => a.renew(wrong)).toThrow(CertificateError);
  expect(() => a.renew(undefined as never)).toThrow(OptionError);
  expect(await shown()).toBe(nodeA.certificate);

  a.renew(renewed);
  expect(await shown()).toBe(renewed);
  a.setPeers([listed(nodeB), { ...listed(nodeC), host: "127.0.0.1", port: (c.address() as AddressInfo).port }]);
  expect(await shownToC).toBe(renewed);
  expect(b.stats().links["a"]).toMatchObject({ state: "up", ups: 1 });
  await a.close(100);
  expect(() => a.renew(renewed)).toThrow(ClosedError);
  c.close();
});

test("two clusters of the same names and keys do not mix", async () => {
  const east = await openAll(["a", "b"], { cluster: "east" });
  const west = await openAll(["a", "b"], { cluster: "west" });
  opened.push(...east, ...west);
  const [nodeA, nodeB] = await Promise.all([node("a"), node("b")]);
  east[0]!.setPeers([listed(nodeB, west[1])]); // a wrong address
  west[0]!.setPeers([listed(nodeB, west[1])]);
  await linkState(west[0]!, nodeB.id, "up");
  await until(() => (west[1]!.stats().refused["refused-cluster"] ?? 0) > 0);
  expect(west[1]!.stats().links["a"]!.ups).toBe(1);
  expect(nodeA.id).toBe("a");
});

test("IPv6 where the machine has it", async () => {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list?.map(({ address }) => address));
  const host = addresses.includes("::1") ? "::1" : "127.0.0.1";
  const [nodeA, nodeB] = await Promise.all([node("a"), node("b")]);
  const a = await open(nodeA, { listen: { host, port: 0 }, peers: [listed(nodeB)] });
  expect(a.address!.host).toBe(host);
  const b = await open(nodeB, { peers: [listed(nodeA, a)], dialOnly: true });
  await linkState(b, a.self, "up");
});

test("a peer is reached by name", async () => {
  const [nodeA, nodeB] = await Promise.all([node("a"), node("b")]);
  const a = await open(nodeA, { listen: { host: "localhost", port: 0 }, peers: [listed(nodeB)] });
  const b = await open(nodeB, { peers: [{ ...listed(nodeA), host: "localhost", port: a.address!.port }], dialOnly: true });
  await linkState(b, a.self, "up");
  expect(b.stats().links[a.self]).toMatchObject({ state: "up" });
});

test("the hello is the first thing that a listed peer is told", async () => {
  const { a, nodeB } = await victim();
  const socket = rawTls(a, nodeB);
  socket.once("secureConnect", () => socket.write(hello("b")));
  const first = await firstBytes(socket);
  const { hello: answer } = decodeControl(first.subarray(4, 4 + first[3]!)) as { hello: Hello };
  expect(first.subarray(0, 4 + first[3]!)).toEqual(hello("a", "test", { instance: answer.instance }));
  expect(answer.instance).not.toBe("00".repeat(8));
  socket.destroy();
});
