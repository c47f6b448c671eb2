/**
 * Evidence of a lie: a replica has signed two statements of one kind about one place with different digests. No correct
 * replica does, over all its lives, so the two convict their signer before anybody who knows its key.
 */
import { ByteWriter, decodeAll } from "@void-system/bytes";
import { isBytes, typeNameOf } from "../bytes.ts";
import { ed25519 } from "../ed25519/ed25519.ts";
import { SIGNATURE_BYTES } from "../ed25519/equation.ts";
import { requireCluster, type QuorumCluster } from "./commit-proof.ts";
import {
  CLUSTER_BYTES_MAX,
  checkpointStatement,
  type ClusterConfiguration,
  DIGEST_BYTES,
  type ReplicaSigner,
  slotStatement,
} from "./statements.ts";

/** Kinds of statements that a replica makes once about a place. */
export type PlaceKind = "pre-prepare" | "prepare" | "commit" | "checkpoint";

/** A place about which a replica makes one statement of a kind. */
export interface SignedPlace {
  /** Kind of the statement. */
  readonly kind: PlaceKind;
  /** The view; 0 for a checkpoint, which has none. */
  readonly view: number;
  /** The sequence number. */
  readonly sequence: number;
}

/** One of the two statements. */
export interface SignedDigest {
  /** The digest that the replica has signed. */
  readonly digest: Uint8Array;
  /** Its signature. */
  readonly signature: Uint8Array;
}

/** The parts of a piece of evidence. */
export interface EvidenceParts extends SignedPlace {
  /** The replica that has signed both. */
  readonly by: ReplicaSigner;
  /** The two statements, in any order. */
  readonly statements: readonly [SignedDigest, SignedDigest];
}

/** Reason why evidence was refused. */
export type EvidenceRefusal =
  /** The bytes are not evidence of this version; `detail` says where they break the format. */
  | "malformed"
  /** The statements were made in another cluster, or under another configuration. */
  | "another-cluster"
  /** The cluster has no such replica. */
  | "no-such-replica"
  /** The replica has not signed this. */
  | "bad-signature";

/** Result of verifying evidence. */
export type EvidenceVerdict =
  | (SignedPlace & {
      readonly valid: true;
      /** The replica that lied. */
      readonly culprit: ReplicaSigner;
    })
  | {
      readonly valid: false;
      readonly reason: EvidenceRefusal;
      /** Details for a log. */
      readonly detail: string;
    };

/** Longest evidence, in bytes. */
export const EVIDENCE_BYTES_MAX: number = 64 + CLUSTER_BYTES_MAX + 2 * (DIGEST_BYTES + SIGNATURE_BYTES);

const VERSION = 1;
const KINDS = ["pre-prepare", "prepare", "commit", "checkpoint"] as const satisfies readonly PlaceKind[];

/** Encodes evidence, the same bytes for the same two statements in either order. */
export function encodeEvidence({ cluster, number }: ClusterConfiguration, parts: EvidenceParts): Uint8Array {
  const { kind, view, sequence, by, statements } = parts;
  const writer = new ByteWriter(EVIDENCE_BYTES_MAX).u8(VERSION).text(cluster).u32(number);
  writer.u8(KINDS.indexOf(kind)).u53(view).u53(sequence).u8(by.index).u32(by.incarnation);
  const [a, b] = statements;
  for (const { digest, signature } of isBelow(a.digest, b.digest) ? [a, b] : [b, a]) writer.raw(digest).raw(signature);
  return writer.finish();
}

