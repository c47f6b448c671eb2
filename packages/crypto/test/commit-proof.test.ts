import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type CommitProofParts,
  commitStatement,
  digest,
  ed25519,
  encodeCommitProof,
  foldResult,
  generateKey,
  InvalidOptionError,
  requestStatement,
  resultLeaf,
  resultTree,
  RESULT_PATH_BYTES_MAX,
  verifyCommitProof,
} from "../src/index.ts";

const utf8 = new TextEncoder();
const signers = Array.from({ length: 4 }, () => ed25519.signer(generateKey("ed25519")));
const cluster = { cluster: "the cluster", number: 0, f: 1, replicas: signers.map(({ publicKey }) => ed25519.loadPublicKey(publicKey)) };
const asked = { client: "ann", number: 17, operation: utf8.encode("pay Bob") };
const request = { ...asked, machine: 0, isProven: true, notAfterMs: 9_000, lowest: 16 };
const statement = requestStatement(cluster, request);
const did = { ...request, request: digest(statement), status: 0, result: utf8.encode("paid") };
const leaves = [
  resultLeaf({ ...did, number: 16 }, digest),
  resultLeaf(did, digest),
  resultLeaf({ ...did, client: "eve" }, digest),
];
const { root, paths } = resultTree(leaves, digest);
const executed = { sequence: 7, time: { physicalMs: 1_000, logical: 2, proposer: 3 }, batch: digest(utf8.encode("batch")), root };
const signed = (of: Pick<CommitProofParts, "executed">, indexes: readonly number[]): CommitProofParts["signatures"] =>
  indexes.map((index) => ({
    index,
    incarnation: 0,
    signature: signers[index]!.sign(commitStatement(cluster, of.executed, { index, incarnation: 0 })),
  }));
const parts: CommitProofParts = { ...did, statement, path: paths[1]!, executed, signatures: signed({ executed }, [1, 3]) };
const proof = encodeCommitProof(parts);
const changed = (of: Partial<CommitProofParts>): unknown => verifyCommitProof(encodeCommitProof({ ...parts, ...of }), cluster);

