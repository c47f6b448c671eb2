/** Knowledge of a replica about one sequence number. */
import { equalBytes } from "@void-system/bytes";
import { isNullDigest, NULL_BATCH, type Batch } from "../codec/batch.ts";
import type { CommitCertificate, PreparedCertificate, Signature } from "../codec/certificate.ts";
import type { PrePrepare, Vote } from "../codec/message.ts";

/** Batches kept for one sequence number: prepared before, proposed now, and fetched. */
const BATCHES_MAX = 3;

interface KnownBatch {
  readonly batch: Batch;
  /** True if a record or checkpoint of this replica holds it. */
  durable: boolean;
}

/** Proposal that a primary has signed for a slot. */
interface SlotProposal {
  readonly digest: Uint8Array;
  readonly signature: Uint8Array;
}

/**
 * One sequence number. The first part is of the current view and begins again with each; what was prepared, committed
 * and the batches stay (losing what was prepared would let a later view choose another digest).
 */
export class Slot {
  readonly sequence: number;
  #proposal: SlotProposal | undefined;
  #held: PrePrepare | undefined;
  #voted = false;
  #hasLeft = false;
  #committing = false;
  #sinceMs = 0;
  readonly #prepares = new Map<number, Vote>();
  readonly #commits = new Map<number, Vote>();
  #prepared: PreparedCertificate | undefined;
  #committed: CommitCertificate | undefined;
  readonly #batches: KnownBatch[] = [];

  constructor(sequence: number) {
    this.sequence = sequence;
  }

  /** The PRE-PREPARE accepted in this view. */
  get proposal(): SlotProposal | undefined {
    return this.#proposal;
  }

  /** This replica has sent a PREPARE (or, as primary, proposed) in this view. */
  get voted(): boolean {
    return this.#voted;
  }

  /** This replica has sent a COMMIT in this view. */
  get committing(): boolean {
    return this.#committing;
  }

  /** This replica's own PRE-PREPARE of this view binds, and so has left. */
  get hasLeft(): boolean {
    return this.#hasLeft;
  }

  /** When the wait for this slot began, monotonic. */
  get sinceMs(): number {
    return this.#sinceMs;
  }

  /** The prepared certificate of the highest view. */
  get prepared(): PreparedCertificate | undefined {
    return this.#prepared;
  }

  get committed(): CommitCertificate | undefined {
    return this.#committed;
  }

  /** The proposal that the primary of this view has signed, accepted or not. */
  get heard(): SlotProposal | undefined {
    return this.#proposal ?? (this.#held && { digest: this.#held.batch.digest, signature: this.#held.signature });
  }

  /** Keeps a PRE-PREPARE of this view that waits for its predecessor or the watermark. */
  hold(message: PrePrepare): void {
    this.#held = message;
  }

  /** Returns the PRE-PREPARE that waits, which waits no longer. */
  takeHeld(): PrePrepare | undefined {
    const held = this.#held;
    this.#held = undefined;
    return held;
  }

  propose({ digest, signature }: SlotProposal): void {
    this.#proposal = { digest, signature };
  }

  markVoted(nowMs: number): void {
    this.#voted = true;
    this.#sinceMs = nowMs;
  }

  markLeft(): void {
    this.#hasLeft = true;
  }

  waitFrom(nowMs: number): void {
    this.#sinceMs = nowMs;
  }

  /** Keeps a prepared certificate; `committing` if this replica's COMMIT for it is of this view. */
  prepare(certificate: PreparedCertificate, committing: boolean): void {
    this.#prepared = certificate;
    this.#committing = committing;
  }

  commit(certificate: CommitCertificate): void {
    this.#committed = certificate;
  }

  /** The vote of a replica that was counted in this view. */
  voteOf(type: Vote["type"], sender: number): Vote | undefined {
    return this.#votes(type).get(sender);
  }

