/** Slow peers: what they cost, and who is told. */
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, test } from "vitest";
import { FRAME_CREDIT, type TlsTransport } from "../src/tls/index.ts";
import { ascending, linkState, until, watched } from "./compliance.ts";
import { collect, listed, node, type OpenOptions, openAll, openNode } from "./nodes.ts";
import { framed, hello, rawTls } from "./raw.ts";

const MEBIBYTE = 1024 * 1024;
const opened: TlsTransport[] = [];
afterEach(() => Promise.all(opened.splice(0).map((one) => one.close(200))));

setFlagsFromString("--expose-gc");
const collectGarbage: () => void = runInNewContext("gc");

function heldMemory(): number {
  collectGarbage();
  const { arrayBuffers, heapUsed } = process.memoryUsage();
  return arrayBuffers + heapUsed;
}

async function pair(options: OpenOptions = {}): Promise<readonly [TlsTransport, TlsTransport]> {
  const [a, b] = await openAll(["a", "b"], options);
  opened.push(a!, b!);
  await Promise.all([linkState(a!, b!.self, "up"), linkState(b!, a!.self, "up")]);
  return [a!, b!];
}

/** Sends until nothing has fitted for some turns. */
async function fill(from: TlsTransport, to: TlsTransport, frame: Uint8Array): Promise<number> {
  let taken = 0;
  for (let idle = 0; idle < 50; idle += 1) {
    while (from.send(to.self, frame) === "sent") {
      taken += 1;
      idle = 0;
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
  return taken;
}

test.each([0, 81, 4_000, 60_000])("a held peer of frames of %i bytes: bounded on both sides, told, and nothing taken is lost", async (bytes) => {
  const logger = collect();
  const limits = { frameBytes: 64 * 1024, queueBytes: 2 * MEBIBYTE, windowBytes: 4 * MEBIBYTE, heartbeatMs: 20, silenceMs: 60 };
  const [a, b] = await pair({ limits, logger });
  let arrived = 0;
  b.onFrame(() => (arrived += 1));
  const release = b.hold(a.self);
  const again = b.hold(a.self);
  const before = heldMemory();
  const taken = await fill(a, b, new Uint8Array(bytes));
  const grown = heldMemory() - before;

  expect(arrived).toBe(0);
  const there = b.stats().links["a"]!;
  const here = a.stats().links["b"]!;
  expect(there.heldBytes).toBeLessThanOrEqual(limits.windowBytes);
  expect(here.queuedBytes).toBeLessThanOrEqual(limits.queueBytes);
  expect(taken).toBeGreaterThan(limits.windowBytes / 2 / (bytes + FRAME_CREDIT));
  // The frames themselves, what it takes to keep each, and what the sockets of both sides hold.
  expect(grown).toBeLessThan(limits.queueBytes + 2 * limits.windowBytes + 2 * MEBIBYTE);
  expect(here).toMatchObject({ state: "up", lostQueued: 0 });
  expect(here.lostFull).toBeGreaterThan(0);
  expect(here.creditBytes).toBeLessThan(limits.windowBytes / 2);
  expect(logger.events.filter((event) => event.startsWith("link-full"))).toHaveLength(1);

  // Signs of life pass a hold: nothing was heard of frames for longer than the silence that ends a link.
  const told = await watched(a);
  await new Promise((resolve) => setTimeout(resolve, 2 * limits.silenceMs));
  expect(told).toEqual(["b up"]);

  again();
  again();
  expect(arrived).toBe(0);
  const writable = linkState(a, b.self, "writable");
  release();
  await writable;
  await until(() => arrived === taken);
  expect(a.send(b.self, ascending(3))).toBe("sent");
  await until(() => arrived === taken + 1);
  expect(b.stats().links["a"]).toMatchObject({ heldBytes: 0, receivedFrames: taken + 1, lostHeld: 0 });
});

test("what was held when the link broke is counted as lost, and a hold outlasts a link", async () => {
  const [a, b] = await pair();
  let arrived = 0;
  b.onFrame(() => (arrived += 1));
  const release = b.hold(a.self);
  for (let i = 0; i < 7; i += 1) a.send(b.self, ascending(10));
  await until(() => b.stats().links["a"]!.heldBytes === 70);
  const nodeB = await node("b");
  const told = await watched(a);
  a.setPeers([]);
  await until(() => told.includes("b down"));
  await until(() => b.stats().links["a"]!.lostHeld === 7);
  a.setPeers([listed(nodeB, b)]);
  await Promise.all([linkState(a, b.self, "up"), linkState(b, a.self, "up")]);
  a.send(b.self, ascending(10));
  await until(() => b.stats().links["a"]!.heldBytes === 10);
  expect(arrived).toBe(0);
  release();
  await until(() => arrived === 1);
});

test("a handler that holds in the middle of a chunk gets no more of it until it says so", async () => {
  const [a, b] = await pair();
  const arrived: number[] = [];
  let release: (() => void) | undefined;
  b.onFrame((_from, frame) => {
    arrived.push(frame[0]!);
    if (arrived.length % 10 === 0) release = b.hold(a.self);
  });
  for (let i = 0; i < 35; i += 1) a.send(b.self, Uint8Array.of(i));
  for (const count of [10, 20, 30]) {
    await until(() => arrived.length >= count);
    await new Promise((resolve) => setImmediate(resolve));
    expect(arrived).toHaveLength(count);
    release!();
  }
  await until(() => arrived.length === 35);
  expect(arrived).toEqual(Array.from({ length: 35 }, (_, index) => index));
});

test("a peer that sends beyond its credit loses the link", async () => {
  const [nodeA, nodeB] = await Promise.all([node("a"), node("b")]);
  const logger = collect();
  const a = await openNode(nodeA, { peers: [listed(nodeB)], limits: { frameBytes: 64 * 1024, windowBytes: 2 * MEBIBYTE }, logger });
  opened.push(a);
  a.hold(nodeB.id);
  const socket = rawTls(a, nodeB);
  const gone = linkState(a, nodeB.id, "down");
  socket.write(hello("b"));
  for (let sent = 0; sent < 3 * MEBIBYTE; sent += 60_000) socket.write(framed(new Uint8Array(60_000)));
  await gone;
  expect(logger.events.some((event) => event.startsWith("link-down") && event.includes("beyond-credit"))).toBe(true);
  expect(a.stats().links["b"]).toMatchObject({ state: "down", trouble: "beyond-credit", heldBytes: 0 });
});

test("closing writes all that was taken, credit or not yet", async () => {
  const [a, b] = await pair({ limits: { frameBytes: 64 * 1024, queueBytes: 16 * MEBIBYTE, windowBytes: 2 * MEBIBYTE } });
  let arrived = 0;
  b.onFrame(() => (arrived += 1));
  let taken = 0;
  while (a.send(b.self, ascending(60_000)) === "sent") taken += 1;
  await a.close(5_000);
  await until(() => b.stats().links["a"]!.state === "down");
  expect(arrived).toBe(taken);
  expect(taken).toBeGreaterThan(200);
});