/**
 * Verifies that bytes convict a replica of a cluster. Hostile bytes, and anything else in their place, get a verdict, never an
 * exception. The work is bounded: two signatures.
 *
 * @throws {@link InvalidOptionError} for a cluster that is not one, as `verifyCommitProof` does.
 * @example
 * ```ts
 * import { ed25519, encodeEvidence, generateKey, slotStatement, verifyEvidence } from "@void-system/crypto";
 *
 * const signers = Array.from({ length: 4 }, () => ed25519.signer(generateKey("ed25519")));
 * const cluster = { cluster: "c", number: 0, f: 1, replicas: signers.map(({ publicKey }) => ed25519.loadPublicKey(publicKey)) };
 * // Replica 2 has signed votes for two different batches. A replica of `@void-system/pbft` gathers this itself.
 * const by = { index: 2, incarnation: 0 };
 * const place = { kind: "commit", view: 3, sequence: 7 } as const;
 * const signed = (byte: number) => {
 *   const digest = new Uint8Array(32).fill(byte);
 *   return { digest, signature: signers[2]!.sign(slotStatement(cluster, place, digest, by)) };
 * };
 * const evidence = encodeEvidence(cluster, { ...place, by, statements: [signed(1), signed(2)] });
 * verifyEvidence(evidence, cluster); // => { valid: true, kind: "commit", view: 3, sequence: 7, culprit: by }
 * ```
 */
export function verifyEvidence(bytes: Uint8Array, cluster: QuorumCluster): EvidenceVerdict {
  requireCluster(cluster);
  if (!isBytes(bytes)) return refused("malformed", `expected evidence, got ${typeNameOf(bytes)}`);
  const decoded = decode(bytes.slice());
  if (typeof decoded === "string") return refused("malformed", `expected evidence, got ${decoded}`);
  const { of, kind, view, sequence, by, statements } = decoded;
  if (of.cluster !== cluster.cluster || of.number !== cluster.number)
    return refused("another-cluster", "expected statements made in this cluster and configuration, got others");
  const key = cluster.replicas[by.index];
  if (key === undefined)
    return refused("no-such-replica", `expected a replica below ${cluster.replicas.length}, got ${by.index}`);
  for (const { digest, signature } of statements) {
    const statement = kind === "checkpoint" ? checkpointStatement(of, sequence, digest, by) : slotStatement(of, { kind, view, sequence }, digest, by);
    if (!ed25519.verify(statement, signature, key))
      return refused("bad-signature", `expected two signatures of replica ${by.index}`);
  }
  return { valid: true, kind, view, sequence, culprit: by };
}

function decode(bytes: Uint8Array): (EvidenceParts & { readonly of: ClusterConfiguration }) | string {
  if (bytes.length > EVIDENCE_BYTES_MAX) return `${bytes.length} bytes`;
  const decoded = decodeAll(bytes, (reader): EvidenceParts & { readonly of: ClusterConfiguration } => {
    const version = reader.u8();
    if (version !== VERSION) reader.fail(`version ${VERSION}`, `version ${version}`);
    const of = { cluster: reader.text(CLUSTER_BYTES_MAX), number: reader.u32() };
    const code = reader.u8();
    const kind = KINDS[code] ?? reader.fail("a known kind of statement", `${code}`);
    const [view, sequence] = [reader.u53(), reader.u53()];
    if (kind === "checkpoint" && view !== 0) reader.fail("a checkpoint of no view", `one of view ${view}`);
    const by = { index: reader.u8(), incarnation: reader.u32() };
    const signed = (): SignedDigest => ({ digest: reader.raw(DIGEST_BYTES), signature: reader.raw(SIGNATURE_BYTES) });
    const statements = [signed(), signed()] as const;
    if (!isBelow(statements[0].digest, statements[1].digest)) reader.fail("two different digests, in order", "others");
    return { of, kind, view, sequence, by, statements };
  });
  return decoded.ok ? decoded.value : decoded.reason;
}

/** Compares digests as numbers. */
function isBelow(a: Uint8Array, b: Uint8Array): boolean {
  const at = a.findIndex((byte, index) => byte !== b[index]);
  return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
}

function refused(reason: EvidenceRefusal, detail: string): EvidenceVerdict {
  return { valid: false, reason, detail };
}
