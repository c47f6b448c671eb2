/** Leaving a view and beginning one, as changes of state alone: the same when it happens and when it is recovered. */
import { TIME_ZERO } from "./agreed-time.ts";
import { noteStable } from "./checkpoint.ts";
import type { NewView } from "../codec/message.ts";
import { planNewView } from "./new-view-plan.ts";
import type { ReplicaState } from "./replica-state.ts";
import { BEGINNING } from "./stable.ts";

/** A replica that is out of the view alone is followed after so many timeouts. */
const FOLLOW_TIMEOUTS = 10;
/** It is not followed further than this many views. */
const FOLLOW_VIEWS = 16;

/** Stops voting: this replica asks for `view`. What was prepared stays. */
export function leaveView(replica: ReplicaState, view: number): void {
  replica.view = view;
  replica.changing = true;
  replica.hasTimedOut = false;
  replica.newView = undefined;
  for (const slot of replica.slots.values()) slot.leaveView();
}

/**
 * A view that a replica has asked for alone, for too long: it saw f+1 complaints that were taken back before the others
 * saw them, and can vote no more until the others follow. They do, for one fault less to tolerate is worth a view
 * change. A liar can ask so as well, and gets one view change in that time, no more. Undefined when there is none.
 */
export function viewToFollow(replica: ReplicaState): number | undefined {
  if (replica.changing) return undefined;
  const since = replica.now.monotonicMs - FOLLOW_TIMEOUTS * replica.tuning.timeoutMs;
  let follow: number | undefined;
  for (const [sender, { view }] of replica.viewChanges) {
    const status = replica.statuses.get(sender);
    const isOut = status?.changing === true && status.view === view && (replica.statusAtMs.get(sender) ?? 0) > since;
    if (!isOut || view <= replica.view || view > replica.view + FOLLOW_VIEWS) continue;
    if ((replica.viewChangeAtMs.get(sender) ?? 0) <= since) follow = Math.min(follow ?? view, view);
  }
  return follow;
}

/** Takes over what a valid NEW-VIEW proposes; its checkpoint may be newer than this replica's. */
export function beginView(replica: ReplicaState, newView: NewView): void {
  leaveView(replica, newView.view);
  replica.changing = false;
  replica.newView = newView;
  replica.viewTime = TIME_ZERO;
  const plan = planNewView(newView.viewChanges, BEGINNING);
  noteStable(replica, plan.stable);
  replica.viewBase = newView.proposals.at(-1)?.sequence ?? plan.stable.sequence;
  replica.lastProposed = replica.viewBase;
  replica.accepted = replica.viewBase;
  for (const { sequence, digest, signature } of newView.proposals) {
    if (sequence > replica.stable.sequence) replica.slot(sequence).proposal = { digest, signature };
  }
}
