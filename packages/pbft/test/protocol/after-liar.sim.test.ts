/** Once a lying primary has been replaced, the others are hardly slower than without it, though it goes on lying. */
import { expect, test } from "vitest";
import { charged } from "../support/charged.ts";
import { TestCluster } from "../support/cluster.ts";
import { liar, type Lies } from "../support/hostile.ts";

const LIES = {
  "proposes two batches for each sequence number": { equivocate: true },
  "is mute at times": { mute: true, badDigests: true },
  "does all that a liar can": { equivocate: true, mute: true, badDigests: true, forgeViews: true, lieInReplies: true, spam: true },
} satisfies Record<string, Lies>;

/** Writes, one after the other, for a second; beside a liar from when its view has been left on. */
function after(lies?: Lies): { readonly count: number; readonly p99Ms: number; readonly violations: readonly string[] } {
  const cluster = new TestCluster({
    seed: 5,
    clients: 1,
    cpu: {},
    network: { minDelayMs: 0.5, maxDelayMs: 2 },
    ports: charged,
    ...(lies && { hostile: { r0: (world, of) => liar(world, of, lies) } }),
  });
  cluster.startAll();
  const { simulation } = cluster;
  simulation.run({ untilMs: 30 });
  let value = 0;
  const write = (): void => void cluster.submit("c0", { op: "write", key: "k", value: (value += 1) });
  const isReplaced = (): boolean => cluster.correct.every((id) => cluster.standing(id).view > 0 && !cluster.standing(id).inViewChange);
  while (lies !== undefined && !isReplaced()) {
    write();
    simulation.run({ forMs: 20 });
    expect(simulation.now, "the liar leads for ever").toBeLessThan(30_000);
  }
  simulation.runUntil(() => cluster.settled(), { deadlineMs: 10_000 });
  const found: number[] = [];
  for (const untilMs = simulation.now + 1_000; simulation.now < untilMs; ) {
    const before = simulation.now;
    write();
    simulation.runUntil(() => cluster.settled(), { deadlineMs: 10_000 });
    found.push(simulation.now - before);
  }
  found.sort((a, b) => a - b);
  return { count: found.length, p99Ms: found[Math.floor(found.length * 0.99)] ?? 0, violations: cluster.check() };
}

const alone = after();

test.each(Object.entries(LIES))("a primary that %s: half of the throughput at least, and at most three times the slowest latency", (_, lies) => {
  const { count, p99Ms, violations } = after(lies);
  expect(violations).toEqual([]);
  expect(count).toBeGreaterThanOrEqual(alone.count / 2);
  expect(p99Ms).toBeLessThanOrEqual(3 * alone.p99Ms);
});
