/** The normal case: PRE-PREPARE, PREPARE, COMMIT (Castro & Liskov 1999, §4.2), with batches and a pipeline. */
import { equalBytes } from "@void-system/bytes";
import type { PeerId } from "@void-system/effects";
import { isNullDigest, makeBatch, type Batch, type Request } from "../codec/batch.ts";
import type { CommitCertificate } from "../codec/certificate.ts";
import type { PrePrepare, Vote } from "../codec/message.ts";
import { signProposal, signVote } from "../codec/signed.ts";
import { replicaAt } from "../configuration.ts";
import { InvariantError } from "../errors.ts";
import { BATCH_BYTES_MAX } from "../limits.ts";
import { mayPrepare, proposeTime } from "./agreed-time.ts";
import { executeReady, sendAnswer, sendBusy } from "./execute.ts";
import type { Replica } from "./replica.ts";
import type { Slot } from "./slot.ts";

/** Clocks may disagree more the longer agreement fails, up to this many doublings. */
const DRIFT_DOUBLINGS_MAX = 3;

/** A request, from its client or forwarded: answered if it was executed, else kept, and passed on to the primary. */
export function onRequest(replica: Replica, from: PeerId, request: Request): void {
  const { client, number } = request;
  const { execution, view } = replica;
  const { pool } = execution;
  const answer = execution.answerTo(request);
  if (answer !== undefined) {
    // Its client asks as often as it likes. Others pass it on, or replay it: once a tick is enough.
    if (from === client || replica.catchUp.mayAnswer(client)) sendAnswer(replica, client, answer);
    return;
  }
  const known = pool.has(client, number);
  const isReminder = view.isPrimary && from !== client && replica.cluster.replicas.includes(from);
  const { monotonicMs } = replica.now;
  if (!known && !(isReminder ? pool.addOverdue(request, monotonicMs) : pool.add(request, monotonicMs))) {
    replica.count("droppedRequests");
    if (replica.catchUp.mayAnswer(client)) sendBusy(replica, request);
    return;
  }
  // Passed on again when its client repeats it, for a message was lost, perhaps this one; but not when a replica does:
  // two that take each other for the primary would pass it to and fro.
  const pass = !known || from === client;
  if (pass && !view.changing && !view.isPrimary) passOn(replica, request);
  propose(replica);
}

/** Gives the primary a request that waits. Its age counts from the first time that this goes over a link that is up. */
export function passOn({ view, cluster, execution, catchUp, outbox, now }: Replica, request: Request): void {
  outbox.say(request, view.primary);
  if (catchUp.isLinked(replicaAt(cluster, view.primary))) execution.pool.markPassed(request, now.monotonicMs);
}

/** Goes on with what the watermarks and the last executed batch now allow: proposals that wait, then new ones. */
export function proceed(replica: Replica): void {
  acceptHeld(replica);
  propose(replica);
}

/** As primary: a batch for each free place in the pipeline, as long as requests wait. */
function propose(replica: Replica): void {
  const { view, log, execution, outbox, tuning } = replica;
  // Batches that the NEW-VIEW re-proposed are executed first: the next time must be after theirs.
  if (view.changing || !view.isPrimary || execution.lastExecuted < view.base) return;
  for (;;) {
    const sequence = log.toPropose(tuning.pipeline);
    // Nor more than backups may keep.
    if (sequence === undefined || !log.hasRoom(sequence, BATCH_BYTES_MAX)) return;
    const requests = execution.pool.take(tuning.batchRequestsMax, tuning.batchBytesMax);
    if (requests.length === 0) return;
    const time = proposeTime(log.lastTime, replica.now.wallMs, replica.index);
    const batch = makeBatch(time, requests, replica.ports.digest);
    const proposal = signProposal(replica, view.number, sequence, batch.digest);
    const slot = log.acceptOwn(proposal, batch, replica.now.monotonicMs);
    // It binds from here on: whoever answers it has it, and it leaves when it is durable.
    outbox.append({ type: "accepted", view: view.number, proposal, batch });
    const { signature } = proposal;
    outbox.bind({ type: "pre-prepare", view: view.number, sequence, batch, signature });
    advance(replica, slot);
  }
}