  /** Counts a vote, its sender's first in this view; one whose digest differs from the proposal's makes no certificate. */
  count(vote: Vote): void {
    this.#votes(vote.type).set(vote.sender, vote);
  }

  /** Forgets what belongs to the view that is left. */
  leaveView(): void {
    this.#proposal = undefined;
    this.#held = undefined;
    this.#voted = false;
    this.#hasLeft = false;
    this.#committing = false;
    this.#prepares.clear();
    this.#commits.clear();
  }

  /** Bytes of the batches that are kept: each twice, as it was sent and as requests. */
  get bytes(): number {
    let bytes = this.#held?.batch.bytes.length ?? 0;
    for (const { batch } of this.#batches) bytes += batch.bytes.length;
    return 2 * bytes;
  }

  batch(digest: Uint8Array): Batch | undefined {
    return isNullDigest(digest) ? NULL_BATCH : this.#known(digest)?.batch;
  }

  isDurable(digest: Uint8Array): boolean {
    return isNullDigest(digest) || this.#known(digest)?.durable === true;
  }

  markDurable(digest: Uint8Array): void {
    const known = this.#known(digest);
    if (known !== undefined) known.durable = true;
  }

  /** The batches that records hold. */
  durableBatches(): readonly { readonly batch: Batch }[] {
    return this.#batches.filter((known) => known.durable);
  }

  /** Keeps a batch; when there are too many, one that no certificate and no proposal names goes. */
  keep(batch: Batch): void {
    if (isNullDigest(batch.digest) || this.#known(batch.digest) !== undefined) return;
    this.#batches.push({ batch, durable: false });
    if (this.#batches.length <= BATCHES_MAX) return;
    const needed = [this.#prepared?.digest, this.#committed?.digest, this.#proposal?.digest, batch.digest];
    const surplus = this.#batches.findIndex(
      (known) => !needed.some((digest) => digest && equalBytes(digest, known.batch.digest)),
    );
    if (surplus >= 0) this.#batches.splice(surplus, 1);
  }

  /** The certificate that the PREPAREs of this view make, if they do: `count` of them, none the primary's. */
  prepareQuorum(view: number, primary: number, count: number): PreparedCertificate | undefined {
    const proposal = this.#proposal;
    if (proposal === undefined) return undefined;
    const prepares = quorumOf(this.#prepares, proposal.digest, count, primary);
    return (
      prepares && { view, sequence: this.sequence, digest: proposal.digest, signature: proposal.signature, prepares }
    );
  }

  /** The certificate that the COMMITs of this view make, if they do; the proposal need not be known. */
  commitQuorum(view: number, quorum: number): CommitCertificate | undefined {
    if (this.#commits.size < quorum) return undefined;
    for (const { digest } of this.#commits.values()) {
      const commits = quorumOf(this.#commits, digest, quorum);
      if (commits !== undefined) return { view, sequence: this.sequence, digest, commits };
    }
    return undefined;
  }

  #votes(type: Vote["type"]): Map<number, Vote> {
    return type === "prepare" ? this.#prepares : this.#commits;
  }

  #known(digest: Uint8Array): KnownBatch | undefined {
    return this.#batches.find((known) => equalBytes(known.batch.digest, digest));
  }
}

/** `count` matching votes in the order of their senders, or undefined. */
export function quorumOf(
  votes: ReadonlyMap<number, { readonly digest: Uint8Array; readonly sender: number; readonly signature: Uint8Array }>,
  digest: Uint8Array,
  count: number,
  except?: number,
): Signature[] | undefined {
  if (votes.size < count) return undefined;
  const matching: Signature[] = [];
  for (const vote of votes.values()) {
    if (vote.sender !== except && equalBytes(vote.digest, digest))
      matching.push({ sender: vote.sender, signature: vote.signature });
  }
  if (matching.length < count) return undefined;
  return matching.sort((a, b) => a.sender - b.sender).slice(0, count);
}
