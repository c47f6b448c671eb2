/** The gap that the crash of a primary leaves, and the operation that falls into it. */
import { expect, test } from "vitest";
import { seeds } from "../support/seeds.ts";
import { TestCluster } from "../support/cluster.ts";

const RETRY_MS = 150;
const DELAY_MS = 2;
const SYNC_MS = 2;

test.each(seeds(20))("seed %i: after the crash of the primary an operation takes the client's retry, a timeout, 7 delays and 5 syncs at most", (seed) => {
  const cluster = new TestCluster({
    seed,
    clients: 1,
    network: { minDelayMs: 0.5, maxDelayMs: DELAY_MS },
    disk: { syncMinMs: 0.1, syncMaxMs: SYNC_MS },
    clientTuning: { retryMs: RETRY_MS },
  });
  cluster.startAll();
  const { simulation } = cluster;
  simulation.run({ untilMs: 50 });
  cluster.submit("c0", { op: "write", key: "a", value: 1 });
  simulation.runUntil(() => cluster.settled(), { deadlineMs: 5_000 });
  simulation.run({ forMs: 500 + seed });
  simulation.crash("r0");
  const crashedAtMs = simulation.now;
  cluster.submit("c0", { op: "write", key: "a", value: 2 });
  simulation.runUntil(() => cluster.settled(), { deadlineMs: 20_000 });
  const boundMs = RETRY_MS + cluster.configuration.viewTimeoutMs + 7 * DELAY_MS + 5 * SYNC_MS;
  expect(simulation.now - crashedAtMs).toBeLessThanOrEqual(boundMs);
  expect(cluster.check()).toEqual([]);
});
