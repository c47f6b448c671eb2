import { describe, expect, test } from "vitest";
import { NULL_BATCH } from "../../src/codec/batch.ts";
import { signVote } from "../../src/codec/signed.ts";
import { quorumOf, Slot } from "../../src/protocol/slot.ts";
import { batch, prepared, replicaOf } from "../support/messages.ts";

const [a, b, c, d] = [batch(1), batch(2), batch(3), batch(4)];
const commit = (sender: number, of = a) => signVote(replicaOf(sender), "commit", 0, 1, of.digest);

describe("the batches of a slot", () => {
  test("are durable one by one, and only those are for the records", () => {
    const slot = new Slot(1);
    slot.keep(a);
    slot.keep(b);
    expect([slot.isDurable(a.digest), slot.isDurable(c.digest)]).toEqual([false, false]);
    slot.markDurable(a.digest);
    slot.markDurable(c.digest);
    expect([a, b, c].map(({ digest }) => slot.isDurable(digest))).toEqual([true, false, false]);
    expect(slot.durableBatches().map(({ batch: kept }) => kept)).toEqual([a]);
  });

  test("are kept once, and the null batch takes no room and is durable", () => {
    const slot = new Slot(1);
    slot.keep(a);
    slot.keep(a);
    slot.keep(NULL_BATCH);
    expect(slot.bytes).toBe(2 * a.bytes.length);
    expect(slot.isDurable(NULL_BATCH.digest)).toBe(true);
  });

  test("are three: of more, the first that nothing names goes", () => {
    const slot = new Slot(1);
    for (const one of [a, b, c]) slot.keep(one);
    expect([a, b, c].map(({ digest }) => slot.batch(digest))).toEqual([a, b, c]);
    slot.prepare(prepared(0, 1, a), true);
    slot.keep(d);
    expect([a, b, c, d].map(({ digest }) => slot.batch(digest))).toEqual([a, undefined, c, d]);
    // Without a certificate and a proposal, the first one goes.
    const other = new Slot(1);
    for (const one of [a, b, c, d]) other.keep(one);
    expect([a, b, c, d].map(({ digest }) => other.batch(digest))).toEqual([undefined, b, c, d]);
  });
});

describe("votes of a slot", () => {
  test("make a certificate of exactly a quorum, in the order of their senders", () => {
    const votes = new Map([3, 0, 2, 1].map((sender) => [sender, commit(sender)] as const));
    expect(quorumOf(votes, a.digest, 3)?.map(({ sender }) => sender)).toEqual([0, 1, 2]);
    expect(quorumOf(votes, a.digest, 3, 0)?.map(({ sender }) => sender)).toEqual([1, 2, 3]);
    expect(quorumOf(votes, b.digest, 1)).toBeUndefined();
    expect(quorumOf(votes, a.digest, 5)).toBeUndefined();
  });

  test("that are split commit nothing", () => {
    const slot = new Slot(1);
    for (const vote of [commit(0), commit(1, b), commit(2)]) slot.count(vote);
    expect(slot.commitQuorum(0, 3)).toBeUndefined();
    slot.count(commit(3));
    expect(slot.commitQuorum(0, 3)).toMatchObject({ digest: a.digest, commits: [{ sender: 0 }, { sender: 2 }, { sender: 3 }] });
  });

  test("are of a view: leaving it forgets them, and that this replica's proposal has left", () => {
    const slot = new Slot(1);
    slot.markLeft();
    slot.waitFrom(7);
    slot.count(commit(0));
    expect([slot.hasLeft, slot.sinceMs]).toEqual([true, 7]);
    slot.leaveView();
    expect([slot.hasLeft, slot.voteOf("commit", 0)]).toEqual([false, undefined]);
  });
});
