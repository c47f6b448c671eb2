/** Replies: one signature a batch, and a retry that proves as much as the first answer. */
import { digest, foldResult, requestStatement, resultLeaf } from "@void-system/crypto";
import { lsn, peerId } from "@void-system/effects";
import { expect, test } from "vitest";
import { makeBatch } from "../../src/codec/batch.ts";
import type { Reply } from "../../src/codec/message.ts";
import { signCheckpoint, signProposal, signVote } from "../../src/codec/signed.ts";
import { ReplicaCore } from "../../src/index.ts";
import { KeyValueMachine } from "../support/key-value-machine.ts";
import { testPorts } from "../support/cluster.ts";
import { cluster, committed, replicaOf, request } from "../support/messages.ts";
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
  const core = new ReplicaCore({ cluster, self: peerId("r1"), ports: testPorts("r1"), machine: new KeyValueMachine() });
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
