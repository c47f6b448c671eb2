import { describe, expect, test } from "vitest";
import {
  checkpointStatement,
  ed25519,
  encodeEvidence,
  EVIDENCE_BYTES_MAX,
  type EvidenceParts,
  generateKey,
  InvalidOptionError,
  slotStatement,
  verifyEvidence,
} from "../src/index.ts";

const signers = Array.from({ length: 4 }, () => ed25519.signer(generateKey("ed25519")));
const cluster = { cluster: "the cluster", number: 0, f: 1, replicas: signers.map(({ publicKey }) => ed25519.loadPublicKey(publicKey)) };
const by = { index: 2, incarnation: 0 };
const place = { kind: "commit", view: 3, sequence: 7 } as const;
const digests = [new Uint8Array(32).fill(1), new Uint8Array(32).fill(2)] as const;
const signed = (digest: Uint8Array, at = 2) => ({ digest, signature: signers[at]!.sign(slotStatement(cluster, place, digest, by)) });
const parts: EvidenceParts = { ...place, by, statements: [signed(digests[0]), signed(digests[1])] };
const evidence = encodeEvidence(cluster, parts);
const changed = (of: Partial<EvidenceParts>): unknown => verifyEvidence(encodeEvidence(cluster, { ...parts, ...of }), cluster);

describe("evidence", () => {
  test("names the replica, the kind and the place", () => {
    expect(verifyEvidence(evidence, cluster)).toEqual({ valid: true, ...place, culprit: by });
    const checkpoint = { kind: "checkpoint", view: 0, sequence: 8 } as const;
    const votes = digests.map((digest) => ({ digest, signature: signers[2]!.sign(checkpointStatement(cluster, 8, digest, by)) }));
    expect(changed({ ...checkpoint, statements: [votes[0]!, votes[1]!] })).toEqual({ valid: true, ...checkpoint, culprit: by });
  });

  test("is the same bytes whichever statement came first", () => {
    expect(encodeEvidence(cluster, { ...parts, statements: [parts.statements[1], parts.statements[0]] })).toEqual(evidence);
  });

  test("holds for its cluster and configuration alone", () => {
    expect(verifyEvidence(evidence, { ...cluster, cluster: "another" })).toMatchObject({ reason: "another-cluster" });
    expect(verifyEvidence(evidence, { ...cluster, number: 1 })).toMatchObject({ reason: "another-cluster" });
    expect(verifyEvidence(evidence, { ...cluster, replicas: cluster.replicas.toReversed() })).toMatchObject({ reason: "bad-signature" });
  });

  test("does not hold for another replica, incarnation, kind, view or sequence number", () => {
    for (const of of [
      { by: { ...by, index: 1 } },
      { by: { ...by, incarnation: 1 } },
      { kind: "prepare" },
      { kind: "checkpoint", view: 0 },
      { view: 4 },
      { sequence: 8 },
    ] as const)
      expect(changed(of)).toMatchObject({ valid: false, reason: "bad-signature" });
    expect(changed({ by: { ...by, index: 4 } })).toMatchObject({ reason: "no-such-replica" });
  });

  test("needs two statements that differ, both signed by the replica", () => {
    const [one, two] = parts.statements;
    expect(changed({ statements: [one, one] })).toMatchObject({ reason: "malformed" });
    expect(changed({ statements: [one, { ...two, signature: one.signature }] })).toMatchObject({ reason: "bad-signature" });
    expect(changed({ statements: [{ ...one, signature: two.signature }, two] })).toMatchObject({ reason: "bad-signature" });
    expect(changed({ statements: [one, signed(digests[1], 1)] })).toMatchObject({ reason: "bad-signature" });
  });

  test("that was cut, lengthened or changed anywhere is refused with a verdict", () => {
    for (let at = 0; at < evidence.length; at += 1) {
      expect(verifyEvidence(evidence.subarray(0, at), cluster).valid).toBe(false);
      expect(verifyEvidence(evidence.map((byte, index) => (index === at ? byte ^ 1 : byte)), cluster).valid).toBe(false);
    }
    expect(verifyEvidence(Uint8Array.of(...evidence, 0), cluster).valid).toBe(false);
    expect(verifyEvidence(new Uint8Array(EVIDENCE_BYTES_MAX + 1), cluster)).toMatchObject({ reason: "malformed" });
    expect(verifyEvidence("evidence" as never, cluster)).toMatchObject({ reason: "malformed" });
  });

  test("is not looked at for a cluster that is not one", () => {
    expect(() => verifyEvidence(evidence, { ...cluster, f: 2 })).toThrow(InvalidOptionError);
  });
});