describe("a commit proof", () => {
  test("shows what was asked, by whom, what was answered, where and when", () => {
    expect(verifyCommitProof(proof, cluster)).toEqual({ valid: true, ...asked, status: 0, result: did.result, sequence: 7, timeMs: 1_000 });
  });

  test("holds for its cluster and configuration alone", () => {
    expect(verifyCommitProof(proof, { ...cluster, cluster: "another" })).toMatchObject({ valid: false, reason: "another-cluster" });
    expect(verifyCommitProof(proof, { ...cluster, number: 1 })).toMatchObject({ valid: false, reason: "another-cluster" });
    const others = { ...cluster, replicas: cluster.replicas.toReversed() };
    expect(verifyCommitProof(proof, others)).toMatchObject({ valid: false, reason: "bad-signature" });
  });

  test("does not hold for another result, status or request, nor with the path of another", () => {
    for (const of of [
      { result: utf8.encode("refused") },
      { status: 1 },
      { statement: requestStatement(cluster, { ...request, operation: utf8.encode("pay Eve") }) },
      { statement: requestStatement(cluster, { ...request, number: 18 }) },
      { statement: requestStatement(cluster, { ...request, notAfterMs: 9_001 }) },
      { statement: requestStatement(cluster, { ...request, machine: 255 }) },
      { path: paths[0]! },
      { path: new Uint8Array(0) },
      { path: Uint8Array.of(2, ...paths[1]!.subarray(1)) },
      { path: paths[1]!.subarray(1) },
      { executed: { ...executed, root: leaves[1]! } },
    ])
      expect(changed(of)).toMatchObject({ valid: false, reason: "not-in-the-batch" });
  });

  test("needs exactly f+1 distinct replicas, in order", () => {
    for (const signatures of [signed(parts, [1]), signed(parts, [1, 2, 3]), signed(parts, [3, 1]), signed(parts, [1, 1]), []])
      expect(changed({ signatures })).toMatchObject({ valid: false, reason: "no-quorum" });
    const fifth = { ...signed(parts, [3])[0]!, index: 4 };
    expect(changed({ signatures: [...signed(parts, [1]), fifth] })).toMatchObject({ valid: false, reason: "no-quorum" });
  });

  test("binds place, time, batch and incarnation of the signers", () => {
    const time = { ...executed.time, physicalMs: 1_001 };
    for (const of of [{ ...executed, sequence: 8 }, { ...executed, time }, { ...executed, batch: digest(utf8.encode("other")) }])
      expect(changed({ executed: of })).toMatchObject({ valid: false, reason: "bad-signature" });
    const signatures = parts.signatures.map((signature) => ({ ...signature, incarnation: 1 }));
    expect(changed({ signatures })).toMatchObject({ valid: false, reason: "bad-signature" });
  });

  test("no byte of it can be changed, cut off or added", () => {
    for (let at = 0; at < proof.length; at += 1) {
      const other = Uint8Array.from(proof);
      other[at] = (other[at] ?? 0) ^ 0x41;
      if (verifyCommitProof(other, cluster).valid) expect.unreachable(`byte ${at} is not covered`);
    }
    expect(verifyCommitProof(Uint8Array.of(...proof, 0), cluster)).toMatchObject({ reason: "malformed" });
    expect(verifyCommitProof(proof.subarray(0, -1), cluster)).toMatchObject({ reason: "malformed" });
  });

  test("hostile bytes, and what is no bytes, get a verdict", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => !verifyCommitProof(bytes, cluster).valid));
    for (const thing of [undefined, null, "proof", {}, new Uint8Array(3_000_000)])
      expect(verifyCommitProof(thing as Uint8Array, cluster)).toMatchObject({ valid: false, reason: "malformed" });
    const vote = commitStatement(cluster, executed, { index: 1, incarnation: 0 });
    expect(changed({ statement: vote })).toMatchObject({ reason: "malformed", detail: expect.stringMatching(/the statement of a request/) });
  });

  test("a cluster that is none is refused", () => {
    for (const of of [{ f: 2 }, { f: -1 }, { replicas: [] }, { replicas: signers.map(({ publicKey }) => publicKey) }])
      expect(() => verifyCommitProof(proof, { ...cluster, ...of } as typeof cluster)).toThrow(InvalidOptionError);
    expect(() => verifyCommitProof(proof, undefined as never)).toThrow(InvalidOptionError);
  });
});

describe("the tree of results", () => {
  test("each leaf, and no other, leads to the root by its path, for any number of leaves", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 70 }), (count) => {
        const made = Array.from({ length: count }, (_, number) => resultLeaf({ ...did, number }, digest));
        const tree = resultTree(made, digest);
        for (const [index, leaf] of made.entries()) {
          expect(foldResult(leaf, tree.paths[index]!, digest)).toEqual(tree.root);
          if (count > 1) expect(foldResult(made[(index + 1) % count]!, tree.paths[index]!, digest)).not.toEqual(tree.root);
        }
      }),
      { numRuns: 30 },
    );
  });

  test("a path has a bound", () => {
    expect(foldResult(leaves[0]!, new Uint8Array(RESULT_PATH_BYTES_MAX), digest)).toBeDefined();
    expect(foldResult(leaves[0]!, new Uint8Array(RESULT_PATH_BYTES_MAX + 33), digest)).toBeUndefined();
  });

  test("has the form that is written down", () => {
    const inner = digest(Uint8Array.of(...utf8.encode("void-pbft/2 node\0"), ...leaves[0]!, ...leaves[1]!));
    expect(root).toEqual(digest(Uint8Array.of(...utf8.encode("void-pbft/2 node\0"), ...inner, ...leaves[2]!)));
    expect(paths[2]).toEqual(Uint8Array.of(0, ...inner));
    const leaf = [...utf8.encode("void-pbft/2 result\0"), 3, ...utf8.encode("ann"), 0, 0, 0, 0, 0, 0, 0, 17, ...did.request, 0, 0, 0, 0, 4];
    expect(leaves[1]).toEqual(digest(Uint8Array.of(...leaf, ...did.result)));
  });
});
