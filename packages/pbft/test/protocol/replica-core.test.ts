import { digest } from "@void-system/crypto";
import { lsn } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { makeBatch, type Batch } from "../../src/codec/batch.ts";
import type { Message } from "../../src/codec/message.ts";
import { signCheckpoint, signComplaint, signProposal, signStatus, signVote } from "../../src/codec/signed.ts";
import { BEGINNING } from "../../src/codec/certificate.ts";
import { batch, cluster, committed, departure, newView, prepared, replicaOf, request, stableAt, viewChange } from "../support/messages.ts";
import { ReplicaDesk } from "../support/replica-desk.ts";

const [a, b] = [batch(1_001), batch(1_002)];
const prePrepare = (view: number, sequence: number, of: Batch): Message => ({
  type: "pre-prepare",
  view,
  sequence,
  batch: of,
  signature: signProposal(replicaOf(view % 4), view, sequence, of.digest).signature,
});
const vote = (type: "prepare" | "commit", sender: number, sequence: number, of: Batch, view = 0): Message =>
  signVote(replicaOf(sender), type, view, sequence, of.digest);
const complaint = (sender: number, view: number): Message => signComplaint(replicaOf(sender), view);

describe("the normal case", () => {
  test("a backup prepares, commits and executes; each vote waits for the record that binds it", () => {
    const desk = new ReplicaDesk(1).clear();
    desk.receive(prePrepare(0, 1, a), "r0");
    expect(desk.outputs.map(({ type }) => type)).toEqual(["append", "send", "timer", "timer"]);
    // The first record is the birth.
    expect(desk.outputs[1]).toMatchObject({ after: 2, message: { type: "prepare" } });
    desk.receive(vote("prepare", 2, 1, a), "r2");
    expect(desk.sent("commit")).toEqual([]);
    desk.loop();
    const commit = desk.outputs.find((output) => output.type === "send" && output.message.type === "commit");
    expect(commit).toMatchObject({ after: 3 });
    desk.receive(vote("commit", 0, 1, a)).receive(vote("commit", 2, 1, a));
    expect(desk.core.standing().lastExecuted).toBe(0);
    desk.loop();
    expect(desk.core.standing().lastExecuted).toBe(1);
    expect(desk.sent("reply")).toHaveLength(1);
  });

  test("votes that came before the proposal count for their own digest alone", () => {
    const desk = new ReplicaDesk(1).clear();
    desk.receive(vote("prepare", 2, 1, b)).receive(vote("prepare", 3, 1, b)).receive(prePrepare(0, 1, a));
    expect(desk.sent("commit")).toEqual([]);
    desk.loop();
    expect(desk.sent("commit")).toEqual([]);
  });

  test("a second proposal for one place is not voted for, and noticed", () => {
    const desk = new ReplicaDesk(1).receive(prePrepare(0, 1, a)).clear();
    desk.receive(prePrepare(0, 1, b));
    expect(desk.sent("prepare")).toEqual([]);
    expect(desk.core.standing().counters.equivocations).toBe(1);
    desk.receive(prePrepare(0, 1, a));
    expect(desk.core.standing().counters.equivocations).toBe(1);
  });

  test("proposals are taken in sequence; one that comes early waits", () => {
    const desk = new ReplicaDesk(1).clear();
    const later = makeBatch({ physicalMs: 1_001, logical: 0, proposer: 0 }, [request(1_003)], digest);
    desk.receive(prePrepare(0, 2, later));
    expect(desk.sent("prepare")).toEqual([]);
    desk.receive(prePrepare(0, 1, a));
    expect(desk.sent("prepare").map(({ sequence }) => sequence)).toEqual([1, 2]);
  });

  test("a time that is not after the previous one, or far from the clock, gets no PREPARE, but a committed batch is executed with it", () => {
    const desk = new ReplicaDesk(1).clear();
    const far = makeBatch({ physicalMs: 100_000, logical: 0, proposer: 0 }, [request(1)], digest);
    desk.receive(prePrepare(0, 1, far));
    expect(desk.sent("prepare")).toEqual([]);
    desk.receive(prePrepare(0, 1, a)).receive(prePrepare(0, 2, batch(7)));
    expect(desk.sent("prepare")).toHaveLength(1);
    expect(desk.core.standing().counters.refusedTimes).toBe(2);
    desk.receive({ type: "slots", slots: [{ certificate: committed(0, 1, far), batch: far }] }, "r0");
    expect(desk.core.standing().lastExecuted).toBe(1);
  });

  test("a batch that a commit quorum names and that never came is asked for, and taken only with that digest", () => {
    const desk = new ReplicaDesk(1).clear();
    for (const sender of [0, 2, 3]) desk.receive(vote("commit", sender, 1, a));
    expect(desk.sent("fetch-batch")).toMatchObject([{ sequence: 1, digest: a.digest }]);
    desk.receive({ type: "batch", sequence: 1, batch: b });
    expect(desk.core.standing().lastExecuted).toBe(0);
    desk.receive({ type: "batch", sequence: 1, batch: a });
    expect(desk.core.standing().lastExecuted).toBe(1);
  });

  test("two certificates for one place stop the replica: more than f lie", () => {
    const desk = new ReplicaDesk(1);
    desk.receive({ type: "slots", slots: [{ certificate: committed(0, 1, a), batch: a }] }, "r0");
    for (const sender of [0, 2]) desk.receive(vote("commit", sender, 1, b));
    expect(() => desk.receive(vote("commit", 3, 1, b))).toThrow(/more than f/);
  });

  test("what is far beyond the window or the view is dropped or kept within bounds", () => {
    const desk = new ReplicaDesk(1).clear();
    desk
      .receive(prePrepare(0, 10_000, a))
      .receive(vote("commit", 2, 10_000, a))
      .receive({ type: "slots", slots: [{ certificate: committed(0, 10_000, a), batch: a }] });
    for (let view = 4; view < 4_000; view += 4) desk.receive(prePrepare(view, 1, a));
    desk.receive(signCheckpoint(replicaOf(2), 8_000, a.digest));
    expect(desk.outputs.filter(({ type }) => type !== "timer")).toEqual([]);
    expect(desk.core.standing()).toMatchObject({ view: 0, lastExecuted: 0, stableCheckpoint: 0 });
  });

  test("a primary that learned of a checkpoint first is not ignored: its proposal waits for the watermark", () => {
    const desk = new ReplicaDesk(1);
    let last = 1_000;
    const batches = Array.from({ length: 17 }, (_, index) =>
      makeBatch({ physicalMs: (last += 1), logical: 0, proposer: 0 }, [request(2_000 + index)], digest),
    );
    for (const [index, of] of batches.entries()) desk.receive(prePrepare(0, index + 1, of), "r0");
    expect(desk.sent("prepare")).toHaveLength(16);
    const slots = batches.slice(0, 8).map((of, index) => ({ certificate: committed(0, index + 1, of), batch: of }));
    desk.receive({ type: "slots", slots }, "r0").loop();
    const own = desk.clear().core.standing();
    expect(own).toMatchObject({ lastExecuted: 8, stableCheckpoint: 0 });
    const taken = new ReplicaDesk(2);
    taken.receive({ type: "slots", slots }, "r0");
    const state = taken.sent("checkpoint")[0]!.digest;
    for (const sender of [0, 2]) desk.receive(signCheckpoint(replicaOf(sender), 8, state));
    expect(desk.sent("prepare").map(({ sequence }) => sequence)).toEqual([17]);
  });
});

