/**
 * Certificates: a quorum's signatures over one statement, kept once. They prove themselves to anyone who knows the
 * replicas' keys, so it does not matter who hands them over. Votes in them stand in the order of their senders, each
 * sender once, exactly as many as needed: one certificate has one encoding for given votes.
 */
import { primaryOf, replicaAt, type Configuration } from "../configuration.ts";
import { DIGEST_BYTES } from "../limits.ts";
import type { Ports } from "../ports.ts";
import { checkpointStatement, departureStatement, slotStatement } from "./signing.ts";

/** A signature, with its signer. */
export interface Signature {
  /** Index of the replica that signed. */
  readonly sender: number;
  /** Its signature. */
  readonly signature: Uint8Array;
}

/** A primary's signed PRE-PREPARE without its batch: (sequence, digest) in the view of the message that it is in. */
export interface Proposal {
  /** The sequence number. */
  readonly sequence: number;
  /** The digest that was voted for. */
  readonly digest: Uint8Array;
  /** Its signature. */
  readonly signature: Uint8Array;
}

/**
 * The predicate prepared(m, v, n, i) of §4.2: the primary's PRE-PREPARE and the PREPAREs of a quorum less one of the
 * others.
 */
export interface PreparedCertificate extends Proposal {
  /** The view of the votes. */
  readonly view: number;
  /** The PREPAREs, in the order of their senders. */
  readonly prepares: readonly Signature[];
}

/** A quorum of COMMITs: f+1 correct replicas have prepared this digest, so every later view has it (§4.5.1). */
export interface CommitCertificate {
  /** The view of the votes. */
  readonly view: number;
  /** The sequence number. */
  readonly sequence: number;
  /** The digest that was voted for. */
  readonly digest: Uint8Array;
  /** The COMMITs, in the order of their senders. */
  readonly commits: readonly Signature[];
}

/** A quorum of CHECKPOINTs (§4.3). Sequence 0 is the beginning and needs no proof. */
export interface StableCertificate {
  /** The sequence number. */
  readonly sequence: number;
  /** The digest that was voted for. */
  readonly digest: Uint8Array;
  /** The CHECKPOINTs, in the order of their senders. */
  readonly votes: readonly Signature[];
}

/** The proof that a view may be left: f+1 COMPLAINTs of it, one of them a correct replica's, or its primary's RESIGNATION. */
export interface DepartureCertificate {
  /** The view. */
  readonly view: number;
  /** The statement that is signed. */
  readonly ground: "complaint" | "resignation";
  /** The signatures, in the order of their senders. */
  readonly votes: readonly Signature[];
}

/** The stable checkpoint before every batch: the state that all replicas begin with needs no proof. */
export const BEGINNING: StableCertificate = { sequence: 0, digest: new Uint8Array(DIGEST_BYTES), votes: [] };

/** Returns whether the votes are of exactly `count` distinct replicas, in order, and each has signed `statement(sender)`. */
function provenBy(
  cluster: Configuration,
  checks: Pick<Ports, "verify">,
  votes: readonly Signature[],
  count: number,
  statement: (sender: number) => Uint8Array,
): boolean {
  if (votes.length !== count) return false;
  let previous = -1;
  for (const { sender, signature } of votes) {
    if (sender <= previous || sender >= cluster.replicas.length) return false;
    if (!checks.verify(replicaAt(cluster, sender), statement(sender), signature)) return false;
    previous = sender;
  }
  return true;
}

/** Returns whether a primary has proposed this in `view`. */
export function provesProposal(
  cluster: Configuration,
  checks: Pick<Ports, "verify">,
  view: number,
  proposal: Proposal,
): boolean {
  const primary = primaryOf(cluster, view);
  const statement = slotStatement(cluster, "pre-prepare", view, proposal.sequence, proposal.digest, primary);
  return checks.verify(replicaAt(cluster, primary), statement, proposal.signature);
}

/** Returns whether a prepared certificate holds. */
export function provesPrepared(
  cluster: Configuration,
  checks: Pick<Ports, "verify">,
  certificate: PreparedCertificate,
): boolean {
  const { view, sequence, digest, prepares } = certificate;
  const primary = primaryOf(cluster, view);
  if (prepares.some((vote) => vote.sender === primary)) return false;
  const statement = (sender: number): Uint8Array => slotStatement(cluster, "prepare", view, sequence, digest, sender);
  return (
    provesProposal(cluster, checks, view, certificate) &&
    provenBy(cluster, checks, prepares, cluster.quorum - 1, statement)
  );
}

/** Returns whether a commit certificate holds. */
export function provesCommitted(
  cluster: Configuration,
  checks: Pick<Ports, "verify">,
  certificate: CommitCertificate,
): boolean {
  const { view, sequence, digest, commits } = certificate;
  const statement = (sender: number): Uint8Array => slotStatement(cluster, "commit", view, sequence, digest, sender);
  return provenBy(cluster, checks, commits, cluster.quorum, statement);
}

/** Returns whether a stable certificate holds. */
export function provesStable(
  cluster: Configuration,
  checks: Pick<Ports, "verify">,
  certificate: StableCertificate,
): boolean {
  const { sequence, digest, votes } = certificate;
  if (sequence === 0) return votes.length === 0 && digest.every((byte) => byte === 0);
  if (sequence % cluster.checkpointInterval !== 0) return false;
  return provenBy(cluster, checks, votes, cluster.quorum, (sender) =>
    checkpointStatement(cluster, sequence, digest, sender),
  );
}

/** Returns whether a view may be left. */
export function provesDeparture(
  cluster: Configuration,
  checks: Pick<Ports, "verify">,
  { view, ground, votes }: DepartureCertificate,
): boolean {
  const isResigned = ground === "resignation";
  if (isResigned && votes[0]?.sender !== primaryOf(cluster, view)) return false;
  const count = isResigned ? 1 : cluster.weak;
  return provenBy(cluster, checks, votes, count, (sender) => departureStatement(cluster, ground, view, sender));
}