/** A PRE-PREPARE that its primary has signed, whoever handed it over. */
export function onPrePrepare(replica: Replica, message: PrePrepare): void {
  const { view, sequence, batch } = message;
  if (view !== replica.view.number || replica.view.changing || !replica.log.inWindow(sequence)) return;
  if (replica.view.isPrimary) {
    replica.log.at(sequence)?.markLeft();
    return;
  }
  const slot = replica.log.slot(sequence);
  const { heard } = slot;
  if (heard !== undefined && !equalBytes(heard.digest, batch.digest)) {
    const { signature } = message;
    replica.convict(replica.view.primary, { kind: "pre-prepare", view, sequence }, [heard, { digest: batch.digest, signature }]);
    return;
  }
  if (slot.proposal === undefined) {
    if (!replica.log.hasRoom(sequence, batch.bytes.length)) return;
    slot.hold(message);
    acceptHeld(replica);
  } else if (slot.batch(batch.digest) === undefined) {
    onBatch(replica, sequence, batch);
  }
}

/** Accepts the PRE-PREPAREs that wait, one after the other without gaps, as far as the watermark allows. */
function acceptHeld(replica: Replica): void {
  const { view, log, outbox } = replica;
  while (!view.changing) {
    const message = log.takeHeld();
    if (message === undefined || !isTimely(replica, message)) return;
    const { sequence, batch, signature } = message;
    const proposal = { sequence, digest: batch.digest, signature };
    const slot = log.accept(proposal, batch, replica.now.monotonicMs);
    outbox.append({ type: "accepted", view: view.number, proposal, batch });
    outbox.bind(signVote(replica, "prepare", view.number, sequence, batch.digest));
    advance(replica, slot);
  }
}

/** Returns whether the time of a proposal allows a PREPARE; one that does not is as good as not received. */
function isTimely(replica: Replica, message: PrePrepare): boolean {
  const { view, log, cluster } = replica;
  const { time } = message.batch;
  const { wallMs } = replica.now;
  const drift = cluster.clockDriftMs * 2 ** Math.min(view.attempts, DRIFT_DOUBLINGS_MAX);
  if (time.proposer === view.primary && mayPrepare(time, log.lastTime, wallMs, drift)) return true;
  const { sequence } = message;
  replica.note("refusedTimes", "pbft.time-refused", { sequence, physicalMs: time.physicalMs, wallMs });
  return false;
}

/** Votes for what the NEW-VIEW has proposed, if its batch is here; the record of the NEW-VIEW binds the vote. */
export function supportProposal(replica: Replica, slot: Slot): void {
  const { view, outbox } = replica;
  const { proposal } = slot;
  if (view.changing || slot.voted || proposal === undefined || slot.sequence > view.base) return;
  const batch = slot.batch(proposal.digest);
  if (batch === undefined) {
    outbox.say({ type: "fetch-batch", sequence: slot.sequence, digest: proposal.digest }, "others");
    return;
  }
  makeDurable(replica, slot, batch);
  slot.markVoted(replica.now.monotonicMs);
  if (!view.isPrimary)
    outbox.bind(signVote(replica, "prepare", view.number, slot.sequence, proposal.digest));
  advance(replica, slot);
}

/** A batch that a certificate or NEW-VIEW named, and that was missing. */
export function onBatch(replica: Replica, sequence: number, batch: Batch): void {
  const slot = replica.log.at(sequence);
  if (slot === undefined) return;
  const isCommitted = slot.committed !== undefined && equalBytes(slot.committed.digest, batch.digest);
  const isProposed = slot.proposal !== undefined && equalBytes(slot.proposal.digest, batch.digest);
  if (!isCommitted && !isProposed) return;
  slot.keep(batch);
  if (isCommitted) makeDurable(replica, slot, batch);
  supportProposal(replica, slot);
  if (executeReady(replica)) proceed(replica);
}

