/**
 * Committed batches are handed over with their certificates; who is below the stable checkpoint learns of it, and
 * transfers the state.
 */
import type { PeerId } from "@void-system/effects";
import type { CommittedSlot, FetchBatch, Slots, StableAnswer } from "../codec/message.ts";
import { replicaAt } from "../configuration.ts";
import { SLOTS_BYTES_MAX } from "../limits.ts";
import { noteStable } from "./checkpoint.ts";
import { commit, proceed } from "./normal-case.ts";
import type { Replica } from "./replica.ts";
import { beginTransfer, mayServe } from "./state-transfer.ts";

/** Slots about which one replica is asked, or whose messages are sent to it again, at a time. */
export const RESENT_SLOTS_MAX = 16;
/** A certificate in SLOTS, about. */
const CERTIFICATE_BYTES = 1_024;

/** Asks again for batches that certificates name. */
export function askForBatches(replica: Replica): void {
  const { log, view, outbox } = replica;
  let asked = 0;
  for (const slot of log.slots()) {
    const wanted = [slot.committed?.digest, slot.sequence <= view.base ? slot.proposal?.digest : undefined];
    for (const digest of wanted) {
      if (digest === undefined || slot.batch(digest) !== undefined || asked >= RESENT_SLOTS_MAX) continue;
      outbox.say({ type: "fetch-batch", sequence: slot.sequence, digest }, "others");
      asked += 1;
    }
  }
}

/** Hands over a batch. */
export function onFetchBatch(replica: Replica, from: PeerId, message: FetchBatch): void {
  const batch = replica.log.at(message.sequence)?.batch(message.digest);
  if (batch === undefined || batch.requests.length === 0 || !mayServe(replica, from, batch.bytes.length)) return;
  replica.outbox.say({ type: "batch", sequence: message.sequence, batch }, from);
}

/** Asks one replica that is ahead for what comes next, a different one each time. */
export function pull(replica: Replica): void {
  const { log, execution, catchUp } = replica;
  const n = replica.cluster.replicas.length;
  const start = catchUp.pullsFrom ?? replica.index;
  catchUp.pullFrom(undefined);
  for (let step = 1; step <= n; step += 1) {
    const peer = (start + step) % n;
    const status = catchUp.statusOf(peer);
    if (peer === replica.index || status === undefined) continue;
    const hasState = execution.diverged && status.stable >= log.stable.sequence;
    if (status.lastExecuted <= execution.lastExecuted && !hasState) continue;
    catchUp.pullFrom(peer);
    replica.outbox.say({ type: "fetch-slots", from: execution.diverged ? 0 : execution.lastExecuted + 1 }, peer);
    return;
  }
}

/** Hands over committed batches, or, where they are gone, the stable checkpoint. */
export function onFetchSlots(replica: Replica, from: PeerId, first: number): void {
  const { log, outbox } = replica;
  const slots: CommittedSlot[] = [];
  let bytes = 0;
  for (let sequence = first; bytes < SLOTS_BYTES_MAX && slots.length < replica.cluster.checkpointInterval; sequence += 1) {
    const slot = log.at(sequence);
    const certificate = slot?.committed;
    const batch = certificate && slot?.batch(certificate.digest);
    if (certificate === undefined || batch === undefined) break;
    slots.push({ certificate, batch });
    bytes += batch.bytes.length + CERTIFICATE_BYTES;
  }
  if (slots.length > 0) {
    if (mayServe(replica, from, bytes)) outbox.say({ type: "slots", slots }, from);
    return;
  }
  const { newest } = replica.execution.checkpoints;
  // The checkpoint served last may trail the stable one while this replica lags itself.
  if (newest === undefined || first > newest.sequence || newest.sequence !== log.stable.sequence) return;
  if (mayServe(replica, from, newest.manifest.length))
    outbox.say({ type: "stable", certificate: log.stable, manifest: newest.manifest }, from);
}

/** Committed batches, each with its certificate: as good as having taken part. */
export function onSlots(replica: Replica, from: PeerId, message: Slots): void {
  const { log, execution, catchUp } = replica;
  const last = log.stable.sequence + replica.cluster.window + replica.cluster.checkpointInterval;
  const before = execution.lastExecuted;
  for (const { certificate, batch } of message.slots) {
    const { sequence } = certificate;
    if (sequence <= execution.lastExecuted || sequence > last) continue;
    const slot = log.slot(sequence);
    slot.keep(batch);
    commit(replica, slot, certificate);
  }
  const peer = catchUp.pullsFrom;
  if (peer === undefined || replicaAt(replica.cluster, peer) !== from) return;
  const status = catchUp.statusOf(peer);
  const goesOn = execution.lastExecuted > before && (status?.lastExecuted ?? 0) > execution.lastExecuted;
  if (goesOn) replica.outbox.say({ type: "fetch-slots", from: execution.lastExecuted + 1 }, from);
  else catchUp.pullFrom(undefined);
}

/** A stable checkpoint with its proof. With a manifest it is the answer to one who is too far behind. */
export function onStable(replica: Replica, from: PeerId, { certificate, manifest }: StableAnswer): void {
  const { log, catchUp } = replica;
  if (noteStable(replica, certificate)) proceed(replica);
  if (manifest === undefined || certificate.sequence < log.stable.sequence) return;
  const asked = catchUp.pullsFrom !== undefined && replicaAt(replica.cluster, catchUp.pullsFrom) === from;
  if (asked || catchUp.transfer !== undefined) beginTransfer(replica, certificate, manifest);
}
