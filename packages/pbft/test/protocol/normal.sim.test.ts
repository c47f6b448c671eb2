import { expect, test } from "vitest";
import { TestCluster } from "../support/cluster.ts";

test("a quiet cluster executes, checkpoints and answers", () => {
  const cluster = new TestCluster({ seed: 1 });
  cluster.startAll();
  cluster.simulation.run({ untilMs: 20 });
  for (let index = 0; index < 100; index += 1) {
    cluster.submit(`c${index % 2}`, { op: "write", key: `k${index % 7}`, value: index });
    cluster.simulation.run({ forMs: 5 });
  }
  cluster.simulation.runUntil(() => cluster.settled(), { deadlineMs: 5_000 });
  cluster.simulation.runUntil(() => cluster.level(), { deadlineMs: 5_000 });
  expect(cluster.check()).toEqual([]);
  expect(cluster.attempts.every(({ result }) => result?.op === "write")).toBe(true);
  expect(cluster.standing("r0")).toMatchObject({ view: 0, inViewChange: false });
  expect(cluster.standing("r0").stableCheckpoint).toBeGreaterThan(8);
  for (const id of cluster.ids) expect(cluster.replicas.get(id)!.stats()["checkpoints"]).toBeGreaterThan(0);
});
