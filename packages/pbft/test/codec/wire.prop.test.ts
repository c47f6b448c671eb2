/** Frames that somebody has changed on the way: nothing throws, and nothing but what was signed is ever accepted. */
import { digest, resultLeaf, resultTree } from "@void-system/crypto";
import { peerId } from "@void-system/effects";
import fc from "fast-check";
import { expect, test } from "vitest";
import { makeBatch, type Request } from "../../src/codec/batch.ts";
import { manifestDigest, encodeManifest } from "../../src/codec/manifest.ts";
import { configuration } from "../../src/configuration.ts";
import { encodeMessage } from "../../src/codec/message-codec.ts";
import { ReplyStatus, type Message } from "../../src/codec/message.ts";
import { planNewView } from "../../src/protocol/new-view-plan.ts";
import { signCheckpoint, signNewView, signExecuted, signProposal, signStatus, signViewChange, signVote } from "../../src/codec/signed.ts";
import { BEGINNING } from "../../src/codec/certificate.ts";
import { pbftWire } from "../../src/codec/wire.ts";
import { testPorts } from "../support/cluster.ts";
import { signedRequest } from "../support/messages.ts";

const names = ["a", "b", "c", "d"];
const cluster = configuration({ replicas: names, checkpointInterval: 4 });
const by = (name: string) => ({ cluster, index: names.indexOf(name), ports: testPorts(name) });
const sender = peerId("b");
const client = peerId("client");

function requestOf(number: number): Request {
  return signedRequest({ client, number, operation: Uint8Array.of(1, 2, 3) }, cluster);
}

const time = { physicalMs: 1_000, logical: 2, proposer: 0 };
const batch = makeBatch(time, [requestOf(1), requestOf(2)], digest);
const proposal = signProposal(by("a"), 0, 5, batch.digest);
const votesOf = (type: "prepare" | "commit", of: readonly string[]) =>
  of.map((name) => {
    const vote = signVote(by(name), type, 0, 5, batch.digest);
    return { sender: vote.sender, signature: vote.signature };
  });
const prepared = { view: 0, ...proposal, prepares: votesOf("prepare", ["b", "c"]) };
const committed = { view: 0, sequence: 5, digest: batch.digest, commits: votesOf("commit", ["a", "b", "d"]) };
const manifest = encodeManifest({ configuration: cluster.record, sequence: 4, time, root: new Uint8Array(32), sessionChunks: 1, hashes: [new Uint8Array(32).fill(1)] });
const root = manifestDigest(digest, 4, manifest);
const stable = {
  sequence: 4,
  digest: root,
  votes: ["b", "c", "d"].map((name) => ({ sender: names.indexOf(name), signature: signCheckpoint(by(name), 4, root).signature })),
};
const viewChanges = ["a", "b", "c"].map((name) => signViewChange(by(name), 1, stable, [prepared]));

const given = [1, 2].map((number) => ({ number, request: digest(Uint8Array.of(number)), status: ReplyStatus.ok, result: Uint8Array.of(9) }));
const tree = resultTree(given.map((one) => resultLeaf({ client, ...one }, digest)), digest);
const results = given.map((one, index) => ({ ...one, path: tree.paths[index]! }));
const executed = { sequence: 5, time, batch: batch.digest, root: tree.root };

/** The view of a reply is a hint, which nobody vouches for. */
const UNSIGNED: Partial<Record<Message["type"], readonly [from: number, to: number]>> = { reply: [6, 14] };

/** One of each kind whose content somebody vouches for. */
const vouched: readonly Message[] = [
  requestOf(7),
  { type: "pre-prepare", view: 0, sequence: 5, batch, signature: proposal.signature },
  signVote(by("b"), "prepare", 0, 5, batch.digest),
  signVote(by("b"), "commit", 0, 5, batch.digest),
  signCheckpoint(by("b"), 4, root),
  signViewChange(by("b"), 1, stable, [prepared]),
  signViewChange(by("b"), 1, BEGINNING, []),
  signNewView(by("b"), 1, viewChanges, planNewView(viewChanges, BEGINNING).proposals),
  { type: "reply", view: 0, client, executed, results, sender: 1, signature: signExecuted(by("b"), executed) },
  signStatus(by("b"), { view: 0, changing: false, complaining: true, stable: 4, lastExecuted: 5, slots: [1, 2, 3] }),
  { type: "slots", slots: [{ certificate: committed, batch }] },
  { type: "stable", certificate: stable },
  { type: "stable", certificate: stable, manifest },
];
/** One of each kind that proves itself later, by a digest, or only asks. */
const open: readonly Message[] = [
  { type: "fetch-batch", sequence: 5, digest: batch.digest },
  { type: "batch", sequence: 5, batch },
  { type: "fetch-slots", from: 3 },
  { type: "fetch-chunk", sequence: 4, index: 1 },
  { type: "chunk", sequence: 4, index: 0, bytes: Uint8Array.of(5, 6) },
];

const wire = pbftWire(cluster, testPorts("d"));

function taken(frame: Uint8Array): Message | undefined {
  let message: Message | undefined;
  let answers = 0;
  wire.open(sender, frame, (accepted) => { message = accepted; answers += 1; }, () => { answers += 1; });
  expect(answers).toBe(1);
  return message;
}

test("every kind is taken as it was sent", () => {
  for (const message of [...vouched, ...open]) expect(taken(encodeMessage(cluster, message))).toEqual(message);
});

test("of a signed message no byte can be changed, cut off or added", () => {
  for (const message of vouched) {
    const frame = encodeMessage(cluster, message);
    const [from, to] = UNSIGNED[message.type] ?? [0, 0];
    for (let at = 0; at < frame.length; at += 1) {
      if (at >= from && at < to) continue;
      for (const mask of [1, 0x80, 0xff]) {
        const changed = Uint8Array.from(frame);
        changed[at] = (changed[at] ?? 0) ^ mask;
        if (taken(changed) !== undefined) expect.unreachable(`${message.type}: byte ${at} of ${frame.length} is not covered`);
      }
      if (taken(frame.slice(0, at)) !== undefined) expect.unreachable(`${message.type}: taken when cut at ${at}`);
    }
    expect(taken(Uint8Array.of(...frame, 0))).toBeUndefined();
  }
});

const frame = fc.constantFrom(...[...vouched, ...open].map((message) => encodeMessage(cluster, message)));
const change = fc.record({ at: fc.nat(), kind: fc.constantFrom("set", "cut", "insert", "copy"), bytes: fc.uint8Array({ minLength: 1, maxLength: 12 }) });

test("whatever is done to frames: one answer each, and what is taken has one encoding", () => {
  fc.assert(
    fc.property(frame, frame, fc.array(change, { minLength: 1, maxLength: 5 }), (first, second, changes) => {
      let bytes = Array.from(first);
      for (const { at, kind, bytes: some } of changes) {
        const place = at % (bytes.length + 1);
        if (kind === "set") bytes.splice(place, some.length, ...some);
        else if (kind === "cut") bytes.splice(place, some.length);
        else if (kind === "insert") bytes.splice(place, 0, ...some);
        else bytes = [...bytes.slice(0, place), ...second.slice(place)];
      }
      const changed = Uint8Array.from(bytes);
      const message = taken(changed);
      expect(message === undefined ? changed : encodeMessage(cluster, message)).toEqual(changed);
    }),
    { numRuns: 3_000 },
  );
});
