import { digest } from "@void-system/crypto";
import { peerId } from "@void-system/effects";
import { expect, test } from "vitest";
import { makeBatch } from "../../src/codec/batch.ts";
import { encodeMessage } from "../../src/codec/message-codec.ts";
import { signProposal, signVote } from "../../src/codec/signed.ts";
import { pbftWire, type WireOptions } from "../../src/codec/wire.ts";
import { configuration } from "../../src/configuration.ts";
import { testPorts } from "../support/cluster.ts";
import { batch, cluster, replicaOf, request } from "../support/messages.ts";

/** A wire that counts its verifications, and the answer to each frame. */
function wireOf(options: WireOptions, of: typeof cluster = cluster) {
  let verifications = 0;
  const { verify } = testPorts("r1");
  const wire = pbftWire(of, { digest, verify: (...given) => ((verifications += 1), verify(...given)) }, options);
  const open = (frame: Uint8Array): string => {
    let answer = "";
    wire.open(peerId("r0"), frame, () => (answer = "accepted"), (reason) => (answer = reason));
    return answer;
  };
  return { open, verifications: () => verifications };
}

const vote = encodeMessage(cluster, signVote(replicaOf(0), "commit", 0, 1, batch(1).digest));

test("a message that does not matter is refused before any signature is verified", () => {
  const { open, verifications } = wireOf({ matters: () => false });
  expect(open(vote)).toBe("commit: changes nothing");
  expect(verifications()).toBe(0);
});

test("a batch with more requests than the cluster allows is refused before any signature is verified", () => {
  const small = configuration({ replicas: cluster.replicas, cluster: "test", batchRequestsMax: 2 });
  const made = (requests: number) => {
    const content = makeBatch(
      { physicalMs: 1, logical: 0, proposer: 0 },
      Array.from({ length: requests }, (_, number) => request(number)),
      digest,
    );
    const { signature } = signProposal(replicaOf(0), 0, 1, content.digest);
    return encodeMessage(cluster, { type: "pre-prepare", view: 0, sequence: 1, batch: content, signature });
  };
  const { open, verifications } = wireOf({}, small);
  expect(open(made(3))).toMatch(/expected a count of at most 2/);
  expect(verifications()).toBe(0);
  expect(open(made(2))).toBe("accepted");
});
