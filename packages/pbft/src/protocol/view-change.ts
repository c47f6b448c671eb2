/** View changes: replacing a primary that does not make progress (Castro & Liskov 1999, §4.4 and §4.5.2). */
import { noteStable } from "./checkpoint.ts";
import { primaryOf } from "../configuration.ts";
import type { NewView, ViewChange } from "../codec/message.ts";
import { planNewView } from "./new-view-plan.ts";
import { acceptHeld, supportProposal } from "./normal-case.ts";
import type { ReplicaState } from "./replica-state.ts";
import { signNewView, signViewChange } from "../codec/signed.ts";
import { BEGINNING } from "./stable.ts";
import { beginView, leaveView } from "./view.ts";

/** Leaves the current view and asks for `view`. It counts here when it comes back, durable. */
export function askForView(replica: ReplicaState, view: number): void {
  leaveView(replica, view);
  replica.attempts += 1;
  if (replica.viewTimer) {
    // It was armed for another view; this one's begins when a quorum asks for it.
    replica.viewTimer = false;
    replica.emit({ type: "timer", name: "view", delayMs: "cancel" });
  }
  replica.counters.viewChanges += 1;
  const { stable, high } = replica;
  const prepared = [...replica.slots.values()]
    .flatMap((slot) => slot.prepared ?? [])
    .filter(({ sequence }) => sequence > stable.sequence && sequence <= high)
    .sort((a, b) => a.sequence - b.sequence);
  const message = signViewChange(replica, view, stable, prepared);
  replica.ownViewChange = message;
  replica.append({ type: "view-change", message });
  replica.vote(message);
  replica.report("pbft.view-change", { view, stable: stable.sequence, prepared: prepared.length });
}

/** A VIEW-CHANGE: of each replica only the one to the highest view is kept. */
export function onViewChange(replica: ReplicaState, message: ViewChange): void {
  const { view, sender } = message;
  const other = replica.viewChanges.get(sender);
  if (view < replica.view || (view === replica.view && !replica.changing)) return;
  if (other !== undefined && other.view >= view) return;
  replica.viewChanges.set(sender, message);
  replica.viewChangeAtMs.set(sender, replica.now.monotonicMs);
  noteStable(replica, message.stable);
  joinOthers(replica);
  tryNewView(replica);
}

/**
 * f+1 replicas ask for later views: one of them is correct, so this one joins without waiting for its timer (§4.5.2).
 */
function joinOthers(replica: ReplicaState): void {
  const wanted = [...replica.viewChanges.values()]
    .filter(({ sender, view }) => sender !== replica.index && view > replica.view)
    .map(({ view }) => view)
    .sort((a, b) => b - a);
  // The highest view that f+1 of them ask for, or have passed: liars alone cannot raise it.
  const view = wanted[replica.cluster.weak - 1];
  if (view !== undefined) askForView(replica, view);
}

/** As primary of the view that is asked for: a quorum of VIEW-CHANGEs makes the NEW-VIEW. */
function tryNewView(replica: ReplicaState): void {
  const { view, cluster } = replica;
  if (!replica.changing || primaryOf(cluster, view) !== replica.index) return;
  const quorum = [...replica.viewChanges.values()]
    .filter((message) => message.view === view)
    .sort((a, b) => a.sender - b.sender)
    .slice(0, cluster.quorum);
  if (quorum.length < cluster.quorum) return;
  const message = signNewView(replica, view, quorum, planNewView(quorum, BEGINNING).proposals);
  enterView(replica, message);
  replica.vote(message);
}

/** A NEW-VIEW whose contents were checked: whoever missed the view change enters through it as well. */
export function onNewView(replica: ReplicaState, message: NewView): void {
  if (message.view < replica.view || (message.view === replica.view && !replica.changing)) return;
  enterView(replica, message);
}

/** The record comes first; all votes of the view come after it, and so bind no sooner. */
function enterView(replica: ReplicaState, message: NewView): void {
  beginView(replica, message);
  replica.append({ type: "new-view", message });
  for (const { sequence } of message.proposals) {
    const slot = replica.slots.get(sequence);
    if (slot !== undefined) slot.sinceMs = replica.now.monotonicMs;
  }
  replica.ownViewChange = undefined;
  for (const [sender, { view }] of replica.viewChanges) if (view <= message.view) replica.viewChanges.delete(sender);
  replica.pool.restart(replica.now.monotonicMs);
  replica.report("pbft.new-view", { view: message.view, proposals: message.proposals.length });
  supportProposals(replica);
  acceptHeld(replica);
  if (!replica.isPrimary) for (const request of replica.pool) replica.tell(replica.primary, request);
}

/** Votes for all that the NEW-VIEW of the current view has proposed. */
export function supportProposals(replica: ReplicaState): void {
  for (const { sequence } of replica.newView?.proposals ?? []) {
    const slot = replica.slots.get(sequence);
    if (slot !== undefined && sequence > replica.stable.sequence) supportProposal(replica, slot);
  }
}

/** Whether a quorum, this replica included, is at `view` or beyond it: only then does the wait for a NEW-VIEW count. */
export function quorumIsChanging(replica: ReplicaState): boolean {
  let count = 0;
  for (const { view } of replica.viewChanges.values()) if (view >= replica.view) count += 1;
  return count >= replica.cluster.quorum;
}
