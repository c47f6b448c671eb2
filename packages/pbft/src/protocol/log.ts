/**
 * The log of a replica: a slot for each sequence number between the watermarks (Castro & Liskov 1999, §4.2 and §4.3),
 * the stable checkpoint that moves them, and how far proposals were accepted and made in this view.
 */
import type { Batch } from "../codec/batch.ts";
import { BEGINNING, type Proposal, type StableCertificate } from "../codec/certificate.ts";
import type { CheckpointVote, PrePrepare } from "../codec/message.ts";
import type { Configuration } from "../configuration.ts";
import { OLD_SLOTS_BYTES_MAX, PROPOSALS_BYTES_MAX, SLOTS_BEYOND_MAX } from "../limits.ts";
import { isAfter, TIME_ZERO, type AgreedTime } from "./agreed-time.ts";
import { quorumOf, Slot } from "./slot.ts";

/** The execution, as the log sees it. */
export interface Progress {
  /** Sequence number of the last executed batch. */
  readonly lastExecuted: number;
  /** Its agreed time. */
  readonly lastTime: AgreedTime;
}

/** The log, owned. */
export class Log {
  readonly #cluster: Configuration;
  readonly #progress: Progress;
  readonly #slots = new Map<number, Slot>();
  readonly #checkpointVotes = new Map<number, Map<number, CheckpointVote>>();
  #stable: StableCertificate = BEGINNING;
  #accepted = 0;
  #lastProposed = 0;
  /** The time of the newest proposal accepted in this view, if it was not a re-proposal. */
  #viewTime: AgreedTime = TIME_ZERO;

  constructor(cluster: Configuration, progress: Progress) {
    this.#cluster = cluster;
    this.#progress = progress;
  }

  /** The newest stable checkpoint that is proven here. */
  get stable(): StableCertificate {
    return this.#stable;
  }

  /** Every sequence number up to here was accepted in this view, or is decided. */
  get accepted(): number {
    return this.#accepted;
  }

