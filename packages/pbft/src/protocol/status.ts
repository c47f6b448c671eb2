/**
 * Replicas say where they stand, and each sends the others what they lack (receiver-based recovery, Castro & Liskov 2002).
 */
import type { PeerId } from "@void-system/effects";
import { SlotState, type Status } from "../codec/message.ts";
import { signStatus } from "../codec/signed.ts";
import { STATUS_SLOTS_MAX } from "../limits.ts";
import { repeatVotes } from "./normal-case.ts";
import type { Replica } from "./replica.ts";
import { askForBatches, pull, RESENT_SLOTS_MAX } from "./retransmission.ts";
import { retryTransfer } from "./state-transfer.ts";

/** Most answers to one replica's STATUS in the time between two. */
const ANSWERS_PER_TICK = 4;
/** An idle replica says where it stands this many times less often. */
const IDLE_FACTOR = 4;

/** Says to the others, or to one that has just appeared, where this replica stands. */
export function sendStatus(replica: Replica, to?: PeerId): void {
  const { view, log, execution } = replica;
  const { lastExecuted } = execution;
  const last = Math.min(log.highest, lastExecuted + STATUS_SLOTS_MAX);
  const slots: number[] = [];
  for (let sequence = lastExecuted + 1; sequence <= last; sequence += 1) slots.push(slotState(replica, sequence));
  const status = signStatus(replica, {
    view: view.number,
    changing: view.changing,
    complaining: view.hasTimedOut,
    stable: log.stable.sequence,
    lastExecuted,
    slots,
  });
  replica.outbox.say(status, to ?? "others");
}

function slotState(replica: Replica, sequence: number): number {
  const slot = replica.log.at(sequence);
  if (slot === undefined) return SlotState.nothing;
  if (slot.committed !== undefined && slot.batch(slot.committed.digest) !== undefined) return SlotState.committed;
  if (!slot.voted) return SlotState.nothing;
  return slot.committing ? SlotState.prepared : SlotState.proposed;
}

/** Regularly: say where this replica stands, and ask again for what did not come. */
export function onStatusTick(replica: Replica): void {
  const { view, execution, outbox } = replica;
  const stalled = replica.catchUp.tick(execution.lastExecuted);
  sendStatus(replica);
  // Both are sent until the view begins: a loss must not stop it.
  if (view.proof !== undefined) outbox.say({ type: "departure", certificate: view.proof }, "others");
  if (view.viewChangeToRepeat !== undefined) outbox.repeat(view.viewChangeToRepeat, "others");
  askForBatches(replica);
  execution.checkpoints.expire(replica.now.monotonicMs);
  // While chunks come in, a newer checkpoint would only begin the race again.
  const transfers = retryTransfer(replica);
  if (!transfers && (stalled || execution.diverged)) pull(replica);
}

/** Arms the status timer: short while something is under way, long when all is level. */
export function armStatus(replica: Replica): void {
  const ticks = isLevel(replica) ? "long" : "short";
  if (!replica.catchUp.schedules(ticks)) return;
  const { statusMs } = replica.tuning;
  replica.outbox.arm("status", ticks === "long" ? statusMs * IDLE_FACTOR : statusMs);
}

function isLevel({ view, log, execution, catchUp }: Replica): boolean {
  if (view.changing || execution.pool.size > 0 || catchUp.transfer !== undefined || execution.diverged) return false;
  if (execution.lastExecuted < Math.max(log.accepted, log.stable.sequence)) return false;
  for (const status of catchUp.statuses()) {
    if (status.view !== view.number || status.changing) return false;
    if (status.lastExecuted !== execution.lastExecuted || status.stable !== log.stable.sequence) return false;
  }
  return true;
}

/** Another replica says where it stands: send it what it lacks, and note what this one lacks. */
export function onStatus(replica: Replica, status: Status): void {
  const { sender } = status;
  if (sender === replica.index) return;
  const { view, log, execution, catchUp, outbox, tuning } = replica;
  const { monotonicMs } = replica.now;
  const beforeMs = catchUp.hear(status, monotonicMs);
  const isFar = status.lastExecuted > execution.lastExecuted + tuning.pipeline;
  if ((isFar || execution.diverged) && catchUp.pullsFrom === undefined) pull(replica);
  // One that says so too often is not answered each time.
  if (beforeMs !== undefined && monotonicMs - beforeMs < tuning.statusMs / ANSWERS_PER_TICK) return;
  const newView = view.newViewToRepeat;
  if (newView !== undefined && (status.view < newView.view || (status.view === newView.view && status.changing)))
    outbox.repeat(newView, sender);
  if (status.stable < log.stable.sequence) outbox.say({ type: "stable", certificate: log.stable }, sender);
  for (const { sequence } of execution.checkpoints.unstable()) {
    const vote = sequence > status.stable ? log.checkpointVote(sequence, replica.index) : undefined;
    if (vote !== undefined) outbox.repeat(vote, sender);
  }
  if (status.view === view.number && !status.changing) repeatMissing(replica, status);
}

/** This replica's own messages for slots that the other one says it lacks; slots still on their way are left alone. */
function repeatMissing(replica: Replica, status: Status): void {
  const recentMs = replica.now.monotonicMs - replica.tuning.statusMs / 2;
  let repeated = 0;
  for (let offset = 0; offset < STATUS_SLOTS_MAX && repeated < RESENT_SLOTS_MAX; offset += 1) {
    const slot = replica.log.at(status.lastExecuted + 1 + offset);
    const state = status.slots[offset] ?? SlotState.nothing;
    if (slot === undefined || state === SlotState.committed || slot.sinceMs > recentMs) continue;
    repeatVotes(replica, slot, status.sender);
    repeated += 1;
  }
}
