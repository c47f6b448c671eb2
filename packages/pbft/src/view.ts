/** Leaving a view and beginning one, as changes of state alone: the same when it happens and when it is recovered. */
import { TIME_ZERO } from "./agreed-time.ts";
import { noteStable } from "./checkpoint.ts";
import type { NewView } from "./message.ts";
import { planNewView } from "./new-view-plan.ts";
import type { ReplicaState } from "./replica-state.ts";
import { BEGINNING } from "./stable.ts";

/** Stops voting: this replica asks for `view`. What was prepared stays. */
export function leaveView(replica: ReplicaState, view: number): void {
  replica.view = view;
  replica.changing = true;
  replica.impatient = false;
  replica.newView = undefined;
  for (const slot of replica.slots.values()) slot.leaveView();
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
