import { digest } from "@void-system/crypto";
import { peerId } from "@void-system/effects";
import { describe, expect, test } from "vitest";
import { refusal } from "../../src/codec/authentication.ts";
import { makeBatch } from "../../src/codec/batch.ts";
import { configuration } from "../../src/configuration.ts";
import type { Message } from "../../src/codec/message.ts";
import { signProposal, signViewChange, signVote } from "../../src/codec/signed.ts";
import {
  batch,
  cluster,
  committed,
  departure,
  everyMessage,
  manifest,
  newView,
  prepared,
  replicaOf,
  request,
  resignation,
  stableAt,
  viewChange,
} from "../support/messages.ts";
import { testPorts } from "../support/cluster.ts";

const check = (message: Message, from = "r0"): string | undefined =>
  refusal(cluster, testPorts("r0"), peerId(from), message);
const [a, b] = [batch(1_001), batch(1_002)];

describe("what is authentic", () => {
  test.each(Object.entries(everyMessage()))("%s is taken", (_, message) => {
    expect(check(message)).toBeUndefined();
  });

  test.each(Object.entries(everyMessage()).filter(([, message]) => "signature" in message))(
    "%s with another signature is not",
    (_, message) => {
      const other = { ...message, signature: new Uint8Array(64) } as Message;
      expect(check(other)).toMatch(/signature/);
    },
  );

  test("nothing signed for one cluster is taken by another", () => {
    const elsewhere = configuration({
      replicas: ["r0", "r1", "r2", "r3"],
      cluster: "elsewhere",
      checkpointInterval: 8,
    });
    const signed = Object.values(everyMessage()).filter((message) => "signature" in message);
    const taken = signed.filter((message) => refusal(elsewhere, testPorts("r0"), peerId("r0"), message) === undefined);
    expect(taken).toEqual([]);
  });

  test("nor what was signed under one configuration under another", () => {
    const next = { ...cluster, number: 1 };
    const signed = Object.values(everyMessage()).filter((message) => "signature" in message || message.type === "departure");
    const taken = signed.filter((message) => refusal(next, testPorts("r0"), peerId("r0"), message) === undefined);
    expect(taken.map(({ type }) => type)).toEqual([]);
  });

  test("a vote cannot be turned into another kind, place or sender", () => {
    const vote = signVote(replicaOf(1), "prepare", 0, 1, a.digest);
    for (const other of [
      { type: "commit" },
      { view: 4 },
      { sequence: 2 },
      { digest: b.digest },
      { sender: 2 },
    ] as const) {
      expect(check({ ...vote, ...other })).toMatch(/signature/);
    }
  });

  test("a STATUS is only taken from its sender", () => {
    expect(check(everyMessage()["status"]!, "r1")).toMatch(/relayed/);
  });
});

describe("the proof that a view is left", () => {
  test("is f+1 complaints of it, no fewer, none twice", () => {
    for (const senders of [[], [2], [2, 2], [3, 2], [1, 2, 3]]) expect(check(departure(5, senders))).toMatch(/departure/);
    const { certificate } = departure(5);
    expect(check({ type: "departure", certificate: { ...certificate, view: 6 } })).toMatch(/departure/);
  });

  test("or the resignation of its primary, and of nobody else", () => {
    expect(check(resignation(5))).toBeUndefined();
    expect(check(resignation(5, 2))).toMatch(/departure/);
    const { certificate } = resignation(5);
    expect(check({ type: "departure", certificate: { ...certificate, view: 9 } })).toMatch(/departure/);
    expect(check({ type: "departure", certificate: { ...certificate, ground: "complaint" } })).toMatch(/departure/);
    expect(check({ type: "departure", certificate: { ...departure(5, [1]).certificate, ground: "resignation" } })).toMatch(/departure/);
  });
});

describe("PRE-PREPARE", () => {
  test("the digest that is signed must be that of the batch at hand", () => {
    const { signature } = signProposal(replicaOf(0), 0, 1, a.digest);
    expect(check({ type: "pre-prepare", view: 0, sequence: 1, batch: b, signature })).toMatch(/signature/);
  });

  test("of a replica that is not the primary of the view is refused", () => {
    const { signature } = signProposal(replicaOf(1), 0, 1, a.digest);
    expect(check({ type: "pre-prepare", view: 0, sequence: 1, batch: a, signature })).toMatch(/signature/);
  });

  test("with a request that its client did not sign is refused", () => {
    const forged = makeBatch({ physicalMs: 1, logical: 0, proposer: 0 }, [{ ...request(1), number: 2 }], digest);
    const { signature } = signProposal(replicaOf(0), 0, 1, forged.digest);
    expect(check({ type: "pre-prepare", view: 0, sequence: 1, batch: forged, signature })).toMatch(/did not sign/);
  });
});