describe("requests", () => {
  const passed = (desk: ReplicaDesk): number => desk.sent("request").length;

  test("are passed on to the primary when their client repeats them, not when a replica does", () => {
    const desk = new ReplicaDesk(1).clear().receive(request(1), "c0");
    expect(passed(desk)).toBe(1);
    desk.clear().receive(request(1), "c0");
    expect(passed(desk)).toBe(1);
    desk.clear().receive(request(1), "r0");
    expect(passed(desk)).toBe(0);
  });

  test("that were executed are answered from the session, by any replica", () => {
    const desk = new ReplicaDesk(1).receive(
      { type: "slots", slots: [{ certificate: committed(0, 1, a), batch: a }] },
      "r0",
    );
    desk.clear().receive(request(1_001), "r0");
    expect(desk.sent("reply")[0]?.results).toMatchObject([{ number: 1_001, status: 0 }]);
    expect(passed(desk)).toBe(0);
  });
});

describe("a STATUS", () => {
  const lagging = (): Message =>
    signStatus(replicaOf(2), { view: 0, changing: false, complaining: false, stable: 0, lastExecuted: 0, slots: [] });

  test("repeated without pause is answered once", () => {
    const desk = new ReplicaDesk(0).receive(request(1), "c0").loop();
    desk.ms = 1_000;
    desk.clear();
    for (let index = 0; index < 10; index += 1) desk.receive(lagging(), "r2");
    expect(desk.sent("pre-prepare")).toHaveLength(1);
  });
});

