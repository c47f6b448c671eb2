/**
 * Proofs that a replicated log has executed a request with a result: f+1 replicas have signed the same statement of its
 * batch, so at least one of them is correct. Whoever knows the replicas' keys can check a proof, without a connection.
 */
import { requireObject } from "../arguments.ts";
import { constantTimeEqual, isBytes, typeNameOf } from "../bytes.ts";
import { ed25519 } from "../ed25519/ed25519.ts";
import { pointOf } from "../ed25519/load-public-key.ts";
import { InvalidOptionError } from "../errors.ts";
import { digest } from "../hash/digest.ts";
import type { PublicKey } from "../keys/public-key.ts";
import { decodeCommitProof } from "./commit-proof-format.ts";
import { foldResult, resultLeaf } from "./result-tree.ts";
import { type ClusterConfiguration, commitStatement } from "./statements.ts";

/** A cluster, as a verifier of proofs knows it. */
export interface QuorumCluster extends ClusterConfiguration {
  /** Public keys of the replicas, in the order of the configuration. */
  readonly replicas: readonly PublicKey[];
  /** Number of replicas that may lie. */
  readonly f: number;
}

/** Reason why a proof was refused. */
export type CommitProofRefusal =
  /** The bytes are not a proof of this version; `detail` says where they break the format. */
  | "malformed"
  /** The request was made to another cluster, or under another configuration. */
  | "another-cluster"
  /** The result is not one of the batch that was signed. */
  | "not-in-the-batch"
  /** Not exactly f+1 distinct replicas have signed. */
  | "no-quorum"
  /** A replica has not signed this. */
  | "bad-signature";

/** Result of verifying a commit proof. */
export type CommitProofVerdict =
  | {
      readonly valid: true;
      /** The client that signed the request. */
      readonly client: string;
      /** The client's number of the request. */
      readonly number: number;
      /** The operation that was asked for. */
      readonly operation: Uint8Array;
      /** Fate of the request: 0 for executed, 1 for executed and failed alike on all replicas. */
      readonly status: number;
      /** The result. */
      readonly result: Uint8Array;
      /** Place of its batch in the log. */
      readonly sequence: number;
      /** The agreed time of its batch, in milliseconds since 1970. */
      readonly timeMs: number;
    }
  | {
      readonly valid: false;
      readonly reason: CommitProofRefusal;
      /** Details for a log. */
      readonly detail: string;
    };

/**
 * Verifies that bytes prove the result of a request. Hostile bytes, and anything else in their place, get a verdict, never an
 * exception. The work is bounded: f+1 signatures.
 *
 * A valid proof shows what the cluster answered to this request of this client, and when. It does not show that nothing has
 * changed since.
 *
 * @throws {@link InvalidOptionError} for a cluster that is not one: keys that `loadPublicKey` has not loaded, or an f
 * that does not fit them.
 * @example
 * ```ts
 * import { commitStatement, digest, ed25519, encodeCommitProof, generateKey, requestStatement } from "@void-system/crypto";
 * import { resultLeaf, resultTree, verifyCommitProof } from "@void-system/crypto";
 *
 * // What four replicas hold. A client of `@void-system/pbft` gathers all of this itself.
 * const signers = Array.from({ length: 4 }, () => ed25519.signer(generateKey("ed25519")));
 * const cluster = { cluster: "c", number: 0, f: 1, replicas: signers.map(({ publicKey }) => ed25519.loadPublicKey(publicKey)) };
 * const operation = new TextEncoder().encode("pay Bob");
 * const asked = { client: "ann", number: 1, machine: 0, isProven: true, notAfterMs: 9_000, lowest: 1, operation };
 * const statement = requestStatement(cluster, asked);
 * const did = { ...asked, request: digest(statement), status: 0, result: new TextEncoder().encode("paid") };
 * const { root, paths } = resultTree([resultLeaf(did, digest)], digest);
 * const executed = { sequence: 7, time: { physicalMs: 1_000, logical: 0, proposer: 0 }, batch: new Uint8Array(32), root };
 * const signatures = signers.slice(0, 2).map((signer, index) => ({
 *   index, incarnation: 0, signature: signer.sign(commitStatement(cluster, executed, { index, incarnation: 0 })),
 * }));
 * const proof = encodeCommitProof({ ...did, statement, path: paths[0]!, executed, signatures });
 *
 * const verdict = verifyCommitProof(proof, cluster);
 * verdict.valid && new TextDecoder().decode(verdict.result); // => "paid"
 * verifyCommitProof(proof, { ...cluster, cluster: "d" }); // => { valid: false, reason: "another-cluster", detail: 'expected a request to "d", configuration 0, got one to "c", configuration 0' }
 * ```
 */
export function verifyCommitProof(bytes: Uint8Array, cluster: QuorumCluster): CommitProofVerdict {
  requireCluster(cluster);
  if (!isBytes(bytes)) return refused("malformed", `expected a commit proof, got ${typeNameOf(bytes)}`);
  const proof = decodeCommitProof(bytes.slice());
  if (typeof proof === "string") return refused("malformed", `expected a commit proof, got ${proof}`);
  const { asked, statement, status, result, path, executed, signatures } = proof;
  const { client, number, operation } = asked.request;
  if (asked.cluster !== cluster.cluster || asked.number !== cluster.number) {
    return refused("another-cluster", `expected a request to ${nameOf(cluster)}, got one to ${nameOf(asked)}`);
  }
  const root = foldResult(resultLeaf({ client, number, request: digest(statement), status, result }, digest), path, digest);
  if (root === undefined || !constantTimeEqual(root, executed.root))
    return refused("not-in-the-batch", "expected the path from the result to lead to the signed root, it does not");
  if (signatures.length !== cluster.f + 1)
    return refused("no-quorum", `expected ${cluster.f + 1} signatures, got ${signatures.length}`);
  let previous = -1;
  for (const { index, incarnation, signature } of signatures) {
    const key = cluster.replicas[index];
    if (index <= previous || key === undefined)
      return refused("no-quorum", `expected distinct replicas of ${cluster.replicas.length}, in order, got ${index} after ${previous}`);
    if (!ed25519.verify(commitStatement(cluster, executed, { index, incarnation }), signature, key))
      return refused("bad-signature", `expected the signature of replica ${index}`);
    previous = index;
  }
  return { valid: true, client, number, operation, status, result, sequence: executed.sequence, timeMs: executed.time.physicalMs };
}

function requireCluster(cluster: QuorumCluster): void {
  requireObject("a cluster", cluster);
  const { f, replicas } = cluster;
  if (!Array.isArray(replicas) || !Number.isSafeInteger(f) || f < 0 || replicas.length < 3 * f + 1)
    throw new InvalidOptionError("public keys of 3f+1 replicas, and f", `an f of ${String(f)}`);
  if (!replicas.every((key: PublicKey) => pointOf(key) !== undefined))
    throw new InvalidOptionError("public keys that were loaded with loadPublicKey", "another");
}

function nameOf({ cluster, number }: ClusterConfiguration): string {
  return `${JSON.stringify(cluster.slice(0, 80))}, configuration ${number}`;
}

function refused(reason: CommitProofRefusal, detail: string): CommitProofVerdict {
  return { valid: false, reason, detail };
}
