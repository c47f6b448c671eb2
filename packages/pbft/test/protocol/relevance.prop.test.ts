import { peerId } from "@void-system/effects";
import fc from "fast-check";
import { expect, test } from "vitest";
import type { Message } from "../../src/codec/message.ts";
import { signCheckpoint, signComplaint, signProposal, signStatus, signVote } from "../../src/codec/signed.ts";
import { batch, cluster, committed, departure, newView, prepared, replicaOf, request, resignation, stableAt, viewChange } from "../support/messages.ts";
import { ReplicaDesk } from "../support/replica-desk.ts";

const batches = [batch(1_001), batch(1_002, 1_001), batch(1_003, 1_002)];
const of = fc.constantFrom(...batches);
const sender = fc.integer({ min: 0, max: 3 });
const view = fc.oneof(fc.integer({ min: 0, max: 3 }), fc.constantFrom(7, 900));
const sequence = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.constantFrom(8, 9, 16, 40, 200, 9_000));

const prePrepares = fc.tuple(view, sequence, of).map(([inView, at, content]): Message => {
  const { signature } = signProposal(replicaOf(inView % 4), inView, at, content.digest);
  return { type: "pre-prepare", view: inView, sequence: at, batch: content, signature };
});
const votes = fc
  .tuple(fc.constantFrom("prepare" as const, "commit" as const), sender, view, sequence, of)
  .map(([type, by, inView, at, content]) => signVote(replicaOf(by), type, inView, at, content.digest));
const checkpoints = fc.tuple(sender, sequence, of).map(([by, at, { digest }]) => signCheckpoint(replicaOf(by), at, digest));
const viewChanges = fc
  .tuple(sender, fc.integer({ min: 1, max: 4 }), fc.boolean())
  .map(([by, to, has]) => viewChange(by, to, has ? [prepared(0, 1, batches[0]!)] : []));
const complaints = fc.tuple(sender, view).map(([by, of]) => signComplaint(replicaOf(by), of));
const departures = fc.tuple(fc.integer({ min: 0, max: 4 }), fc.boolean()).map(([left, isResigned]) => (isResigned ? resignation(left) : departure(left)));
const newViews = fc
  .integer({ min: 1, max: 3 })
  .map((to) => newView(to, [viewChange(0, to), viewChange(1, to, [prepared(0, 1, batches[0]!)]), viewChange(2, to)]));
const slots = fc.tuple(sequence, of).map(
  ([at, content]): Message => ({ type: "slots", slots: [{ certificate: committed(0, at, content), batch: content }] }),
);
const stables = of.map(({ digest }): Message => ({ type: "stable", certificate: stableAt(8, digest) }));
const requests = fc.integer({ min: 1, max: 5 }).map((number): Message => request(number));
const statuses = fc.tuple(sender, view).map(([by, inView]): Message =>
  signStatus(replicaOf(by), { view: inView, changing: false, complaining: false, stable: 0, lastExecuted: 0, slots: [] }),
);
const messages = fc.oneof(
  { weight: 4, arbitrary: votes },
  { weight: 3, arbitrary: prePrepares },
  { weight: 3, arbitrary: requests },
  ...[checkpoints, complaints, departures, viewChanges, newViews, slots, stables, statuses].map((arbitrary) => ({ weight: 1, arbitrary })),
);

/** The messages that a run has dropped, by kind. */
function run(index: number, heard: readonly (readonly [string, Message])[]): string[] {
  const desk = new ReplicaDesk(index);
  const dropped: string[] = [];
  for (const [from, message] of heard) {
    const matters = desk.core.matters(peerId(from), message);
    const { root: _root, ...before } = desk.core.standing();
    desk.clear();
    try {
      desk.receive(message, from);
    } catch {
      // Certificates for two batches: more than f replicas lie, and the replica stops.
      expect(matters).toBe(true);
      return dropped;
    }
    if (matters) {
      desk.loop();
      continue;
    }
    dropped.push(message.type);
    expect(desk.outputs).toEqual([]);
    expect(desk.core.standing()).toMatchObject(before);
  }
  return dropped;
}

test("a message that does not matter changes nothing when it is taken in all the same", () => {
  const dropped = new Set<string>();
  const from = fc.constantFrom("r0", "r2", "r3", "c0");
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1 }), fc.array(fc.tuple(from, messages), { maxLength: 40 }), (index, heard) => {
      for (const kind of run(index, heard)) dropped.add(kind);
    }),
    { numRuns: 200 },
  );
  // The law holds of something.
  for (const kind of ["prepare", "commit", "pre-prepare", "checkpoint", "complaint", "departure", "view-change", "new-view", "slots", "request"])
    expect([...dropped]).toContain(kind);
});

test("a vote is dropped if its sender's or the certificate has its digest, and verified if it names another", () => {
  const [a, b] = [batches[0]!, batches[1]!];
  const desk = new ReplicaDesk(1);
  const commit = (by: number, { digest } = a): Message => signVote(replicaOf(by), "commit", 0, 1, digest);
  const matters = (message: Message): boolean => desk.core.matters(peerId("r3"), message);
  expect(matters(commit(2))).toBe(true);
  desk.receive(commit(2));
  expect([matters(commit(2)), matters(commit(2, b)), matters(commit(0))]).toEqual([false, true, true]);
  desk.receive({ type: "slots", slots: [{ certificate: committed(0, 1, a), batch: a }] }, "r0");
  expect([matters(commit(0)), matters(commit(0, b))]).toEqual([false, true]);
  const late = signVote(replicaOf(2), "prepare", cluster.replicas.length + 1, 1, a.digest);
  expect([matters(late), matters({ ...late, view: 4 })]).toEqual([false, true]);
});