describe("checkpoints", () => {
  test("are stable with a quorum of matching votes, not of voters", () => {
    const desk = new ReplicaDesk(1);
    for (const [sender, of] of [
      [0, a],
      [2, b],
      [3, a],
    ] as const)
      desk.receive(signCheckpoint(replicaOf(sender), 8, of.digest));
    desk.receive(signCheckpoint(replicaOf(0), 8, a.digest));
    expect(desk.core.standing().stableCheckpoint).toBe(0);
    desk.receive(signCheckpoint(replicaOf(1), 8, a.digest));
    expect(desk.core.standing()).toMatchObject({ stableCheckpoint: 8, catchingUp: true });
  });
});

describe("the view change", () => {
  const hasTimedOut = (desk: ReplicaDesk, ms = 100): ReplicaDesk => desk.timer("request", ms);

  test("one replica whose timeout is over complains and stays in its view; f+1 leave it", () => {
    const desk = new ReplicaDesk(1).receive(request(1), "c0").clear();
    hasTimedOut(desk);
    expect(desk.sent("complaint")).toMatchObject([{ view: 0, sender: 1 }]);
    expect(desk.core.standing().inViewChange).toBe(false);
    desk.receive(complaint(2, 0), "r2");
    expect(desk.sent("view-change")).toMatchObject([{ view: 1 }]);
    expect(desk.core.standing()).toMatchObject({ view: 1, inViewChange: true });
  });

  test("says why, and names both primaries, when it is logged", () => {
    const logged = (desk: ReplicaDesk): unknown[] => desk.outputs.flatMap((output) => (output.type === "report" ? [output] : []));
    const late = hasTimedOut(new ReplicaDesk(1).receive(request(1), "c0")).receive(complaint(2, 0), "r2");
    expect(logged(late)).toMatchObject([
      { event: "pbft.view-change", fields: { view: 1, oldPrimary: "r0", newPrimary: "r1", reason: "no progress in time" } },
    ]);
    const joining = new ReplicaDesk(1).receive(departure(1), "r3");
    expect(logged(joining)).toMatchObject([{ fields: { oldPrimary: "r0", newPrimary: "r2", reason: "proof that f+1 replicas complained" } }]);
  });

  test("a complaint about another view, or an old one, does not count", () => {
    const desk = new ReplicaDesk(1).receive(request(1), "c0");
    desk.receive(complaint(2, 1), "r2").receive(complaint(3, 0), "r3");
    hasTimedOut(desk, 1_000);
    expect(desk.core.standing().inViewChange).toBe(false);
  });

  test("a replica that f+1 others are ahead of catches up, and does not complain", () => {
    const desk = new ReplicaDesk(1).receive(request(1), "c0");
    for (const sender of [2, 3])
      desk.receive(
        signStatus(replicaOf(sender), {
          view: 0,
          changing: false,
          complaining: false,
          stable: 0,
          lastExecuted: 5,
          slots: [],
        }),
        `r${sender}`,
      );
    hasTimedOut(desk.clear());
    expect(desk.sent("complaint")).toEqual([]);
  });

  test("the proof that a view was left is followed at once, and shown to all before the VIEW-CHANGE", () => {
    const desk = new ReplicaDesk(1).clear().receive(departure(4));
    expect(desk.core.standing()).toMatchObject({ view: 5, inViewChange: true });
    const said = desk.outputs.flatMap((output) => (output.type === "send" ? [output.message.type] : []));
    expect(said).toEqual(["departure", "view-change"]);
    desk.clear().receive(departure(3)).receive(departure(2));
    expect(desk.core.standing().view).toBe(5);
    expect(desk.sent("view-change")).toEqual([]);
  });

  test("VIEW-CHANGEs without the proof move nobody, however many there are", () => {
    const desk = new ReplicaDesk(1).clear();
    for (const sender of [0, 2, 3]) desk.receive(viewChange(sender, 1)).receive(viewChange(sender, 900));
    expect(desk.core.standing()).toMatchObject({ view: 0, inViewChange: false });
    expect(desk.sent("new-view")).toEqual([]);
  });

  test("a view that does not begin is left like another, on the complaints of f+1", () => {
    const desk = new ReplicaDesk(3).receive(departure(0));
    for (const sender of [0, 2]) desk.receive(viewChange(sender, 1));
    desk.loop().clear().timer("view", 1_000);
    expect(desk.sent("complaint")).toMatchObject([{ view: 1 }]);
    expect(desk.core.standing()).toMatchObject({ view: 1, inViewChange: true });
    desk.receive(complaint(0, 1));
    expect(desk.core.standing()).toMatchObject({ view: 2, inViewChange: true });
  });

  test("its VIEW-CHANGE is sent again until the view begins", () => {
    const desk = new ReplicaDesk(1).receive(departure(1)).receive(viewChange(2, 2)).receive(viewChange(3, 2)).loop();
    desk.clear().timer("status", 50);
    desk.timer("status", 100);
    expect(desk.sent("view-change").map(({ view }) => view)).toEqual([2, 2]);
  });

  test("the wait for a NEW-VIEW is timed only once a quorum waits", () => {
    const desk = new ReplicaDesk(1).receive(departure(1)).receive(viewChange(2, 2)).receive(viewChange(3, 2));
    expect(desk.outputs.some((output) => output.type === "timer" && output.name === "view")).toBe(false);
    desk.loop();
    expect(desk.outputs.filter((output) => output.type === "timer" && output.name === "view")).toEqual([
      { type: "timer", name: "view", delayMs: 200 },
    ]);
    desk.timer("view", 300).receive(complaint(3, 2));
    expect(desk.core.standing().view).toBe(3);
  });

  test("what was prepared is in the VIEW-CHANGE, and still is after the next one", () => {
    const desk = new ReplicaDesk(1)
      .receive(prePrepare(0, 1, a))
      .receive(vote("prepare", 2, 1, a))
      .receive(vote("prepare", 3, 1, a))
      .clear();
    for (const view of [2, 3]) {
      desk.receive(departure(view - 1));
      expect(desk.sent("view-change").at(-1)?.prepared).toMatchObject([{ view: 0, sequence: 1, digest: a.digest }]);
    }
  });

  test("the new primary proposes what was prepared, then what waits, and no number twice", () => {
    const desk = new ReplicaDesk(1).receive(request(5), "c0").clear();
    desk
      .receive(departure(0))
      .receive(viewChange(2, 1, [prepared(0, 1, a)]))
      .receive(viewChange(3, 1))
      .loop();
    expect(desk.sent("new-view")[0]?.proposals.map(({ sequence }) => sequence)).toEqual([1]);
    expect(desk.sent("fetch-batch")).toHaveLength(1);
    desk.loop().receive({ type: "batch", sequence: 1, batch: a }, "r2");
    expect(desk.sent("pre-prepare")).toEqual([]);
    for (const sender of [2, 3])
      desk.receive(vote("prepare", sender, 1, a, 1)).receive(vote("commit", sender, 1, a, 1));
    desk.loop();
    expect(desk.core.standing().lastExecuted).toBe(1);
    expect(
      desk.sent("pre-prepare").map(({ sequence, batch: { requests } }) => [sequence, requests[0]?.number]),
    ).toEqual([[2, 5]]);
  });

  test("a backup forwards what waits to the new primary, and votes for what the NEW-VIEW proposes", () => {
    const desk = new ReplicaDesk(3).receive(request(5), "c0").receive(prePrepare(0, 1, a)).clear();
    desk.receive(newView(1, [viewChange(0, 1), viewChange(1, 1, [prepared(0, 1, a)]), viewChange(2, 1)]), "r1");
    expect(desk.core.standing()).toMatchObject({ view: 1, inViewChange: false });
    expect(desk.outputs.find((output) => output.type === "send" && output.message.type === "request")).toMatchObject({
      to: "r1",
    });
    expect(desk.sent("prepare")).toMatchObject([{ view: 1, sequence: 1, digest: a.digest }]);
  });

  test("votes of a view that has not begun here count when it begins", () => {
    const desk = new ReplicaDesk(3).receive(prePrepare(0, 1, a)).clear();
    desk.receive(vote("prepare", 0, 1, a, 1)).receive(vote("prepare", 2, 1, a, 1));
    desk.receive(newView(1, [viewChange(0, 1), viewChange(1, 1, [prepared(0, 1, a)]), viewChange(2, 1)]), "r1");
    expect(desk.sent("commit")).toMatchObject([{ view: 1, sequence: 1 }]);
  });

  test("a NEW-VIEW whose checkpoint is beyond this replica is entered; the state is caught up with beside", () => {
    const desk = new ReplicaDesk(3).clear();
    const stable = stableAt(8, a.digest);
    desk.receive(
      newView(1, [viewChange(0, 1, [], stable), viewChange(1, 1, [prepared(0, 9, b)], stable), viewChange(2, 1)]),
      "r1",
    );
    expect(desk.core.standing()).toMatchObject({ view: 1, inViewChange: false, stableCheckpoint: 8, catchingUp: true });
    desk.receive({ type: "batch", sequence: 9, batch: b });
    expect(desk.sent("prepare")).toMatchObject([{ view: 1, sequence: 9 }]);
  });
});

