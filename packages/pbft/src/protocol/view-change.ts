/** View changes: replacing a primary that does not make progress (Castro & Liskov 1999, §4.4 and §4.5.2). */
import { BEGINNING, type DepartureCertificate } from "../codec/certificate.ts";
import type { Complaint, Departure, NewView, ViewChange } from "../codec/message.ts";
import { primaryOf, replicaAt } from "../configuration.ts";
import { signComplaint, signNewView, signResignation, signViewChange } from "../codec/signed.ts";
import { noteStable } from "./checkpoint.ts";
import { planNewView } from "./new-view-plan.ts";
import { onVote, passOn, proceed, supportProposal } from "./normal-case.ts";
import type { Replica } from "./replica.ts";

/** A complaint is repeated with each status, and counts for so many status ticks. */
const COMPLAINT_TICKS = 4;

/** Complains of the view, to all; with the complaints of f others it is left. */
export function complain(replica: Replica): void {
  const complaint = signComplaint(replica, replica.view.number);
  replica.view.setTimedOut(true);
  replica.outbox.say(complaint, "others");
  onComplaint(replica, complaint);
}

/**
 * Counts a complaint of this view. The 1999 protocol leaves a view at the first timeout; but a VIEW-CHANGE cannot be taken
 * back, and a replica that was merely slow would then be out of its view, one fault less to tolerate. With f+1 complaints
 * a correct one is among them, and when the primary is at fault every correct replica complains: clients send to all.
 */
export function onComplaint(replica: Replica, complaint: Complaint): void {
  const { view, now, tuning } = replica;
  if (complaint.view !== view.number) return;
  const own = view.changing ? "no NEW-VIEW in time" : "no progress in time";
  view.noteComplaint(complaint, now.monotonicMs);
  const certificate = view.complaints(now.monotonicMs - COMPLAINT_TICKS * tuning.statusMs);
  if (certificate !== undefined) depart(replica, certificate, view.hasTimedOut ? own : "f+1 replicas complain");
}

/** The proof that a view is left, this one or a later: who sees it follows at once. */
export function onDeparture(replica: Replica, { certificate }: Departure): void {
  if (!replica.view.endsBy(certificate)) return;
  const isResigned = certificate.ground === "resignation";
  depart(replica, certificate, isResigned ? "its primary has resigned" : "proof that f+1 replicas complained");
}

/**
 * As primary that is about to stop: leaves the view to its successor, so that nobody has to wait for a timeout. Not unless the
 * others can go on: a quorum of them is linked, and the successor has been heard on its link. When all stop, one after the other,
 * the view would else be handed to one that is gone, or whose replica has not begun.
 */
export function resign(replica: Replica): void {
  const { view, cluster, catchUp } = replica;
  if (!view.isPrimary || view.changing || catchUp.linked < cluster.quorum) return;
  const next = primaryOf(cluster, view.number + 1);
  if (!catchUp.isAlive(next, replicaAt(cluster, next))) return;
  depart(replica, signResignation(replica, view.number), "this primary stops");
}

/**
 * Leaves the view, for a reason that is logged, and asks for the one after that which the proof ends. It counts here
 * when it comes back.
 */
function depart(replica: Replica, certificate: DepartureCertificate, reason: string): void {
  const { log, outbox } = replica;
  const view = certificate.view + 1;
  const oldPrimary = primaryNamed(replica, replica.view.number);
  leaveView(replica, view);
  replica.view.prove(certificate);
  // Before the VIEW-CHANGE, which nobody heeds without it.
  outbox.append({ type: "departure", certificate });
  outbox.say({ type: "departure", certificate }, "others");
  // A view that its primary has handed over has not failed.
  if (certificate.ground === "complaint") replica.view.attempt();
  // It was armed for another view; this one's begins when a quorum asks for it.
  outbox.disarm("view");
  replica.count("viewChanges");
  const { stable, high } = log;
  const prepared = [...log.slots()]
    .flatMap((slot) => slot.prepared ?? [])
    .filter(({ sequence }) => sequence > stable.sequence && sequence <= high)
    .sort((a, b) => a.sequence - b.sequence);
  const message = signViewChange(replica, view, stable, prepared);
  replica.view.ask(message);
  outbox.append({ type: "view-change", message });
  outbox.bind(message);
  const newPrimary = primaryNamed(replica, view);
  outbox.report("pbft.view-change", { view, oldPrimary, newPrimary, reason, stable: stable.sequence, prepared: prepared.length });
}

function primaryNamed({ cluster }: Replica, view: number): string {
  return replicaAt(cluster, primaryOf(cluster, view));
}

/** Stops voting, to wait for `view`. What was prepared stays. The same when it happens and when it is recovered. */
export function leaveView(replica: Replica, view: number): void {
  replica.view.leave(view);
  replica.log.leaveView();
}

/** A VIEW-CHANGE to the view that this replica waits for; the proof that comes before it has brought it there. */
export function onViewChange(replica: Replica, message: ViewChange): void {
  if (!replica.view.isNews(message)) return;
  replica.view.note(message);
  if (noteStable(replica, message.stable)) proceed(replica);
  tryNewView(replica);
}

/** As primary of the view that is asked for: a quorum of VIEW-CHANGEs makes the NEW-VIEW. */
function tryNewView(replica: Replica): void {
  const quorum = replica.view.quorum();
  if (quorum === undefined) return;
  const { proposals } = planNewView(quorum, BEGINNING);
  const message = signNewView(replica, replica.view.number, quorum, proposals);
  enterView(replica, message);
  replica.view.holdNewView();
  replica.outbox.bind(message);
  goOn(replica);
}

/** A NEW-VIEW whose contents were checked: whoever missed the view change enters through it as well. */
export function onNewView(replica: Replica, message: NewView): void {
  if (!replica.view.isLater(message.view)) {
    replica.view.releaseNewView(message);
    return;
  }
  enterView(replica, message);
  for (const request of replica.view.isPrimary ? [] : replica.execution.pool) passOn(replica, request);
  goOn(replica);
}

/** The record comes first; all votes of the view come after it, and so bind no sooner. */
function enterView(replica: Replica, message: NewView): void {
  const { log, outbox } = replica;
  beginView(replica, message);
  outbox.append({ type: "new-view", message });
  for (const { sequence } of message.proposals) log.at(sequence)?.waitFrom(replica.now.monotonicMs);
  replica.view.settle();
  replica.execution.pool.restart(replica.now.monotonicMs);
  outbox.report("pbft.new-view", { view: message.view, newPrimary: primaryNamed(replica, message.view), proposals: message.proposals.length });
  supportProposals(replica);
}

/** Takes over what a valid NEW-VIEW proposes; its checkpoint may be newer than this replica's. */
export function beginView(replica: Replica, newView: NewView): void {
  const { stable } = planNewView(newView.viewChanges, BEGINNING);
  const base = newView.proposals.at(-1)?.sequence ?? stable.sequence;
  leaveView(replica, newView.view);
  replica.view.begin(newView, base);
  noteStable(replica, stable);
  replica.log.beginView(newView.proposals, base);
}

/** Votes for all that the NEW-VIEW of the current view has proposed. */
export function supportProposals(replica: Replica): void {
  const { log, view } = replica;
  for (const { sequence } of view.newView?.proposals ?? []) {
    const slot = log.at(sequence);
    if (slot !== undefined && sequence > log.stable.sequence) supportProposal(replica, slot);
  }
}

/** Goes on in a view that has begun: with its votes that came too early, then with what waits. */
function goOn(replica: Replica): void {
  for (const vote of replica.view.takeDue()) onVote(replica, vote);
  proceed(replica);
}
