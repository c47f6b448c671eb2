/**
 * Liveness: the timeouts after which a replica complains of its view (Castro & Liskov 1999, §4.5.2).
 *
 * - Nothing is executed while something waits: after the view timeout. The primary has crashed, or is cut off.
 * - A request grows old, whatever else is executed: after `DEADLINE_TIMEOUTS` view timeouts. The primary chooses whom it serves,
 *   or is slow. The age counts from when the primary was given the request over a link that was up, and no link that is lost
 *   later sets it back: a primary that could do that would never be replaced. Nor does a replica that is behind forget the age.
 *   It first executes what f+1 others had executed when the age was over, once: a primary that keeps it a step behind gains no more.
 * - A replica that asks for a view waits for its NEW-VIEW, but only once a quorum asks with it.
 */
import { requestBytes } from "../codec/batch.ts";
import { DEADLINE_TIMEOUTS, OVERDUE_BYTES_MAX, OVERDUE_REQUESTS_MAX } from "../limits.ts";
import { passOn } from "./normal-case.ts";
import type { Replica } from "./replica.ts";
import { complain } from "./view-change.ts";

/** The timeout doubles with each view that fails, up to this many times. */
const DOUBLINGS_MAX = 6;

function viewTimeoutMs(replica: Replica): number {
  return replica.cluster.viewTimeoutMs * 2 ** Math.min(replica.view.attempts, DOUBLINGS_MAX);
}

/** Returns the time at which the timeout is over, or undefined if there is nothing to wait for. */
function deadlineMs(replica: Replica): number | undefined {
  const { view, log, execution } = replica;
  if (view.changing || view.isPrimary) return undefined;
  const { pool, progressAtMs, lastExecuted } = execution;
  const slot = log.next;
  const slotSince = slot?.proposal === undefined ? Infinity : slot.sinceMs;
  const since = Math.min(slotSince, pool.oldestSinceMs() ?? Infinity);
  if (since === Infinity) return undefined;
  const timeout = viewTimeoutMs(replica);
  const passed = pool.oldestPassed();
  const given = Math.min(slotSince, passed !== undefined && lastExecuted >= (passed.judgedFrom ?? 0) ? passed.passedAtMs : Infinity);
  return Math.min(Math.max(since, progressAtMs) + timeout, given + timeout * DEADLINE_TIMEOUTS);
}

/** Returns whether this replica is behind and has not yet executed enough to judge the primary. */
function mustCatchUp({ cluster, catchUp, execution: { lastExecuted, pool }, now }: Replica, deadlineMs: number): boolean {
  if (catchUp.countAhead(lastExecuted) < cluster.weak) return false;
  // f+1 others have executed more, one of them correct.
  const passed = pool.oldestPassed();
  if (passed === undefined || passed.passedAtMs + deadlineMs > now.monotonicMs) return true;
  pool.putOff(catchUp.executedBy(cluster.weak));
  return lastExecuted < (passed.judgedFrom ?? Infinity);
}

/** Arms and cancels the timers, at the end of each step. */
export function armTimers(replica: Replica): void {
  const { view, outbox, now } = replica;
  if (view.changing) {
    if (!outbox.isArmed("view") && view.quorumIsChanging()) outbox.arm("view", viewTimeoutMs(replica));
    return;
  }
  outbox.disarm("view");
  if (outbox.isArmed("request")) return;
  const deadline = deadlineMs(replica);
  if (view.hasTimedOut && deadline !== undefined && deadline <= now.monotonicMs) return;
  view.setTimedOut(false);
  if (deadline !== undefined) outbox.arm("request", Math.max(0, deadline - now.monotonicMs));
}

/**
 * Passes on again to the primary what has waited for half of this replica's timeout: the primary may have lost it, or
 * had no room for it, and must not be blamed for what it does not know. A client that sends some of its requests to the
 * backups alone would else change the view at will.
 */
export function remindPrimary(replica: Replica): void {
  const { view, execution } = replica;
  if (view.changing || view.isPrimary) return;
  let requests = 0;
  let bytes = 0;
  for (const request of execution.pool.waitingSince(replica.now.monotonicMs - viewTimeoutMs(replica) / 2)) {
    requests += 1;
    bytes += requestBytes(request);
    if (requests > OVERDUE_REQUESTS_MAX || (requests > 1 && bytes > OVERDUE_BYTES_MAX)) return;
    passOn(replica, request);
  }
}

/** The request timer fired; it may have been armed for something that is done by now. */
export function onRequestTimer(replica: Replica): void {
  const { log, execution } = replica;
  const { monotonicMs } = replica.now;
  // A request numbered out of its client's window is answered, not executed: it is no fault of the primary.
  execution.prunePool();
  const deadline = deadlineMs(replica);
  if (deadline === undefined || deadline > monotonicMs) return;
  if (mustCatchUp(replica, viewTimeoutMs(replica) * DEADLINE_TIMEOUTS)) {
    // For that the primary is not at fault.
    execution.waitFrom(monotonicMs);
    execution.pool.restartTimeouts(monotonicMs);
    log.next?.waitFrom(monotonicMs);
    return;
  }
  complain(replica);
}

/** No NEW-VIEW in time: the view that did not begin is complained of, like one whose primary is at fault. */
export function onViewTimer(replica: Replica): void {
  if (replica.view.changing) complain(replica);
}
