/** Replies: one signature a batch, and a retry that proves as much as the first answer. */
import { digest, foldResult, requestStatement, resultLeaf } from "@void-system/crypto";
import { lsn, peerId, verified } from "@void-system/effects";
import { expect, test } from "vitest";
import { makeBatch } from "../../src/codec/batch.ts";
import { HintReason, type Reply } from "../../src/codec/message.ts";
import { signCheckpoint, signProposal, signVote } from "../../src/codec/signed.ts";
import { configuration, recordCodec, ReplicaCore } from "../../src/index.ts";
import { KeyValueMachine } from "../support/key-value-machine.ts";
import { testPorts } from "../support/cluster.ts";
import { cluster, committed, replicaOf, request, signedRequest } from "../support/messages.ts";
import { ReplicaDesk } from "../support/replica-desk.ts";

const requests = [request(2_001, "a", "ann"), request(2_002, "b", "ann"), request(2_003, "c", "bob")];
const slots = Array.from({ length: 8 }, (_, index) => {
  const of = makeBatch({ physicalMs: 1_001 + index, logical: 0, proposer: 0 }, index === 0 ? requests : [request(3_000 + index)], digest);
  return { certificate: committed(0, index + 1, of), batch: of };
});

test("all clients of a batch get one signature, and each the path of its own results", () => {
  const desk = new ReplicaDesk(1).clear().receive({ type: "slots", slots: slots.slice(0, 1) }, "r0");
  const [ann, bob] = desk.sent("reply");
  expect([ann?.client, bob?.client]).toEqual(["ann", "bob"]);
  expect(bob?.signature).toEqual(ann?.signature);
  expect(bob?.executed).toEqual(ann?.executed);
  expect(ann?.executed).toMatchObject({ sequence: 1, time: { physicalMs: 1_001, logical: 0, proposer: 0 }, batch: slots[0]!.batch.digest });
  for (const { client, results, executed } of [ann!, bob!]) {
    for (const result of results) {
      const asked = requests.find(({ number }) => number === result.number)!;
      expect(result.request).toEqual(digest(requestStatement(cluster, asked)));
      expect(foldResult(resultLeaf({ client, ...result }, digest), result.path, digest)).toEqual(executed.root);
    }
  }
});

test("a batch is signed once, however many clients it has", () => {
  const statements: Uint8Array[] = [];
  const sign = (bytes: Uint8Array): Uint8Array => (statements.push(bytes), testPorts("r1").sign(bytes));
  const core = new ReplicaCore({ cluster, self: peerId("r1"), ports: { sign, digest }, machine: new KeyValueMachine() });
  const now = { wallMs: 1_000, monotonicMs: 0 };
  core.start(true, now);
  statements.length = 0;
  core.step({ type: "message", from: peerId("r0"), message: verified({ type: "slots", slots: slots.slice(0, 1) }) }, now);
  expect(statements).toHaveLength(1);
});

test("a request is judged at the time at which it is executed, also in a batch whose own time is before that of the last", () => {
  const late = signedRequest({ client: "bob", number: 2_009, operation: new Uint8Array(1), notAfterMs: 1_000 });
  const of = makeBatch({ physicalMs: 999, logical: 0, proposer: 0 }, [late], digest);
  const desk = new ReplicaDesk(1).receive({ type: "slots", slots: slots.slice(0, 1) }, "r0").clear();
  desk.receive({ type: "slots", slots: [{ certificate: committed(0, 2, of), batch: of }] }, "r0");
  expect(desk.sent("reply")).toEqual([]);
  expect(desk.sent("hint")).toMatchObject([{ number: 2_009, reason: HintReason.expired, agreedMs: 1_001 }]);
});

test("what its client has settled is forgotten once a request that says so is executed", () => {
  const settled = signedRequest({ client: "ann", number: 2_010, operation: new Uint8Array(1), lowest: 2_002 });
  const of = makeBatch({ physicalMs: 1_002, logical: 0, proposer: 0 }, [settled], digest);
  const desk = new ReplicaDesk(1).receive({ type: "slots", slots: slots.slice(0, 1) }, "r0");
  desk.receive({ type: "slots", slots: [{ certificate: committed(0, 2, of), batch: of }] }, "r0").clear();
  desk.receive(requests[0]!, "ann").receive(requests[1]!, "ann");
  expect(desk.sent("hint")).toMatchObject([{ number: 2_001, reason: HintReason.stale }]);
  expect(desk.sent("reply").map(({ results: [result] }) => result?.number)).toEqual([2_002]);
});

test("a retry proves as much as the first answer did, also after a restart from a checkpoint", () => {
  const desk = new ReplicaDesk(1).clear().receive({ type: "slots", slots }, "r0");
  const first = desk.sent("reply").find(({ client }) => client === "bob")!;
  const retry = (core: ReplicaCore): Reply | undefined =>
    core
      .step({ type: "message", from: peerId("bob"), message: requests[2]! as never }, desk.now)
      .flatMap((output) => (output.type === "send" && output.message.type === "reply" ? [output.message] : []))[0];
  expect(retry(desk.core)).toEqual(first);

  const state = desk.sent("checkpoint")[0]!.digest;
  for (const sender of [0, 1, 2]) desk.receive(signCheckpoint(replicaOf(sender), 8, state));
  const written = desk.outputs.flatMap((output) => (output.type === "checkpoint" ? [[...output.chunks]] : []))[0]!;
  // The birth mark stands first, before what else of the log that it replaces still binds.
  expect(recordCodec(cluster, digest).decode(written[1]!)).toMatchObject({ ok: true, value: { type: "birth" } });
  const parts = { self: peerId("r1"), ports: testPorts("r1"), machine: new KeyValueMachine() };
  const other = configuration({ replicas: cluster.replicas, cluster: "test", checkpointInterval: 8, viewTimeoutMs: 200 });
  expect(() => new ReplicaCore({ ...parts, cluster: other }).restore(lsn(50), written)).toThrow(/viewTimeoutMs is "200" here and "100" there/);
  const core = new ReplicaCore({ ...parts, cluster });
  core.restore(lsn(50), written);
  core.start(false, desk.now);
  expect(retry(core)).toEqual(first);
});

test("a batch that executes nothing new is signed for nobody", () => {
  const desk = new ReplicaDesk(1).receive({ type: "slots", slots: slots.slice(0, 1) }, "r0").clear();
  const again = makeBatch({ physicalMs: 1_010, logical: 0, proposer: 0 }, [requests[2]!, request(2_003, "other", "bob")], digest);
  const { signature } = signProposal(replicaOf(0), 0, 2, again.digest);
  desk.receive({ type: "pre-prepare", view: 0, sequence: 2, batch: again, signature }, "r0").loop();
  for (const sender of [2, 3]) desk.receive(signVote(replicaOf(sender), "prepare", 0, 2, again.digest));
  desk.loop();
  for (const sender of [0, 2]) desk.receive(signVote(replicaOf(sender), "commit", 0, 2, again.digest));
  expect(desk.core.standing().lastExecuted).toBe(2);
  // Both are answered with what was executed under the number, whatever was asked now.
  expect(desk.sent("reply").map(({ executed }) => executed.sequence)).toEqual([1, 1]);
});
