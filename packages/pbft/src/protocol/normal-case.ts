/** The normal case: PRE-PREPARE, PREPARE, COMMIT (Castro & Liskov 1999, §4.2), with batches and a pipeline. */
import { equalBytes } from "@void-system/bytes";
import type { PeerId } from "@void-system/effects";
import { isAfter, mayPrepare, proposeTime, type AgreedTime } from "./agreed-time.ts";
import { isNullDigest, makeBatch, type Batch, type Request } from "../codec/batch.ts";
import type { CommitCertificate } from "../codec/certificate.ts";
import { InvariantError } from "../errors.ts";
import type { PrePrepare, Vote } from "../codec/message.ts";
import type { ReplicaState } from "./replica-state.ts";
import { sendReplies } from "./execution.ts";
import { signProposal, signVote } from "../codec/signed.ts";
import type { Slot } from "./slot.ts";

/** Clocks may disagree more the longer agreement fails, up to this many doublings. */
const DRIFT_DOUBLINGS_MAX = 3;

/** A request, from its client or forwarded: answered if it was executed, else kept, and passed on to the primary. */
export function onRequest(replica: ReplicaState, from: PeerId, request: Request): void {
  const { client, number } = request;
  const answer = replica.sessions.answer(client, number);
  if (answer !== undefined) {
    sendReplies(replica, client, [answer]);
    return;
  }
  const known = replica.pool.has(client, number);
  const isReminder = replica.isPrimary && from !== client && replica.cluster.replicas.includes(from);
  const { monotonicMs } = replica.now;
  if (!known && !(isReminder ? replica.pool.addOverdue(request, monotonicMs) : replica.pool.add(request, monotonicMs))) {
    replica.counters.droppedRequests += 1;
    return;
  }
  // Passed on again when its client repeats it, for a message was lost, perhaps this one; but not when a replica does:
  // two that take each other for the primary would pass it to and fro.
  const pass = !known || from === client;
  if (pass && !replica.changing && !replica.isPrimary) replica.tell(replica.primary, request);
}

/** As primary: a batch for each free place in the pipeline, as long as requests wait. */
export function propose(replica: ReplicaState): void {
  // What the NEW-VIEW re-proposed is executed first: the next time must be after theirs.
  if (replica.changing || !replica.isPrimary || replica.lastExecuted < replica.viewBase) return;
  const { pipeline, batchRequestsMax, batchBytesMax } = replica.tuning;
  // After a restart or a state transfer nothing else may tell of what this view has decided.
  replica.lastProposed = Math.max(replica.lastProposed, replica.lastExecuted, replica.stable.sequence);
  while (replica.lastProposed < replica.high && replica.lastProposed - replica.lastExecuted < pipeline) {
    const requests = replica.pool.take(batchRequestsMax, batchBytesMax);
    if (requests.length === 0) return;
    const sequence = replica.lastProposed + 1;
    const last = laterOf(replica.viewTime, replica.lastTime);
    const batch = makeBatch(proposeTime(last, replica.now.wallMs, replica.index), requests, replica.ports.digest);
    const proposal = signProposal(replica, replica.view, sequence, batch.digest);
    replica.lastProposed = sequence;
    replica.viewTime = batch.time;
    const slot = replica.slot(sequence);
    slot.proposal = proposal;
    slot.voted = true;
    slot.sinceMs = replica.now.monotonicMs;
    slot.keep(batch);
    slot.markDurable(batch.digest);
    replica.accepted = sequence;
    // It binds from here on: whoever answers it has it, and it leaves when it is durable.
    replica.append({ type: "accepted", view: replica.view, proposal, batch });
    replica.voteToOthers({ type: "pre-prepare", view: replica.view, sequence, batch, signature: proposal.signature });
    advance(replica, slot);
  }
}