/** A PREPARE or COMMIT. */
export function onVote(replica: Replica, vote: Vote): void {
  const { view, sequence, sender } = vote;
  if (replica.view.isLater(view)) {
    replica.view.keepForLater(vote);
    return;
  }
  if (view < replica.view.number || !replica.log.inWindow(sequence)) return;
  const slot = replica.log.slot(sequence);
  const other = slot.voteOf(vote.type, sender);
  if (other === undefined) {
    slot.count(vote);
    advance(replica, slot);
  } else if (!equalBytes(other.digest, vote.digest)) {
    replica.convict(sender, { kind: vote.type, view, sequence }, [other, vote]);
  }
}

/** Does what the votes of a slot allow: COMMIT once prepared, committed with a quorum of COMMITs. */
function advance(replica: Replica, slot: Slot): void {
  const { cluster, outbox } = replica;
  const { number, primary } = replica.view;
  if (slot.voted && !slot.committing) {
    const prepared = slot.prepareQuorum(number, primary, cluster.quorum - 1);
    if (prepared !== undefined) {
      slot.prepare(prepared, true);
      outbox.append({ type: "prepared", certificate: prepared });
      outbox.bind(signVote(replica, "commit", number, slot.sequence, prepared.digest));
    }
  }
  const committed = slot.commitQuorum(number, cluster.quorum);
  if (committed !== undefined) commit(replica, slot, committed);
}

/** A slot is decided, and executed when its turn comes. Its batch may still be missing; then it is asked for. */
export function commit(replica: Replica, slot: Slot, certificate: CommitCertificate): void {
  const { sequence, committed } = slot;
  if (committed !== undefined) {
    if (equalBytes(committed.digest, certificate.digest)) return;
    throw new InvariantError(
      `expected one batch at sequence ${sequence}, got certificates for two: more than f = ${replica.cluster.f} replicas lie`,
    );
  }
  slot.commit(certificate);
  const batch = slot.batch(certificate.digest);
  if (batch !== undefined) makeDurable(replica, slot, batch);
  replica.outbox.append({ type: "committed", certificate });
  if (batch === undefined)
    replica.outbox.say({ type: "fetch-batch", sequence, digest: certificate.digest }, "others");
  if (executeReady(replica)) proceed(replica);
}

function makeDurable(replica: Replica, slot: Slot, batch: Batch): void {
  if (isNullDigest(batch.digest) || slot.isDurable(batch.digest)) return;
  replica.outbox.append({ type: "batch", sequence: slot.sequence, batch });
  slot.markDurable(batch.digest);
}

/** After a restart: votes again as its records say. */
export function voteAgain(replica: Replica, slot: Slot): void {
  const { view, outbox } = replica;
  const { proposal, sequence } = slot;
  if (view.changing || !slot.voted || proposal === undefined) return;
  if (!view.isPrimary) outbox.bind(signVote(replica, "prepare", view.number, sequence, proposal.digest));
  else {
    const message = ownPrePrepare(replica, slot);
    if (message !== undefined) outbox.bind(message);
  }
  if (slot.committing) outbox.bind(signVote(replica, "commit", view.number, sequence, proposal.digest));
}

/** Says again, to one that lacks it, what this replica has said of a slot in this view, as far as that has left. */
export function repeatVotes(replica: Replica, slot: Slot, to: number): void {
  const message = slot.hasLeft ? ownPrePrepare(replica, slot) : undefined;
  for (const said of [message, slot.voteOf("prepare", replica.index), slot.voteOf("commit", replica.index)])
    if (said !== undefined) replica.outbox.repeat(said, to);
}

/** As primary: its PRE-PREPARE for a slot, unless the NEW-VIEW has proposed it. */
function ownPrePrepare({ view }: Replica, slot: Slot): PrePrepare | undefined {
  const { sequence, proposal } = slot;
  const batch = proposal && slot.batch(proposal.digest);
  const isOwn = view.isPrimary && sequence > view.base;
  if (!isOwn || proposal === undefined || batch === undefined || batch.requests.length === 0) return undefined;
  return { type: "pre-prepare", view: view.number, sequence, batch, signature: proposal.signature };
}
