import { peerId } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { encodeMessage } from "../../src/codec/message-codec.ts";
import type { Message } from "../../src/codec/message.ts";
import { keyValueOperations } from "../support/key-value-machine.ts";
import { hex, TestCluster, type ClusterOptions } from "../support/cluster.ts";
import { liar } from "../support/hostile.ts";
import { signedRequest } from "../support/messages.ts";

function started(options: Partial<ClusterOptions> = {}): TestCluster {
  const cluster = new TestCluster({ seed: 7, ...options });
  cluster.startAll();
  cluster.simulation.run({ untilMs: 30 });
  return cluster;
}

/** Writes one after the other; each must be acknowledged before the next. */
function write(cluster: TestCluster, count: number, deadlineMs = 5_000): void {
  for (let index = 0; index < count; index += 1) {
    const value = "v".repeat(100) + cluster.attempts.length;
    cluster.submit(cluster.clientIds[index % cluster.clientIds.length]!, {
      op: "write",
      key: `k${cluster.attempts.length % 40}`,
      value,
    });
    cluster.simulation.runUntil(() => cluster.settled(), { deadlineMs });
  }
}

function levelled(cluster: TestCluster, deadlineMs = 10_000): void {
  cluster.simulation.runUntil(() => cluster.level(), { deadlineMs });
  expect(cluster.check()).toEqual([]);
}

describe("a replica that was away", () => {
  test("for a few batches gets them with their certificates", () => {
    const cluster = started({ checkpointInterval: 32 });
    cluster.simulation.crash("r2");
    write(cluster, 20);
    cluster.simulation.start("r2");
    levelled(cluster);
    expect(cluster.standing("r2")).toMatchObject({
      view: 0,
      inViewChange: false,
      lastExecuted: 20,
      counters: { transfers: 0 },
    });
  });

  test("for longer than the log reaches back transfers the state, and votes again", () => {
    const cluster = started();
    cluster.simulation.crash("r2");
    write(cluster, 60);
    cluster.simulation.start("r2");
    levelled(cluster);
    expect(cluster.standing("r2").counters.transfers).toBe(1);
    cluster.simulation.crash("r3");
    write(cluster, 20);
    expect(cluster.standing("r2")).toMatchObject({ view: 0, inViewChange: false, lastExecuted: 80 });
    cluster.simulation.start("r3");
    levelled(cluster);
  });

  test("and gets poisoned chunks notices, knows the liar and has the state from others", () => {
    const reports: unknown[] = [];
    const cluster = started({
      hostile: { r3: (world, of) => liar(world, of, { lieInReplies: true }) },
      log: ({ event, fields }) => void (event === "pbft.poisoned-chunk" && reports.push(fields?.["from"])),
    });
    cluster.simulation.crash("r2");
    write(cluster, 60);
    cluster.simulation.start("r2");
    levelled(cluster);
    expect(cluster.standing("r2").counters).toMatchObject({ transfers: 1 });
    expect(cluster.standing("r2").counters.poisonedChunks).toBeGreaterThan(0);
    expect(new Set(reports)).toEqual(new Set(["r3"]));
  });

  test("crashes in the middle of a transfer and begins again", () => {
    const cluster = started({ network: { maxDelayMs: 30 } });
    cluster.simulation.crash("r1");
    write(cluster, 60);
    cluster.simulation.start("r1");
    cluster.simulation.runUntil(() => cluster.standing("r1").catchingUp);
    cluster.simulation.run({ forMs: 20 });
    cluster.simulation.restart("r1");
    levelled(cluster);
    expect(cluster.standing("r1").lastExecuted).toBe(60);
  });

  test("cut off alone does not stop the others, nor does it drag them into a view change when it is back", () => {
    const cluster = started();
    cluster.simulation.partition([["r3"]]);
    write(cluster, 40);
    cluster.simulation.run({ forMs: 3_000 });
    cluster.simulation.heal();
    levelled(cluster);
    for (const id of cluster.ids) expect(cluster.standing(id)).toMatchObject({ view: 0, inViewChange: false });
  });

  test("frozen for long takes in what is new without drowning", () => {
    const cluster = started();
    cluster.simulation.pause("r2");
    write(cluster, 100);
    cluster.simulation.resume("r2");
    levelled(cluster);
    expect(cluster.standing("r2").lastExecuted).toBe(100);
  });
});

