/** The resignation of a primary, and who follows it. */
import { digest } from "@void-system/crypto";
import { peerId } from "@void-system/effects";
import { expect, test } from "vitest";
import { recordCodec } from "../../src/codec/record.ts";
import { signCheckpoint, signStatus } from "../../src/codec/signed.ts";
import { batch, cluster, committed, departure, newView, replicaOf, resignation, viewChange } from "../support/messages.ts";
import { ReplicaDesk } from "../support/replica-desk.ts";

/** A primary that has links with some, and has heard from some where they stand. */
function primaryWith(linked: readonly string[], heard: readonly number[]): ReplicaDesk {
  const desk = new ReplicaDesk(0);
  for (const peer of linked) desk.core.step({ type: "link", peer: peerId(peer), state: "up" }, desk.now);
  for (const sender of heard)
    desk.receive(signStatus(replicaOf(sender), { view: 0, changing: false, complaining: false, stable: 0, lastExecuted: 0, slots: [] }), `r${sender}`);
  return desk.clear();
}

test("a primary resigns only when a quorum of the others can go on, the next one among them", () => {
  const all = ["r1", "r2", "r3"];
  for (const [desk, resigns] of [
    [primaryWith(all, [1]), true],
    [primaryWith(["r1", "r2"], [1]), false],
    [primaryWith(all, [2, 3]), false],
  ] as const) {
    desk.core.step({ type: "request", request: { type: "resign" } }, desk.now);
    expect(desk.core.standing()).toMatchObject({ inViewChange: resigns, handingOver: resigns });
  }
  // What it has said before its link was lost says nothing of now.
  const again = primaryWith(all, [1]);
  again.ms = 5;
  for (const state of ["down", "up"] as const) again.core.step({ type: "link", peer: peerId("r1"), state }, again.now);
  again.core.step({ type: "request", request: { type: "resign" } }, again.now);
  expect(again.core.standing().inViewChange).toBe(false);
});

test("who is left by a quorum while it hands over no longer waits", () => {
  const desk = primaryWith(["r1", "r2", "r3"], [1]);
  desk.core.step({ type: "request", request: { type: "resign" } }, desk.now);
  desk.core.step({ type: "link", peer: peerId("r3"), state: "down" }, desk.now);
  expect(desk.core.standing()).toMatchObject({ inViewChange: true, handingOver: false });
});

test("a primary that is about to stop resigns, and its backups follow at once", () => {
  const primary = primaryWith(["r1", "r2", "r3"], [1]);
  const outputs = primary.core.step({ type: "request", request: { type: "resign" } }, primary.now);
  const said = outputs.flatMap((output) => (output.type === "send" ? [output.message] : []));
  expect(said).toMatchObject([resignation(0), { type: "view-change", view: 1, sender: 0 }]);
  const backup = new ReplicaDesk(2).clear().receive(resignation(0), "r0");
  expect(backup.core.standing()).toMatchObject({ view: 1, inViewChange: true });
  expect(backup.sent("departure")).toEqual([resignation(0)]);
  expect(backup.records.map(({ type }) => type)).toEqual(["birth", "departure", "view-change"]);
  expect(new ReplicaDesk(2, {}, backup.records).sent("departure")).toEqual([resignation(0)]);
  // A backup has nothing to resign from, nor has a primary whose view has not begun.
  for (const desk of [new ReplicaDesk(1), new ReplicaDesk(1).receive(departure(0))])
    expect(desk.core.step({ type: "request", request: { type: "resign" } }, desk.now).filter(({ type }) => type === "send")).toEqual([]);
});

test("a view that its primary has handed over has not failed: the wait for the next is the shortest", () => {
  for (const [proof, delayMs] of [[resignation(0), 100], [departure(0), 200]] as const) {
    const desk = new ReplicaDesk(3).receive(proof, "r0");
    for (const sender of [0, 2]) desk.receive(viewChange(sender, 1));
    desk.clear().receive(desk.core.standing().view === 1 ? viewChange(3, 1) : proof, "r3");
    expect(desk.outputs).toContainEqual({ type: "timer", name: "view", delayMs });
  }
});

test("a resignation ends a view that has begun here, never one to come: a liar would have the others skipped", () => {
  const desk = new ReplicaDesk(2).clear().receive(resignation(4), "r0").receive(resignation(1), "r1");
  expect(desk.core.standing()).toMatchObject({ view: 0, inViewChange: false });
  desk.receive(departure(0)).receive(resignation(1), "r1");
  expect(desk.core.standing()).toMatchObject({ view: 1, inViewChange: true });
  desk.receive(newView(1, [0, 1, 3].map((sender) => viewChange(sender, 1))), "r1").receive(resignation(1), "r1");
  expect(desk.core.standing()).toMatchObject({ view: 2, inViewChange: true });
});

test("who has followed a resignation brings the others the view that has ended, so that they can follow too, also after a restart", () => {
  const begun = newView(1, [0, 1, 3].map((sender) => viewChange(sender, 1)));
  const desk = new ReplicaDesk(2).receive(departure(0)).receive(begun, "r1").receive(resignation(1), "r1").clear();
  const behind = signStatus(replicaOf(3), { view: 0, changing: false, complaining: false, stable: 0, lastExecuted: 0, slots: [] });
  expect(desk.receive(behind, "r3").sent("new-view")).toEqual([begun]);
  expect(new ReplicaDesk(2, {}, desk.records).clear().receive(behind, "r3").sent("new-view")).toEqual([begun]);
  const late = new ReplicaDesk(3).receive(begun, "r2").receive(resignation(1), "r2");
  expect(late.core.standing()).toMatchObject({ view: 2, inViewChange: true });
});

test("a restart from a checkpoint has the view that its primary has resigned from, and the proof of that", () => {
  const begun = newView(1, [0, 1, 3].map((sender) => viewChange(sender, 1)));
  const desk = new ReplicaDesk(2).receive(departure(0)).receive(begun, "r1").receive(resignation(1), "r1").clear();
  const slots = Array.from({ length: 8 }, (_, index) => {
    const of = batch(1_001 + index, 1_001 + index);
    return { certificate: committed(0, index + 1, of), batch: of };
  });
  const state = desk.receive({ type: "slots", slots }, "r0").sent("checkpoint")[0]!.digest;
  for (const sender of [0, 1, 3]) desk.receive(signCheckpoint(replicaOf(sender), 8, state));
  const chunks = desk.outputs.flatMap((output) => (output.type === "checkpoint" ? [...output.chunks] : []));
  const records = chunks.slice(1, 5).map((chunk) => recordCodec(cluster, digest).decode(chunk));
  expect(records.map((record) => record.ok && record.value.type)).toEqual(["birth", "new-view", "departure", "view-change"]);
});
