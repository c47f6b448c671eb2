/** View changes: replacing a primary that does not make progress (Castro & Liskov 1999, §4.4 and §4.5.2). */
import { BEGINNING } from "../codec/certificate.ts";
import type { NewView, ViewChange } from "../codec/message.ts";
import { signNewView, signViewChange } from "../codec/signed.ts";
import { noteStable } from "./checkpoint.ts";
import { planNewView } from "./new-view-plan.ts";
import { onVote, proceed, supportProposal } from "./normal-case.ts";
import type { Replica } from "./replica.ts";

/** Leaves the current view and asks for `view`. It counts here when it comes back, durable. */
export function askForView(replica: Replica, view: number): void {
  const { log, outbox } = replica;
  leaveView(replica, view);
  replica.view.attempt();
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
  outbox.report("pbft.view-change", { view, stable: stable.sequence, prepared: prepared.length });
}

/** Stops voting, to wait for `view`. What was prepared stays. The same when it happens and when it is recovered. */
export function leaveView(replica: Replica, view: number): void {
  replica.view.leave(view);
  replica.log.leaveView();
}

/** A VIEW-CHANGE: of each replica only the one to the highest view is kept. */
export function onViewChange(replica: Replica, message: ViewChange): void {
  if (!replica.view.isNews(message)) return;
  replica.view.note(message, replica.now.monotonicMs);
  if (noteStable(replica, message.stable)) proceed(replica);
  // f+1 replicas ask for later views: this one joins without waiting for its timer (§4.5.2).
  const view = replica.view.toJoin();
  if (view !== undefined) askForView(replica, view);
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
  for (const request of replica.view.isPrimary ? [] : replica.execution.pool)
    replica.outbox.say(request, replica.view.primary);
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
  outbox.report("pbft.new-view", { view: message.view, proposals: message.proposals.length });
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
