import { lsn, peerId } from "@void-system/effects";
import { expect, test } from "vitest";
import { signVote } from "../../src/codec/signed.ts";
import { Outbox } from "../../src/protocol/outbox.ts";
import { batch, cluster, replicaOf } from "../support/messages.ts";

const vote = signVote(replicaOf(1), "commit", 0, 1, batch(1).digest);
const question = { type: "fetch-slots", from: 1 } as const;
const outbox = (): Outbox => new Outbox(cluster, peerId("r1"));

test("what binds waits for all that was appended; what does not, and what has left before, leaves at once", () => {
  const box = outbox();
  box.recovered(lsn(6));
  box.append({ type: "batch", sequence: 1, batch: batch(1) });
  box.bind(vote);
  box.repeat(vote, 3);
  box.say(question, "others");
  expect(box.take().slice(1)).toEqual([
    { type: "send", to: ["r0", "r1", "r2", "r3"], message: vote, after: 7 },
    { type: "send", to: ["r3"], message: vote },
    { type: "send", to: ["r0", "r2", "r3"], message: question },
  ]);
  expect(box.take()).toEqual([]);
});

test("a binding message cannot be said, nor a question bound", () => {
  const box = outbox();
  // @ts-expect-error A vote leaves through `bind`.
  box.say(vote, "others");
  // @ts-expect-error A question binds nobody.
  box.bind(question, "others");
  expect(box.take()).toHaveLength(2);
});

test("a timer is cancelled only if it is set", () => {
  const box = outbox();
  box.disarm("view");
  box.arm("view", 5);
  expect(box.isArmed("view")).toBe(true);
  box.disarm("view");
  box.arm("request", 5);
  box.fired("request");
  box.disarm("request");
  expect(box.take().map((output) => output.type === "timer" && [output.name, output.delayMs])).toEqual([
    ["view", 5],
    ["view", "cancel"],
    ["request", 5],
  ]);
});