describe("a restart", () => {
  test("repeats the same votes, and none that it did not cast", () => {
    const before = new ReplicaDesk(1).receive(prePrepare(0, 1, a)).receive(vote("prepare", 2, 1, a)).loop();
    const after = new ReplicaDesk(1, {}, before.records);
    expect(after.sent("prepare")).toMatchObject([{ view: 0, sequence: 1, digest: a.digest }]);
    expect(after.sent("commit")).toMatchObject([{ view: 0, sequence: 1, digest: a.digest }]);
    after.clear().receive(prePrepare(0, 1, b));
    expect(after.sent("prepare")).toEqual([]);
  });

  test("of a primary goes on after what it has proposed", () => {
    const before = new ReplicaDesk(0).receive(request(1), "c0");
    expect(before.sent("pre-prepare").map(({ sequence }) => sequence)).toEqual([1]);
    const after = new ReplicaDesk(0, {}, before.records);
    expect(after.sent("pre-prepare").map(({ sequence }) => sequence)).toEqual([1]);
    after.clear().receive(request(2), "c0");
    expect(after.sent("pre-prepare").map(({ sequence }) => sequence)).toEqual([2]);
  });

  test("in a view change stays in it, and sends the same VIEW-CHANGE", () => {
    const before = new ReplicaDesk(1).receive(prePrepare(0, 1, a)).receive(departure(1)).receive(viewChange(2, 2)).receive(viewChange(3, 2));
    const after = new ReplicaDesk(1, {}, before.records);
    expect(after.sent("view-change")).toEqual(before.sent("view-change"));
    after.clear().receive(prePrepare(0, 2, b)).receive(vote("prepare", 3, 1, a));
    expect(after.sent("prepare")).toEqual([]);
    expect(after.sent("commit")).toEqual([]);
  });

  test("in a view change shows the proof again with which it left its view, from the log or from the checkpoint", () => {
    const before = new ReplicaDesk(1).receive(departure(1));
    expect(new ReplicaDesk(1, {}, before.records).sent("departure")).toEqual([departure(1)]);
    const slots = Array.from({ length: 8 }, (_, index) => {
      const of = makeBatch({ physicalMs: 1_001 + index, logical: 0, proposer: 0 }, [request(3_000 + index)], digest);
      return { certificate: committed(0, index + 1, of), batch: of };
    });
    before.receive({ type: "slots", slots }, "r0");
    const state = before.sent("checkpoint")[0]!.digest;
    for (const sender of [0, 1, 2]) before.receive(signCheckpoint(replicaOf(sender), 8, state));
    const written = before.outputs.flatMap((output) => (output.type === "checkpoint" ? [[...output.chunks]] : []))[0]!;
    const core = new ReplicaDesk(1).core;
    core.restore(lsn(50), written);
    const said = core.start(false, { wallMs: 1_000, monotonicMs: 0 });
    expect(core.standing()).toMatchObject({ view: 2, inViewChange: true, lastExecuted: 8 });
    expect(said.flatMap((output) => (output.type === "send" ? [output.message] : []))).toContainEqual(departure(1));
  });

  test("executes again what was committed, without asking anybody", () => {
    const before = new ReplicaDesk(1);
    before.receive({ type: "slots", slots: [{ certificate: committed(0, 1, a), batch: a }] }, "r0");
    const after = new ReplicaDesk(1, {}, before.records);
    expect(after.core.standing().lastExecuted).toBe(1);
    expect(after.outputs.filter(({ type }) => type === "deliver")).toHaveLength(1);
    expect(after.sent("reply")).toEqual([]);
  });
});

test("an unknown beginning is the same for all", () => {
  expect(BEGINNING.sequence).toBe(0);
  expect(cluster.window).toBe(16);
});
