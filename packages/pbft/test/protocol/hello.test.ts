import { digest } from "@void-system/crypto";
import { lsn, peerId, type World } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { configuration, messageCodec, RecoveryError, recordCodec, replica, SIGNATURE_BYTES, type Message } from "../../src/index.ts";
import { KeyValueMachine } from "../support/key-value-machine.ts";
import { TestCluster, testPorts } from "../support/cluster.ts";
import { batch, cluster, replicaOf } from "../support/messages.ts";
import { signProposal, signStatus, signVote } from "../../src/codec/signed.ts";
import { ReplicaDesk } from "../support/replica-desk.ts";

const other = configuration({ replicas: cluster.replicas, cluster: "test", checkpointInterval: 16, viewTimeoutMs: 100 });
const hello = (of: typeof cluster): Message => ({ type: "hello", configuration: of.record });
const one = batch(1_001);
const prePrepare: Message = {
  type: "pre-prepare",
  view: 0,
  sequence: 1,
  batch: one,
  signature: signProposal(replicaOf(0), 0, 1, one.digest).signature,
};

describe("a replica of another configuration", () => {
  test("is refused, and both sides name what differs", () => {
    const desk = new ReplicaDesk(1).receive(hello(other), "r2");
    const difference = 'checkpointInterval is "8" here and "16" there';
    expect(desk.core.standing().refusedPeers).toEqual({ r2: difference });
    expect(desk.outputs.filter(({ type }) => type === "report")).toMatchObject([
      { event: "pbft.configuration-refused", fields: { from: "r2", difference } },
    ]);
  });

  test("votes for nothing here, until it shows the same one", () => {
    const vote = signVote(replicaOf(2), "prepare", 0, 1, one.digest);
    const desk = new ReplicaDesk(1).receive(prePrepare, "r0").loop().receive(hello(other), "r2");
    expect(desk.core.matters(peerId("r2"), vote)).toBe(false);
    desk.receive(vote, "r2").loop();
    expect(desk.sent("commit")).toEqual([]);
    desk.receive(hello(cluster), "r2").receive(vote, "r2");
    expect(desk.sent("commit")).toHaveLength(1);
    expect(desk.core.standing().refusedPeers).toEqual({});
  });

  test("is asked for nothing and answered nothing, and a record that cannot be read is refused as such", () => {
    const desk = new ReplicaDesk(1).receive({ type: "hello", configuration: Uint8Array.of(9) }, "r2").clear();
    expect(desk.core.standing().refusedPeers["r2"]).toMatch(/cannot be read: .*version 9/);
    desk.receive(signStatus(replicaOf(2), { view: 0, changing: false, complaining: false, stable: 8, lastExecuted: 9, slots: [] }), "r2");
    expect(desk.outputs.filter(({ type }) => type === "send")).toEqual([]);
  });

  test("if it is a client's, it is answered with this one, and its client compares", () => {
    const desk = new ReplicaDesk(1).clear();
    expect(desk.core.matters(peerId("c0"), hello(other))).toBe(true);
    desk.receive(hello(other), "c0");
    expect(desk.outputs).toContainEqual({ type: "send", to: "c0", message: hello(cluster) });
    expect(desk.core.standing().refusedPeers).toEqual({});
    expect(desk.clear().receive(hello(cluster), "c0").outputs).toContainEqual({ type: "send", to: "c0", message: hello(cluster) });
  });

  test("says hello when it starts, and to each replica whose link comes up", () => {
    const desk = new ReplicaDesk(1);
    expect(desk.sent("hello")).toEqual([hello(cluster)]);
    const again = desk.core.step({ type: "link", peer: peerId("r3"), state: "up" }, desk.now);
    expect(again).toContainEqual({ type: "send", to: "r3", message: hello(cluster) });
    expect(desk.core.step({ type: "link", peer: peerId("c0"), state: "up" }, desk.now)).toEqual([]);
  });

  test("counts as one of the f: the others go on", () => {
    const run = new TestCluster({
      seed: 3,
      hostile: {
        r3: (world: World) => {
          const ports = testPorts("r3");
          const wrong = configuration({ replicas: cluster.replicas, cluster: "test", sessionsMax: 7, viewTimeoutMs: 300, clockDriftMs: 1_000, checkpointInterval: 8 });
          replica({ world, network: world.network, cluster: wrong, ports, machine: new KeyValueMachine(), fatal: () => undefined });
          return "boots itself";
        },
      },
    });
    run.startAll();
    run.simulation.run({ untilMs: 30 });
    for (let value = 0; value < 20; value += 1) run.submit("c0", { op: "write", key: "k", value });
    run.simulation.runUntil(() => run.settled(), { deadlineMs: 5_000 });
    for (const id of run.correct) expect(run.standing(id).refusedPeers).toEqual({ r3: 'sessionsMax is "1024" here and "7" there' });
    expect(run.check()).toEqual([]);
  });
});

describe("data of another cluster, configuration or version is refused by name:", () => {
  const codec = recordCodec(cluster, digest);

  test("a log of another configuration", () => {
    const desk = new ReplicaDesk(1);
    expect(desk.records).toEqual([{ type: "birth", configuration: cluster.record }]);
    expect(() => desk.core.recover(lsn(1), { type: "birth", configuration: other.record })).toThrow(RecoveryError);
    const elsewhere = configuration({ replicas: cluster.replicas, cluster: "elsewhere", checkpointInterval: 8, viewTimeoutMs: 100 });
    expect(() => desk.core.recover(lsn(1), { type: "birth", configuration: elsewhere.record })).toThrow(/cluster is "test" here and "elsewhere" there/);
  });

  test("a record of void-pbft/1", () => {
    const bytes = codec.encode({ type: "batch", sequence: 1, batch: one });
    expect(codec.decode(Uint8Array.of(1, ...bytes.subarray(1)))).toMatchObject({ ok: false, reason: expect.stringMatching(/void-pbft\/1, which cannot be read/) });
    expect(codec.decode(Uint8Array.of(3, ...bytes.subarray(1)))).toMatchObject({ ok: false, reason: expect.stringMatching(/a later version \(3\)/) });
  });

  test("a checkpoint of void-pbft/1", () => {
    const desk = new ReplicaDesk(1);
    expect(() => desk.core.restore(lsn(1), [Uint8Array.of(2, 0, 0)])).toThrow(/void-pbft\/1, which cannot be read/);
  });

  test("a message under another number, or by another incarnation", () => {
    const messages = messageCodec(cluster, digest);
    const bytes = messages.encode(signVote(replicaOf(2), "prepare", 0, 1, one.digest));
    const changed = (at: number): unknown => messages.decode(bytes.map((byte, index) => (index === at ? byte + 1 : byte)));
    expect(changed(5)).toMatchObject({ ok: false, reason: expect.stringMatching(/under configuration 0.*under 1/) });
    // The incarnation stands before the signature.
    expect(changed(bytes.length - SIGNATURE_BYTES - 1)).toMatchObject({ ok: false, reason: expect.stringMatching(/incarnation 0/) });
  });
});
