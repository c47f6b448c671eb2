/**
 * Catching up: replicas say where they stand, and each gets what it lacks (receiver-based recovery, Castro & Liskov
 * 2002). Lost votes are sent again, committed batches are handed over with their certificates, and whoever is below
 * the stable checkpoint transfers the state.
 */
import type { PeerId } from "@void-system/effects";
import { noteStable } from "./checkpoint.ts";
import { replicaAt } from "../configuration.ts";
import { executeReady } from "./execution.ts";
import { SERVED_BYTES_MAX, SLOTS_BYTES_MAX, STATUS_SLOTS_MAX } from "../limits.ts";
import {
  SlotState,
  type CommittedSlot,
  type FetchBatch,
  type Slots,
  type StableAnswer,
  type Status,
} from "../codec/message.ts";
import { commit, resendVotes } from "./normal-case.ts";
import type { ReplicaState } from "./replica-state.ts";
import { signCheckpoint, signStatus } from "../codec/signed.ts";
import { viewToFollow } from "./view.ts";
import { beginTransfer, retryTransfer } from "./state-transfer.ts";

/** Slots whose messages are sent again to one replica in answer to one STATUS. */
const RESENT_SLOTS_MAX = 16;
/** How often one replica's STATUS is answered, at most, in the time between two. */
const ANSWERS_PER_TICK = 4;
/** An idle replica says where it stands this many times less often. */
const IDLE_FACTOR = 4;

/** Tells the others, or one that has just appeared, where this replica stands. */
export function sendStatus(replica: ReplicaState, to?: PeerId): void {
  const slots: number[] = [];
  let last = replica.lastExecuted;
  for (const sequence of replica.slots.keys()) last = Math.max(last, sequence);
  for (let sequence = replica.lastExecuted + 1; sequence <= last && slots.length < STATUS_SLOTS_MAX; sequence += 1) {
    slots.push(slotState(replica, sequence));
  }
  const { view, changing, lastExecuted } = replica;
  const complaining = replica.hasTimedOut || viewToFollow(replica) !== undefined;
  const status = signStatus(replica, {
    view,
    changing,
    complaining,
    stable: replica.stable.sequence,
    lastExecuted,
    slots,
  });
  if (to === undefined) replica.tellOthers(status);
  else replica.tell(to, status);
}

function slotState(replica: ReplicaState, sequence: number): number {
  const slot = replica.slots.get(sequence);
  if (slot === undefined) return SlotState.nothing;
  if (slot.committed !== undefined && slot.batch(slot.committed.digest) !== undefined) return SlotState.committed;
  if (!slot.voted) return SlotState.nothing;
  return slot.committing ? SlotState.prepared : SlotState.proposed;
}

/** Regularly: say where this replica stands, and ask again for what did not come. */
export function onStatusTick(replica: ReplicaState): void {
  replica.statusTimer = "none";
  replica.servedBytes.clear();
  sendStatus(replica);
  // Sent until the view begins: a lost VIEW-CHANGE must not stop it.
  if (replica.changing && replica.ownViewChange !== undefined) replica.voteToOthers(replica.ownViewChange);
  askForBatches(replica);
  retryTransfer(replica);
  if (replica.lastExecuted === replica.executedAtTick || replica.diverged) pull(replica);
  replica.executedAtTick = replica.lastExecuted;
}

/**
 * Arms the status timer: short while something is under way, long when all is level; never left long when it is not.
 */
export function armStatus(replica: ReplicaState): void {
  const wanted = isLevel(replica) ? "long" : "short";
  if (replica.statusTimer === wanted || (replica.statusTimer === "short" && wanted === "long")) return;
  replica.statusTimer = wanted;
  const delayMs = wanted === "long" ? replica.tuning.statusMs * IDLE_FACTOR : replica.tuning.statusMs;
  replica.emit({ type: "timer", name: "status", delayMs });
}

function isLevel(replica: ReplicaState): boolean {
  if (replica.changing || replica.pool.size > 0 || replica.transfer !== undefined || replica.diverged) return false;
  if (replica.lastExecuted < Math.max(replica.accepted, replica.stable.sequence)) return false;
  for (const status of replica.statuses.values()) {
    if (status.view !== replica.view || status.changing) return false;
    if (status.lastExecuted !== replica.lastExecuted || status.stable !== replica.stable.sequence) return false;
  }
  return true;
}

/** Another replica says where it stands: send it what it lacks, and note what this one lacks. */
export function onStatus(replica: ReplicaState, status: Status): void {
  const { sender } = status;
  if (sender === replica.index) return;
  const before = replica.statusAtMs.get(sender);
  replica.statuses.set(sender, status);
  replica.statusAtMs.set(sender, replica.now.monotonicMs);
  const far = status.lastExecuted > replica.lastExecuted + replica.tuning.pipeline;
  if ((far || replica.diverged) && replica.pullFrom === undefined) pull(replica);
  // One that says so too often is not answered each time.
  if (before !== undefined && replica.now.monotonicMs - before < replica.tuning.statusMs / ANSWERS_PER_TICK) return;
  if (
    replica.newView !== undefined &&
    (status.view < replica.view || (status.view === replica.view && status.changing))
  ) {
    replica.voteToOthers(replica.newView, sender);
  }
  if (status.stable < replica.stable.sequence) {
    replica.tell(sender, { type: "stable", certificate: replica.stable });
  }
  for (const taken of replica.taken.values()) {
    if (taken.sequence > status.stable)
      replica.voteToOthers(signCheckpoint(replica, taken.sequence, taken.digest), sender);
  }
  if (status.view === replica.view && !status.changing) resendMissing(replica, status);
}

