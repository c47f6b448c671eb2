/** Primaries that choose whom they serve, or are slow: replaced by the age of the oldest request, and not before. */
import { digest } from "@void-system/crypto";
import type { Network, World } from "@void-system/effects";
import { afterEach, expect, test, vi } from "vitest";
import { messageCodec } from "../../src/codec/message-codec.ts";
import { RequestPool } from "../../src/protocol/request-pool.ts";
import { DEADLINE_TIMEOUTS, timeoutMsMin } from "../../src/index.ts";
import { TestCluster, type Attempt, type ClusterOptions } from "../support/cluster.ts";

afterEach(() => void vi.restoreAllMocks());

const FAST = { network: { minDelayMs: 0.5, maxDelayMs: 2 }, disk: { syncMinMs: 0.1, syncMaxMs: 2 } } satisfies Partial<ClusterOptions>;

/** A primary that takes in the requests of c0 after a delay, whoever passes them on, or never. */
const slowFor =
  (delayMs: number) =>
  (world: World, of: TestCluster): Network => {
    const codec = messageCodec(of.configuration, digest);
    return {
      self: world.network.self,
      send: (to, frame) => world.network.send(to, frame),
      onLink: (handle) => world.network.onLink(handle),
      dial: (peer, address) => world.network.dial(peer, address),
      hangUp: (peer) => world.network.hangUp(peer),
      onFrame: (handle) =>
        world.network.onFrame((from, frame) => {
          const decoded = codec.decode(frame);
          const isVictims = decoded.ok && decoded.value.type === "request" && decoded.value.client === "c0";
          if (!isVictims) handle(from, frame);
          else if (delayMs < Infinity) world.clock.schedule(delayMs, () => handle(from, frame));
        }),
    };
  };

/** The writes of a client that the primary ignores, with the default times, while an accomplice keeps the primary busy. */
function ignored(): { readonly victims: readonly Attempt[]; readonly cluster: TestCluster } {
  const cluster = new TestCluster({
    seed: 3,
    ...FAST,
    configuration: { viewTimeoutMs: 2_000, clockDriftMs: 5_000 },
    tuning: { statusMs: 500, pipeline: 8, batchRequestsMax: 256 },
    clientTuning: { timeoutMs: 10_000, retryMs: 500 },
    hostile: { r0: slowFor(Infinity) },
  });
  cluster.startAll();
  cluster.simulation.run({ untilMs: 20 });
  const victims: Attempt[] = [];
  for (let second = 0; second < 12; second += 1) {
    victims.push(cluster.submit("c0", { op: "write", key: "v", value: second }));
    cluster.submit("c1", { op: "write", key: "a", value: second });
    cluster.simulation.run({ forMs: 1_000 });
  }
  return { victims, cluster };
}

test("a primary that ignores one client is replaced before that client gives up, with the default times", () => {
  const { victims, cluster } = ignored();
  expect(victims.map(({ result }) => result)).toEqual(victims.map(() => ({ op: "write" })));
  expect(cluster.standing("r1").view).toBe(1);
  expect(cluster.check()).toEqual([]);
});

test("planted: without the age of a request it is not, and the client gives up", () => {
  vi.spyOn(RequestPool.prototype, "markPassed").mockImplementation(() => undefined);
  const { victims, cluster } = ignored();
  expect(victims[0]).not.toHaveProperty("result");
  expect(cluster.standing("r1").view).toBe(0);
});

const VIEW_TIMEOUT_MS = 300;
const IN_FLIGHT = 8;

/** Client c0 keeps `IN_FLIGHT` writes under way at a slow primary for a while; c1 is served at once, and often enough. */
function slowed(delayMs: number, watchedMs: number): { readonly served: number; readonly waitedMaxMs: number; readonly cluster: TestCluster } {
  const cluster = new TestCluster({ seed: 6, ...FAST, clientTuning: { retryMs: 50, timeoutMs: timeoutMsMin({ viewTimeoutMs: VIEW_TIMEOUT_MS }, 50) }, hostile: { r0: slowFor(delayMs) } });
  cluster.startAll();
  const { simulation } = cluster;
  simulation.run({ untilMs: 20 });
  let written = 0;
  let waitedMaxMs = 0;
  let underWay: { readonly attempt: Attempt; readonly atMs: number }[] = [];
  for (const untilMs = simulation.now + watchedMs; simulation.now < untilMs; simulation.run({ forMs: 10 })) {
    for (const { attempt, atMs } of underWay) if (attempt.result !== undefined) waitedMaxMs = Math.max(waitedMaxMs, simulation.now - atMs);
    underWay = underWay.filter(({ attempt }) => attempt.result === undefined);
    while (underWay.length < IN_FLIGHT) underWay.push({ attempt: cluster.submit("c0", { op: "write", key: "v", value: (written += 1) }), atMs: simulation.now });
    if (simulation.now % 100 < 10) cluster.submit("c1", { op: "write", key: "a", value: simulation.now });
  }
  return { served: written - underWay.length, waitedMaxMs, cluster };
}

test("a slow primary that serves every request inside its deadline stays, and leaves each client its requests in flight a deadline", () => {
  const { served, waitedMaxMs, cluster } = slowed((DEADLINE_TIMEOUTS - 0.3) * VIEW_TIMEOUT_MS, 8_000);
  for (const id of cluster.correct) expect(cluster.standing(id)).toMatchObject({ view: 0, counters: { viewChanges: 0 } });
  const deadlineMs = 50 + DEADLINE_TIMEOUTS * VIEW_TIMEOUT_MS;
  expect(waitedMaxMs).toBeLessThanOrEqual(deadlineMs);
  expect(served).toBeGreaterThanOrEqual(Math.floor(8_000 / deadlineMs) * IN_FLIGHT);
  expect(cluster.check()).toEqual([]);
});

test("one that is slower is replaced, and nobody is given up", () => {
  const { waitedMaxMs, cluster } = slowed((DEADLINE_TIMEOUTS + 0.3) * VIEW_TIMEOUT_MS, 1_500);
  for (const id of cluster.correct) expect(cluster.standing(id).view).toBe(1);
  expect(waitedMaxMs).toBeLessThan(timeoutMsMin({ viewTimeoutMs: VIEW_TIMEOUT_MS }, 50));
  expect(cluster.attempts.filter(({ unknown, refused }) => unknown === true || refused === true)).toEqual([]);
  expect(cluster.check()).toEqual([]);
});
