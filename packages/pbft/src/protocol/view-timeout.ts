/**
 * Liveness: the timeouts after which a replica asks for the next view (Castro & Liskov 1999, §4.5.2). A backup waits for
 * the oldest request that it knows; a replica that asks for a view waits for its NEW-VIEW, but only once a quorum asks
 * with it.
 */
import { requestBytes } from "../codec/batch.ts";
import { sendStatus } from "./catch-up.ts";
import { OVERDUE_BYTES_MAX, OVERDUE_REQUESTS_MAX } from "../limits.ts";
import type { ReplicaState } from "./replica-state.ts";
import { viewToFollow } from "./view.ts";
import { askForView, quorumIsChanging } from "./view-change.ts";

/** The timeout doubles with each view that fails, up to this many times. */
const DOUBLINGS_MAX = 6;
/** While other requests are executed, a request is waited for this many times as long: a full queue is no fault. */
const FAIRNESS = 8;
/** A complaint is repeated with each status, and holds for so many status ticks. */
const COMPLAINT_TICKS = 4;

function viewTimeoutMs(replica: ReplicaState): number {
  return replica.tuning.timeoutMs * 2 ** Math.min(replica.attempts, DOUBLINGS_MAX);
}

/** Returns the time at which the timeout is over, or undefined if there is nothing to wait for. */
function deadlineMs(replica: ReplicaState): number | undefined {
  if (replica.changing || replica.isPrimary) return undefined;
  const slot = replica.slots.get(replica.lastExecuted + 1);
  const slotSince = slot?.proposal === undefined ? undefined : slot.sinceMs;
  const requestSince = replica.pool.oldestSinceMs();
  const since = Math.min(slotSince ?? Infinity, requestSince ?? Infinity);
  if (since === Infinity) return undefined;
  const timeout = viewTimeoutMs(replica);
  return Math.min(Math.max(since, replica.lastExecutedMs) + timeout, since + timeout * FAIRNESS);
}

/** Arms and cancels the timers, at the end of each step. */
export function armTimers(replica: ReplicaState): void {
  if (replica.changing) {
    if (!replica.viewTimer && quorumIsChanging(replica)) {
      replica.viewTimer = true;
      replica.emit({ type: "timer", name: "view", delayMs: viewTimeoutMs(replica) });
    }
    return;
  }
  if (replica.viewTimer) {
    replica.viewTimer = false;
    replica.emit({ type: "timer", name: "view", delayMs: "cancel" });
  }
  if (replica.requestTimer) return;
  const deadline = deadlineMs(replica);
  if (replica.hasTimedOut && deadline !== undefined && deadline <= replica.now.monotonicMs) return;
  replica.hasTimedOut = false;
  if (deadline === undefined) return;
  replica.requestTimer = true;
  replica.emit({ type: "timer", name: "request", delayMs: Math.max(0, deadline - replica.now.monotonicMs) });
}

/**
 * Passes on again to the primary what has waited for half of this replica's timeout: the primary may have lost it, or
 * had no room for it, and must not be blamed for what it does not know. A client that sends some of its requests to the
 * backups alone would else change the view at will.
 */
export function remindPrimary(replica: ReplicaState): void {
  if (replica.changing || replica.isPrimary) return;
  let requests = 0;
  let bytes = 0;
  for (const request of replica.pool.waitingSince(replica.now.monotonicMs - viewTimeoutMs(replica) / 2)) {
    requests += 1;
    bytes += requestBytes(request);
    if (requests > OVERDUE_REQUESTS_MAX || (requests > 1 && bytes > OVERDUE_BYTES_MAX)) return;
    replica.tell(replica.primary, request);
  }
}

/** The request timer fired; it may have been armed for something that is done by now. */
export function onRequestTimer(replica: ReplicaState): void {
  replica.requestTimer = false;
  // What a client numbered out of its own window is answered, not executed: it is no fault of the primary.
  replica.pool.prune(({ client, number }) => replica.sessions.answer(client, number) !== undefined);
  const deadline = deadlineMs(replica);
  if (deadline === undefined || deadline > replica.now.monotonicMs) return;
  if (isBehind(replica)) {
    // Others execute, this replica does not: it must catch up, the primary is not at fault.
    replica.lastExecutedMs = replica.now.monotonicMs;
    replica.pool.restartTimeouts(replica.now.monotonicMs);
    const slot = replica.slots.get(replica.lastExecuted + 1);
    if (slot !== undefined) slot.sinceMs = replica.now.monotonicMs;
    return;
  }
  replica.hasTimedOut = true;
  sendStatus(replica);
  heedComplaints(replica);
}

/**
 * Leaves the view when f+1 replicas complain of its primary, or have left it. The 1999 protocol leaves it at the first
 * timeout; but a VIEW-CHANGE cannot be taken back, and a replica that was merely slow would then be out of its view,
 * one fault less to tolerate, until the others follow. With f+1 complaints a correct one is among them, and when the
 * primary is at fault every correct replica complains: clients send to all.
 */
export function heedComplaints(replica: ReplicaState): void {
  if (replica.changing) return;
  const follow = viewToFollow(replica);
  const complaining = new Set<number>(replica.hasTimedOut || follow !== undefined ? [replica.index] : []);
  const recent = replica.now.monotonicMs - COMPLAINT_TICKS * replica.tuning.statusMs;
  for (const [sender, status] of replica.statuses) {
    const isRecent = (replica.statusAtMs.get(sender) ?? 0) >= recent;
    if (status.complaining && status.view === replica.view && isRecent) complaining.add(sender);
  }
  for (const [sender, { view }] of replica.viewChanges) if (view > replica.view) complaining.add(sender);
  if (complaining.size >= replica.cluster.weak) askForView(replica, follow ?? replica.view + 1);
}

/** No NEW-VIEW in time: the next view. */
export function onViewTimer(replica: ReplicaState): void {
  replica.viewTimer = false;
  if (replica.changing) askForView(replica, replica.view + 1);
}

/** f+1 replicas say that they have executed more: one of them is correct, and hands it over when asked. */
function isBehind(replica: ReplicaState): boolean {
  let ahead = 0;
  for (const status of replica.statuses.values()) if (status.lastExecuted > replica.lastExecuted) ahead += 1;
  return ahead >= replica.cluster.weak;
}