describe("a primary", () => {
  test("that crashes is replaced; what was acknowledged stays, what waits is executed once", () => {
    const cluster = started();
    write(cluster, 5);
    cluster.submit("c0", { op: "write", key: "open", value: 1 });
    cluster.simulation.crash("r0");
    cluster.simulation.runUntil(() => cluster.settled(), { deadlineMs: 5_000 });
    write(cluster, 5);
    expect(cluster.standing("r1")).toMatchObject({ view: 1, inViewChange: false });
    cluster.simulation.start("r0");
    levelled(cluster);
    cluster.simulation.runUntil(() => cluster.standing("r0").view === 1);
  });

  test("that is frozen is replaced, and takes part again when it thaws", () => {
    const cluster = started();
    write(cluster, 3);
    cluster.simulation.pause("r0");
    write(cluster, 3);
    cluster.simulation.resume("r0");
    levelled(cluster);
    expect(cluster.standing("r0")).toMatchObject({ view: 1, inViewChange: false });
  });

  test("and its successor that crash together are both passed over (f = 2)", () => {
    const cluster = started({ n: 7 });
    write(cluster, 3);
    cluster.simulation.crash("r0");
    cluster.simulation.crash("r1");
    write(cluster, 3, 10_000);
    expect(cluster.standing("r2").view).toBe(2);
  });

  test("whose clock is wrong is replaced by one whose is not", () => {
    const cluster = started();
    write(cluster, 3);
    cluster.simulation.jumpClock("r0", 600_000);
    write(cluster, 3);
    expect(cluster.standing("r1").view).toBe(1);
    expect(cluster.standing("r1").counters.refusedTimes).toBeGreaterThan(0);
    levelled(cluster);
  });
});

describe("durability", () => {
  test("after a power cut of all replicas everything acknowledged is there, from checkpoint and log", () => {
    const cluster = started();
    write(cluster, 30);
    const before = cluster.standing("r1");
    for (const id of cluster.ids) cluster.simulation.crash(id);
    for (const id of cluster.ids) cluster.simulation.start(id);
    cluster.simulation.run({ forMs: 200 });
    for (const id of cluster.ids) {
      expect(cluster.standing(id)).toMatchObject({ lastExecuted: 30, view: 0 });
      expect(hex(cluster.standing(id).root)).toBe(hex(before.root));
    }
    write(cluster, 3);
    levelled(cluster);
  });

  test("a state that rots is noticed at the next checkpoint and replaced by the certified one", () => {
    const cluster = started();
    write(cluster, 5);
    cluster.machines.get("r2")!.entries.set("rotten", { value: 1, time: { physicalMs: 0, logical: 0, nodeId: "r2" } });
    write(cluster, 20);
    cluster.simulation.run({ forMs: 2_000 });
    expect(cluster.standing("r2").counters).toMatchObject({ transfers: 1 });
    expect(cluster.standing("r2").counters.divergences).toBeGreaterThan(0);
    expect(cluster.violations.filter((violation) => !violation.includes("another root"))).toEqual([]);
    cluster.violations.length = 0;
    expect(hex(cluster.standing("r2").root)).toBe(hex(cluster.standing("r1").root));
  });
});

test("a client that signs two operations under one number has one of them executed, everywhere the same", () => {
  const cluster = started();
  const requests = ["one", "two"].map((value): Message => {
    const operation = keyValueOperations.encode({ op: "write", key: "k", value });
    return signedRequest({ client: "c9", number: 5, operation }, cluster.configuration);
  });
  cluster.simulation.node("c9", ({ network, clock }) => {
    const send = (): void => {
      for (const id of cluster.ids) network.send(peerId(id), encodeMessage(cluster.configuration, requests[id < "r2" ? 0 : 1]!));
      clock.schedule(50, send);
    };
    clock.schedule(20, send);
  });
  cluster.simulation.start("c9");
  cluster.simulation.run({ forMs: 2_000 });
  write(cluster, 3);
  expect(cluster.violations).toEqual([]);
  const executed = [...cluster.log.values()].flatMap(({ executed: { requests: done } }) =>
    done.filter(({ client }) => client === "c9"),
  );
  expect(executed).toHaveLength(1);
  expect(cluster.standing("r1").view).toBe(0);
});

test("clusters of other sizes work", () => {
  for (const n of [1, 2, 5, 7]) {
    const cluster = started({ n });
    write(cluster, 20);
    levelled(cluster);
    expect(cluster.standing("r0")).toMatchObject({ view: 0, lastExecuted: 20 });
  }
});

test("a run is a function of its seed", () => {
  const run = (seed: number): string => {
    const cluster = started({ seed, network: { loss: 0.1 } });
    cluster.simulation.crash("r0");
    write(cluster, 3);
    return cluster.simulation.traceHash();
  };
  expect(run(3)).toBe(run(3));
  expect(run(3)).not.toBe(run(4));
});