describe("VIEW-CHANGE", () => {
  const sign = (certificates: Parameters<typeof viewChange>[2], stable?: Parameters<typeof viewChange>[3]): Message =>
    viewChange(1, 1, certificates, stable);

  test("with a certificate that lacks a vote, counts one twice, or counts the primary is refused", () => {
    const good = prepared(0, 1, a);
    const [first] = good.prepares;
    const primary = { sender: 0, signature: signVote(replicaOf(0), "prepare", 0, 1, a.digest).signature };
    for (const prepares of [
      [first!],
      [first!, first!],
      [primary, first!],
      good.prepares.toReversed(),
      [...good.prepares, { ...first!, sender: 3 }],
    ]) {
      expect(check(sign([{ ...good, prepares }]))).toMatch(/bad prepared certificate/);
    }
  });

  test("with a certificate for another digest than was prepared is refused", () => {
    expect(check(sign([{ ...prepared(0, 1, a), digest: b.digest }]))).toMatch(/bad prepared certificate/);
  });

  test("with certificates out of order, twice, out of the window or of a view to come is refused", () => {
    expect(check(sign([prepared(0, 2, a), prepared(0, 1, b)]))).toMatch(/order/);
    expect(check(sign([prepared(0, 1, a), prepared(0, 1, a)]))).toMatch(/order/);
    expect(check(sign([prepared(0, 17, a)]))).toMatch(/window/);
    expect(check(sign([prepared(0, 8, a)], stableAt(8, a.digest)))).toMatch(/window/);
    expect(check(viewChange(2, 1, [prepared(1, 1, a)]))).toMatch(/to come/);
  });

  test("with a stable certificate that is not one is refused", () => {
    for (const stable of [
      stableAt(8, a.digest, [0, 1]),
      stableAt(8, a.digest, [0, 1, 1]),
      stableAt(7, a.digest),
      { ...stableAt(8, a.digest), digest: b.digest },
    ]) {
      expect(check(sign([], stable))).toMatch(/bad stable certificate/);
    }
  });
});

describe("NEW-VIEW", () => {
  const changes = [viewChange(0, 1, [prepared(0, 1, a)]), viewChange(1, 1), viewChange(2, 1, [prepared(0, 3, b)])];
  const null32 = new Uint8Array(32);

  test("proposes what follows from its view changes, gaps filled with null requests", () => {
    const message = newView(1, changes);
    expect(message.proposals.map(({ sequence, digest: of }) => [sequence, of])).toEqual([
      [1, a.digest],
      [2, null32],
      [3, b.digest],
    ]);
    expect(check(message)).toBeUndefined();
  });

  test("that leaves out, changes, adds or reorders a proposal is refused", () => {
    const [one, two, three] = [
      { sequence: 1, digest: a.digest },
      { sequence: 2, digest: null32 },
      { sequence: 3, digest: b.digest },
    ];
    for (const proposals of [
      [],
      [one, two],
      [one, two, { ...three, digest: a.digest }],
      [one, two, { ...three, digest: null32 }],
      [one, two, three, { sequence: 4, digest: null32 }],
      [two, one, three],
    ]) {
      expect(check(newView(1, changes, proposals))).toMatch(/not the proposals/);
    }
  });

  test("of the highest view wins, not of the most", () => {
    const message = newView(6, [
      viewChange(0, 6, [prepared(0, 1, a)]),
      viewChange(1, 6, [prepared(5, 1, b)]),
      viewChange(3, 6, [prepared(4, 1, a)]),
    ]);
    expect(message.proposals.map(({ digest: of }) => of)).toEqual([b.digest]);
    expect(check(message)).toBeUndefined();
  });

  test("begins above the latest stable checkpoint among its view changes", () => {
    const stable = stableAt(8, a.digest);
    const message = newView(1, [
      viewChange(0, 1, [prepared(0, 1, a)]),
      viewChange(1, 1, [prepared(0, 10, b)], stable),
      viewChange(2, 1),
    ]);
    expect(message.proposals.map(({ sequence }) => sequence)).toEqual([9, 10]);
    expect(check(message)).toBeUndefined();
  });

  test("without a quorum of distinct, valid view changes to that view is refused", () => {
    const plan = [{ sequence: 1, digest: a.digest }];
    const [first, second, third] = changes;
    expect(check(newView(1, [first!, second!], plan))).toMatch(/not a quorum/);
    expect(check(newView(1, [first!, second!, second!], plan))).toMatch(/senders/);
    expect(check(newView(1, [first!, second!, third!, viewChange(3, 1)]))).toMatch(/not a quorum/);
    expect(check(newView(5, changes))).toMatch(/another view/);
    const unsigned = { ...viewChange(2, 1), signature: null32 };
    expect(check(newView(1, [first!, second!, unsigned], plan))).toBeDefined();
    const forged = signViewChange(replicaOf(2), 1, stableAt(0, null32, []), [{ ...prepared(0, 2, b), prepares: [] }]);
    expect(check(newView(1, [first!, second!, forged]))).toMatch(/bad prepared certificate/);
  });

  test("whose proposals its primary did not sign is refused", () => {
    const message = newView(1, changes);
    const other = signProposal(replicaOf(2), 1, 1, a.digest);
    expect(check({ ...message, proposals: [other, ...message.proposals.slice(1)] })).toBeDefined();
  });
});

describe("what proves itself", () => {
  test("committed batches need their certificates, and an unbroken sequence", () => {
    expect(check({ type: "slots", slots: [{ certificate: committed(0, 1, a), batch: b }] })).toMatch(
      /not the certified batch/,
    );
    expect(check({ type: "slots", slots: [{ certificate: committed(0, 1, a, [0, 1]), batch: a }] })).toMatch(
      /bad commit certificate/,
    );
    const [one, three] = [
      { certificate: committed(0, 1, a), batch: a },
      { certificate: committed(0, 3, b), batch: b },
    ];
    expect(check({ type: "slots", slots: [one, three] })).toMatch(/not in sequence/);
  });

  test("a manifest must be the certified one", () => {
    const message = everyMessage()["stable"] as Message & { type: "stable" };
    expect(check({ ...message, manifest: Uint8Array.of(...manifest, 0) })).toMatch(/not its manifest/);
    expect(check({ type: "stable", certificate: stableAt(8, a.digest), manifest })).toMatch(/not its manifest/);
  });
});
