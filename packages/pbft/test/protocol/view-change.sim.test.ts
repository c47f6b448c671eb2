/** A view is left on proof alone. */
import { digest } from "@void-system/crypto";
import { SeededRandom, type Network, type World } from "@void-system/effects";
import { expect, test } from "vitest";
import { BEGINNING } from "../../src/codec/certificate.ts";
import { messageCodec } from "../../src/codec/message-codec.ts";
import { signComplaint, signStatus, signViewChange, type Signing } from "../../src/codec/signed.ts";
import { seeds } from "../support/seeds.ts";
import { TestCluster, testPorts, type ClusterOptions } from "../support/cluster.ts";

const FAST = { network: { minDelayMs: 0.5, maxDelayMs: 2 }, disk: { syncMinMs: 0.1, syncMaxMs: 2 } } satisfies Partial<ClusterOptions>;

/** r3 complains all the time, and asks for its own next view, of which it says that it waits for it. */
function impatient(world: World, of: TestCluster): Network {
  const by: Signing = { cluster: of.configuration, index: 3, ports: testPorts("r3") };
  const codec = messageCodec(of.configuration, digest);
  return {
    self: world.network.self,
    onFrame: (handle) => world.network.onFrame(handle),
    onLink: (handle) => world.network.onLink(handle),
    dial: (peer, address) => world.network.dial(peer, address),
    hangUp: (peer) => world.network.hangUp(peer),
    send(to, frame) {
      const decoded = codec.decode(frame);
      if (!decoded.ok || decoded.value.type !== "status" || decoded.value.changing) return world.network.send(to, frame);
      const status = decoded.value;
      const own = status.view + 4 - ((status.view + 1) % 4);
      const complaint = signComplaint(by, status.view);
      const { signature } = complaint;
      for (const message of [
        complaint,
        // Its own complaint twice is no proof.
        { type: "departure", certificate: { view: status.view, ground: "complaint", votes: [{ sender: 3, signature }, { sender: 3, signature }] } } as const,
        signViewChange(by, own, BEGINNING, []),
        signStatus(by, { ...status, view: own, changing: true, complaining: true }),
      ])
        world.network.send(to, codec.encode(message));
      return "sent";
    },
  };
}

test("one replica, alone, moves a healthy cluster to no other view", () => {
  const cluster = new TestCluster({ seed: 7, clients: 1, ...FAST, hostile: { r3: impatient } });
  cluster.startAll();
  cluster.simulation.run({ untilMs: 20 });
  for (let value = 0; value < 120; value += 1) {
    cluster.submit("c0", { op: "write", key: "k", value });
    cluster.simulation.run({ forMs: 50 });
  }
  expect(cluster.settled()).toBe(true);
  expect(cluster.check()).toEqual([]);
  for (const id of cluster.correct)
    expect(cluster.standing(id)).toMatchObject({ view: 0, inViewChange: false, counters: { viewChanges: 0 } });
});

test.each(seeds(5))("seed %i: after faults beside an impatient liar, and once the network is timely, no view changes", (seed) => {
  const random = new SeededRandom(seed).split("faults");
  const cluster = new TestCluster({ seed, clients: 1, ...FAST, hostile: { r3: impatient } });
  cluster.startAll();
  const { simulation } = cluster;
  simulation.run({ untilMs: 20 });
  let written = 0;
  const write = (forMs: number): void => {
    for (const untilMs = simulation.now + forMs; simulation.now < untilMs; ) {
      cluster.submit("c0", { op: "write", key: "k", value: (written += 1) });
      simulation.run({ forMs: 40 });
    }
  };
  for (let fault = 0; fault < 4; fault += 1) {
    const id = cluster.correct[random.below(3)]!;
    if (random.chance(0.5)) simulation.partition([[id]]);
    else simulation.pause(id);
    write(random.between(100, 900));
    simulation.heal();
    simulation.resume(id);
    write(random.between(50, 300));
  }
  // Complaints that correct replicas have made until now may still be used, once.
  write(2_500);
  const viewChanges = (): readonly number[] => cluster.correct.map((id) => cluster.standing(id).counters.viewChanges);
  const before = viewChanges();
  write(4_000);
  expect(viewChanges()).toEqual(before);
  simulation.runUntil(() => cluster.settled(), { deadlineMs: 10_000 });
  expect(cluster.check()).toEqual([]);
});

test("a replica that has left its view with the proof, alone, is followed at once when it is heard again", () => {
  const cluster = new TestCluster({ seed: 9, clients: 1, ...FAST });
  cluster.startAll();
  const { simulation } = cluster;
  simulation.run({ untilMs: 20 });
  simulation.crash("r0");
  cluster.submit("c0", { op: "write", key: "k", value: 1 });
  // As soon as one has left the view it is cut off, and crashes.
  simulation.runUntil(() => cluster.ids.some((id) => id !== "r0" && cluster.standing(id).inViewChange), { deadlineMs: 5_000 });
  const first = cluster.ids.find((id) => id !== "r0" && cluster.standing(id).inViewChange)!;
  simulation.partition([[first]]);
  simulation.restart(first);
  simulation.start("r0");
  simulation.run({ forMs: 1_000 });
  simulation.heal();
  simulation.runUntil(() => cluster.settled() && cluster.level(), { deadlineMs: 5_000 });
  expect(cluster.standing(first).view).toBeGreaterThan(0);
  expect(cluster.check()).toEqual([]);
});

test("a primary that resigns before it stops is followed by the next without a timeout, one after the other", () => {
  const run = new TestCluster({ seed: 5, n: 7, ...FAST, clientTuning: { retryMs: 50 } });
  run.startAll();
  run.simulation.run({ untilMs: 30 });
  run.submit("c0", { op: "write", key: "k", value: 0 });
  run.simulation.runUntil(() => run.settled(), { deadlineMs: 1_000 });
  for (const id of ["r0", "r1"]) {
    let isOver = false;
    run.replicas.get(id)!.resign(200, () => (isOver = true));
    run.simulation.runUntil(() => isOver, { deadlineMs: 100 });
    expect(run.standing(id)).toMatchObject({ inViewChange: false, handingOver: false });
    run.simulation.stop(id);
    run.submit("c0", { op: "write", key: "k", value: id });
    // Less than the view timeout.
    run.simulation.runUntil(() => run.settled(), { deadlineMs: 250 });
  }
  for (const id of ["r2", "r6"]) expect(run.standing(id)).toMatchObject({ view: 2, inViewChange: false, counters: { viewChanges: 2 } });
  expect(run.check()).toEqual([]);
});