/** A PRE-PREPARE that its primary has signed, whoever handed it over. */
export function onPrePrepare(replica: ReplicaState, message: PrePrepare): void {
  const { view, sequence, batch } = message;
  if (view > replica.view || (view === replica.view && replica.changing)) {
    replica.keepForLater(view % replica.cluster.replicas.length, message);
    return;
  }
  if (view < replica.view || !replica.inWindow(sequence) || replica.isPrimary) return;
  const slot = replica.slot(sequence);
  const known = slot.proposal?.digest ?? slot.held?.batch.digest;
  if (known !== undefined && !equalBytes(known, batch.digest)) {
    replica.note("equivocations", "pbft.equivocation", { kind: "pre-prepare", sender: replica.primary, view, sequence });
    return;
  }
  if (slot.proposal === undefined) {
    slot.held = message;
    acceptHeld(replica);
  } else if (slot.batch(batch.digest) === undefined) {
    onBatch(replica, sequence, batch);
  }
}

/** Accepts the PRE-PREPAREs that wait, one after the other without gaps, as far as the watermark allows. */
export function acceptHeld(replica: ReplicaState): void {
  replica.accepted = Math.max(replica.accepted, replica.lastExecuted, replica.stable.sequence);
  while (!replica.changing && replica.accepted < replica.high) {
    const slot = replica.slots.get(replica.accepted + 1);
    const message = slot?.held;
    if (slot === undefined || message === undefined) return;
    slot.held = undefined;
    if (!isTimely(replica, message)) return;
    slot.proposal = { digest: message.batch.digest, signature: message.signature };
    slot.sinceMs = replica.now.monotonicMs;
    slot.keep(message.batch);
    replica.accepted = message.sequence;
    replica.viewTime = laterOf(replica.viewTime, message.batch.time);
    slot.voted = true;
    replica.append({
      type: "accepted",
      view: replica.view,
      proposal: { sequence: slot.sequence, ...slot.proposal },
      batch: message.batch,
    });
    slot.markDurable(message.batch.digest);
    replica.vote(signVote(replica, "prepare", replica.view, slot.sequence, message.batch.digest));
    advance(replica, slot);
  }
}

/** Whether the time of a proposal allows a PREPARE; one that does not is as good as not received. */
function isTimely(replica: ReplicaState, message: PrePrepare): boolean {
  const { time } = message.batch;
  const drift = replica.tuning.clockDriftMs * 2 ** Math.min(replica.attempts, DRIFT_DOUBLINGS_MAX);
  const previous = laterOf(replica.viewTime, replica.lastTime);
  if (time.proposer === replica.primary && mayPrepare(time, previous, replica.now.wallMs, drift)) return true;
  replica.note("refusedTimes", "pbft.time-refused", {
    sequence: message.sequence,
    physicalMs: time.physicalMs,
    wallMs: replica.now.wallMs,
  });
  return false;
}

/** Votes for what the NEW-VIEW has proposed, if its batch is here; the record of the NEW-VIEW binds the vote. */
export function supportProposal(replica: ReplicaState, slot: Slot): void {
  const { proposal } = slot;
  if (replica.changing || slot.voted || proposal === undefined || slot.sequence > replica.viewBase) return;
  const batch = slot.batch(proposal.digest);
  if (batch === undefined) {
    replica.tellOthers({ type: "fetch-batch", sequence: slot.sequence, digest: proposal.digest });
    return;
  }
  makeDurable(replica, slot, batch);
  slot.voted = true;
  slot.sinceMs = replica.now.monotonicMs;
  if (!replica.isPrimary) replica.vote(signVote(replica, "prepare", replica.view, slot.sequence, proposal.digest));
  advance(replica, slot);
}

/** A batch that a certificate or NEW-VIEW named, and that was missing. */
export function onBatch(replica: ReplicaState, sequence: number, batch: Batch): void {
  const slot = replica.slots.get(sequence);
  if (slot === undefined) return;
  const wanted = [slot.proposal?.digest, slot.committed?.digest];
  if (!wanted.some((digest) => digest !== undefined && equalBytes(digest, batch.digest))) return;
  slot.keep(batch);
  if (slot.committed !== undefined && equalBytes(slot.committed.digest, batch.digest))
    makeDurable(replica, slot, batch);
  supportProposal(replica, slot);
}