  /** The time after which the next proposal must be. */
  get lastTime(): AgreedTime {
    return laterOf(this.#viewTime, this.#progress.lastTime);
  }

  /** The high watermark H: nothing above it is voted on (§4.2). */
  get high(): number {
    return this.#stable.sequence + this.#cluster.window;
  }

  /**
   * Low watermark: what is not above it needs no messages. It is decided, and executed or so far behind that it must be
   * fetched. The watermark stays below the stable checkpoint while this replica still executes up to it.
   */
  get #floor(): number {
    const { sequence } = this.#stable;
    const { lastExecuted } = this.#progress;
    return lastExecuted >= sequence ? sequence : Math.max(lastExecuted, sequence - this.#cluster.checkpointInterval);
  }

  /** Returns whether a message about this sequence number is worth keeping. */
  inWindow(sequence: number): boolean {
    return sequence > this.#floor && sequence <= this.high + SLOTS_BEYOND_MAX;
  }

  /** The slot of a sequence number, if anything is known of it. */
  at(sequence: number): Slot | undefined {
    return this.#slots.get(sequence);
  }

  /** The slot of a sequence number, made if there is none. */
  slot(sequence: number): Slot {
    let slot = this.#slots.get(sequence);
    if (slot === undefined) {
      slot = new Slot(sequence);
      this.#slots.set(sequence, slot);
    }
    return slot;
  }

  /** The slot whose batch is executed next. */
  get next(): Slot | undefined {
    return this.#slots.get(this.#progress.lastExecuted + 1);
  }

  /**
   * Returns whether a proposal of so many bytes may be kept: the one that is executed next always, others while those that
   * are not executed fit their budget. What is refused is sent again.
   */
  hasRoom(sequence: number, bytes: number): boolean {
    if (sequence === this.#progress.lastExecuted + 1) return true;
    let kept = 2 * bytes;
    for (const slot of this.#slots.values()) if (slot.sequence > this.#progress.lastExecuted) kept += slot.bytes;
    return kept <= PROPOSALS_BYTES_MAX;
  }

  /** Bytes of the batches that all slots keep. */
  get bytes(): number {
    let bytes = 0;
    for (const slot of this.#slots.values()) bytes += slot.bytes;
    return bytes;
  }

  /** All slots, in the order in which they were first heard of. */
  slots(): IterableIterator<Slot> {
    return this.#slots.values();
  }

  /** The highest sequence number of which anything is known. */
  get highest(): number {
    let highest = this.#progress.lastExecuted;
    for (const sequence of this.#slots.keys()) highest = Math.max(highest, sequence);
    return highest;
  }

  // The proposals of this view.

  /** The next PRE-PREPARE that waits, if its turn has come and the watermark allows it; it waits no longer. */
  takeHeld(): PrePrepare | undefined {
    this.#accepted = Math.max(this.#accepted, this.#progress.lastExecuted, this.#stable.sequence);
    if (this.#accepted >= this.high) return undefined;
    return this.#slots.get(this.#accepted + 1)?.takeHeld();
  }

  /** Accepts a proposal, the one after {@link accepted}. */
  accept(proposal: Proposal, batch: Batch, atMs: number): Slot {
    this.#accepted = proposal.sequence;
    this.#viewTime = laterOf(this.#viewTime, batch.time);
    return this.#voteFor(proposal, batch, atMs);
  }

  /** The number that this replica, as primary, may propose next, or undefined when the pipeline or the window is full. */
  toPropose(pipeline: number): number | undefined {
    const { lastExecuted } = this.#progress;
    // After a restart or a state transfer nothing else shows what this view has decided.
    this.#lastProposed = Math.max(this.#lastProposed, lastExecuted, this.#stable.sequence);
    const isFree = this.#lastProposed < this.high && this.#lastProposed - lastExecuted < pipeline;
    return isFree ? this.#lastProposed + 1 : undefined;
  }

  /** Accepts this replica's own proposal. */
  acceptOwn(proposal: Proposal, batch: Batch, atMs: number): Slot {
    this.#lastProposed = proposal.sequence;
    return this.accept(proposal, batch, atMs);
  }

  /** Takes back, from a record, what this replica had accepted in the view that it is in. */
  recoverAccepted(proposal: Proposal, batch: Batch): void {
    this.#voteFor(proposal, batch, 0);
    this.#viewTime = batch.time;
    this.#lastProposed = Math.max(this.#lastProposed, proposal.sequence);
  }

  /** Counts, after a restart, what was accepted without gaps above `base`; each is waited for from now on. */
  resume(base: number, nowMs: number): void {
    this.#accepted = Math.max(base, this.#progress.lastExecuted, this.#stable.sequence);
    while (this.#slots.get(this.#accepted + 1)?.proposal !== undefined) this.#accepted += 1;
    for (const slot of this.#slots.values()) slot.waitFrom(nowMs);
  }

  /** Forgets what belongs to the view that is left. */
  leaveView(): void {
    for (const slot of this.#slots.values()) slot.leaveView();
  }

  /** Takes over what a NEW-VIEW proposes, up to `base`. */
  beginView(proposals: readonly Proposal[], base: number): void {
    this.#viewTime = TIME_ZERO;
    this.#lastProposed = base;
    this.#accepted = base;
    for (const proposal of proposals)
      if (proposal.sequence > this.#stable.sequence) this.slot(proposal.sequence).propose(proposal);
  }

  // Checkpoints.

  /** Returns whether a CHECKPOINT for this sequence number is counted. */
  countsCheckpoint(sequence: number): boolean {
    return (
      sequence % this.#cluster.checkpointInterval === 0 &&
      sequence > this.#stable.sequence &&
      sequence <= this.high + this.#cluster.window
    );
  }

  /** The CHECKPOINT of a replica that was counted for a sequence number. */
  checkpointVote(sequence: number, sender: number): CheckpointVote | undefined {
    return this.#checkpointVotes.get(sequence)?.get(sender);
  }

  /** Counts a CHECKPOINT, its sender's first for the sequence number; returns the certificate of a quorum. */
  countCheckpoint(vote: CheckpointVote): StableCertificate | undefined {
    const { sequence, sender, digest } = vote;
    const votes = this.#checkpointVotes.get(sequence) ?? new Map<number, CheckpointVote>();
    this.#checkpointVotes.set(sequence, votes.set(sender, vote));
    const certified = quorumOf(votes, digest, this.#cluster.quorum);
    return certified && { sequence, digest, votes: certified };
  }

  /** Moves the watermarks. False if the checkpoint is no newer than the stable one. */
  stabilize(certificate: StableCertificate): boolean {
    if (certificate.sequence <= this.#stable.sequence) return false;
    this.#stable = certificate;
    for (const sequence of this.#checkpointVotes.keys())
      if (sequence <= certificate.sequence) this.#checkpointVotes.delete(sequence);
    return true;
  }

  /** Takes back, from the checkpoint on disk, the certificate of the state that was restored. */
  recoverStable(certificate: StableCertificate): void {
    this.#stable = certificate;
  }

  /**
   * Drops old slots. Those of the last interval stay a while for who lags, for a slot costs less than a state, the newest
   * first and as far as their budget allows.
   */
  collectGarbage(): void {
    const { sequence: stable } = this.#stable;
    const keepAbove = stable - this.#cluster.checkpointInterval;
    let kept = 0;
    for (const { sequence, bytes } of [...this.#slots.values()].sort((a, b) => b.sequence - a.sequence)) {
      if (sequence <= stable && sequence <= this.#progress.lastExecuted) kept += bytes;
      if (sequence <= keepAbove || kept > OLD_SLOTS_BYTES_MAX) this.#slots.delete(sequence);
    }
  }

  /** The record that binds the vote holds the batch too. */
  #voteFor(proposal: Proposal, batch: Batch, atMs: number): Slot {
    const slot = this.slot(proposal.sequence);
    slot.propose(proposal);
    slot.keep(batch);
    slot.markDurable(batch.digest);
    slot.markVoted(atMs);
    return slot;
  }
}

function laterOf(a: AgreedTime, b: AgreedTime): AgreedTime {
  return isAfter(a, b) ? a : b;
}