/** This replica's own messages for slots that the other one says it lacks; slots still on their way are left alone. */
function resendMissing(replica: ReplicaState, status: Status): void {
  const recent = replica.now.monotonicMs - replica.tuning.statusMs / 2;
  let resent = 0;
  for (let offset = 0; offset < STATUS_SLOTS_MAX && resent < RESENT_SLOTS_MAX; offset += 1) {
    const slot = replica.slots.get(status.lastExecuted + 1 + offset);
    const state = status.slots[offset] ?? SlotState.nothing;
    if (slot === undefined || state === SlotState.committed || slot.sinceMs > recent) continue;
    resendVotes(replica, slot, status.sender);
    resent += 1;
  }
}

/** Asks again for batches that certificates name. */
function askForBatches(replica: ReplicaState): void {
  let asked = 0;
  for (const slot of replica.slots.values()) {
    const wanted = [slot.committed?.digest, slot.sequence <= replica.viewBase ? slot.proposal?.digest : undefined];
    for (const digest of wanted) {
      if (digest === undefined || slot.batch(digest) !== undefined || asked >= RESENT_SLOTS_MAX) continue;
      replica.tellOthers({ type: "fetch-batch", sequence: slot.sequence, digest });
      asked += 1;
    }
  }
}

/** Hands over a batch. */
export function onFetchBatch(replica: ReplicaState, from: PeerId, message: FetchBatch): void {
  const batch = replica.slots.get(message.sequence)?.batch(message.digest);
  if (batch === undefined || batch.requests.length === 0 || !mayServe(replica, from, batch.bytes.length)) return;
  replica.tell(from, { type: "batch", sequence: message.sequence, batch });
}

/** Asks one replica that is ahead for what comes next, a different one each time. */
function pull(replica: ReplicaState): void {
  const n = replica.cluster.replicas.length;
  const start = replica.pullFrom ?? replica.index;
  replica.pullFrom = undefined;
  for (let step = 1; step <= n; step += 1) {
    const peer = (start + step) % n;
    const status = replica.statuses.get(peer);
    if (peer === replica.index || status === undefined) continue;
    if (status.lastExecuted <= replica.lastExecuted && !(replica.diverged && status.stable >= replica.stable.sequence))
      continue;
    replica.pullFrom = peer;
    replica.tell(peer, { type: "fetch-slots", from: replica.diverged ? 0 : replica.lastExecuted + 1 });
    return;
  }
}

/** Hands over committed batches, or, where they are gone, the stable checkpoint. */
export function onFetchSlots(replica: ReplicaState, from: PeerId, first: number): void {
  const slots: CommittedSlot[] = [];
  let bytes = 0;
  for (
    let sequence = first;
    bytes < SLOTS_BYTES_MAX && slots.length < replica.cluster.checkpointInterval;
    sequence += 1
  ) {
    const slot = replica.slots.get(sequence);
    const certificate = slot?.committed;
    const batch = certificate && slot?.batch(certificate.digest);
    if (certificate === undefined || batch === undefined) break;
    slots.push({ certificate, batch });
    bytes += batch.bytes.length + 1_024;
  }
  if (slots.length > 0) {
    if (mayServe(replica, from, bytes)) replica.tell(from, { type: "slots", slots });
    return;
  }
  const newest = replica.served[0];
  if (newest !== undefined && first <= newest.sequence && mayServe(replica, from, newest.manifest.length)) {
    // The checkpoint served last may trail the stable one while this replica lags itself.
    if (newest.sequence === replica.stable.sequence) {
      replica.tell(from, { type: "stable", certificate: replica.stable, manifest: newest.manifest });
    }
  }
}

/** Committed batches, each with its certificate: as good as having taken part. */
export function onSlots(replica: ReplicaState, from: PeerId, message: Slots): void {
  const last = replica.stable.sequence + replica.cluster.window + replica.cluster.checkpointInterval;
  const before = replica.lastExecuted;
  for (const { certificate, batch } of message.slots) {
    const { sequence } = certificate;
    if (sequence <= replica.lastExecuted || sequence > last) continue;
    const slot = replica.slot(sequence);
    slot.keep(batch);
    commit(replica, slot, certificate);
    executeReady(replica);
  }
  if (replica.pullFrom === undefined || replicaAt(replica.cluster, replica.pullFrom) !== from) return;
  const status = replica.statuses.get(replica.pullFrom);
  if (replica.lastExecuted > before && status !== undefined && status.lastExecuted > replica.lastExecuted) {
    replica.tell(from, { type: "fetch-slots", from: replica.lastExecuted + 1 });
  } else {
    replica.pullFrom = undefined;
  }
}

/** A stable checkpoint with its proof. With a manifest it is the answer to one who is too far behind. */
export function onStable(replica: ReplicaState, from: PeerId, { certificate, manifest }: StableAnswer): void {
  noteStable(replica, certificate);
  if (manifest === undefined || certificate.sequence < replica.stable.sequence) return;
  const asked = replica.pullFrom !== undefined && replicaAt(replica.cluster, replica.pullFrom) === from;
  if (asked || replica.transfer !== undefined) beginTransfer(replica, certificate, manifest);
}

/** Whether a peer's share of this replica's upload is not used up until the next tick. */
export function mayServe(replica: ReplicaState, to: PeerId, bytes: number): boolean {
  const peer = replica.cluster.replicas.indexOf(to);
  if (peer < 0) return false;
  const served = (replica.servedBytes.get(peer) ?? 0) + bytes;
  // Also when it is refused: then the share counts as used up, and nothing more is made for this peer.
  replica.servedBytes.set(peer, served);
  return served <= SERVED_BYTES_MAX;
}