/** A PREPARE or COMMIT. */
export function onVote(replica: ReplicaState, vote: Vote): void {
  const { view, sequence, sender } = vote;
  if (view > replica.view || (view === replica.view && replica.changing)) {
    replica.keepForLater(sender, vote);
    return;
  }
  if (view < replica.view || !replica.inWindow(sequence)) return;
  const slot = replica.slot(sequence);
  const votes = vote.type === "prepare" ? slot.prepares : slot.commits;
  const other = votes.get(sender);
  if (other === undefined) {
    votes.set(sender, vote);
    advance(replica, slot);
  } else if (!equalBytes(other.digest, vote.digest)) {
    replica.note("equivocations", "pbft.equivocation", { kind: vote.type, sender, view, sequence });
  }
}

/** What the votes of a slot allow: COMMIT once prepared, committed with a quorum of COMMITs. */
function advance(replica: ReplicaState, slot: Slot): void {
  const { view, primary, cluster } = replica;
  if (slot.voted && !slot.committing) {
    const prepared = slot.prepareQuorum(view, primary, cluster.quorum - 1);
    if (prepared !== undefined) {
      slot.prepared = prepared;
      slot.committing = true;
      replica.append({ type: "prepared", certificate: prepared });
      replica.vote(signVote(replica, "commit", view, slot.sequence, prepared.digest));
    }
  }
  const committed = slot.commitQuorum(view, cluster.quorum);
  if (committed !== undefined) commit(replica, slot, committed);
}

/** A slot is decided. Its batch may still be missing; then it is asked for. */
export function commit(replica: ReplicaState, slot: Slot, certificate: CommitCertificate): void {
  if (slot.committed !== undefined) {
    if (equalBytes(slot.committed.digest, certificate.digest)) return;
    throw new InvariantError(
      `expected one batch at sequence ${slot.sequence}, got certificates for two: more than f = ${replica.cluster.f} replicas lie`,
    );
  }
  slot.committed = certificate;
  const batch = slot.batch(certificate.digest);
  if (batch !== undefined) makeDurable(replica, slot, batch);
  replica.append({ type: "committed", certificate });
  if (batch === undefined)
    replica.tellOthers({ type: "fetch-batch", sequence: slot.sequence, digest: certificate.digest });
}

function makeDurable(replica: ReplicaState, slot: Slot, batch: Batch): void {
  if (isNullDigest(batch.digest) || slot.isDurable(batch.digest)) return;
  replica.append({ type: "batch", sequence: slot.sequence, batch });
  slot.markDurable(batch.digest);
}

function laterOf(a: AgreedTime, b: AgreedTime): AgreedTime {
  return isAfter(a, b) ? a : b;
}

/** Says again what it has said of a slot in this view: to one who lacks it, or to all after a restart. */
export function resendVotes(replica: ReplicaState, slot: Slot, to: "all" | number): void {
  const { proposal } = slot;
  if (replica.changing || !slot.voted || proposal === undefined) return;
  // The first time may still be waiting for its record.
  const say = (message: PrePrepare | Vote): void =>
    to === "all" ? replica.vote(message) : replica.voteToOthers(message, to);
  const batch = slot.batch(proposal.digest);
  if (!replica.isPrimary) {
    say(signVote(replica, "prepare", replica.view, slot.sequence, proposal.digest));
  } else if (batch !== undefined && batch.requests.length > 0 && slot.sequence > replica.viewBase) {
    say({ type: "pre-prepare", view: replica.view, sequence: slot.sequence, batch, signature: proposal.signature });
  }
  if (slot.committing) say(signVote(replica, "commit", replica.view, slot.sequence, proposal.digest));
}
