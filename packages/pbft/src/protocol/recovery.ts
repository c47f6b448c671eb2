/** What each durable record means for a replica that rebuilds itself. No outputs: those follow in `start`. */
import { InvariantError } from "../errors.ts";
import type { ReplicaRecord } from "../codec/record.ts";
import type { ReplicaState } from "./replica-state.ts";
import { beginView, leaveView } from "./view.ts";

/** Applies one record, in the order in which they were appended. */
export function applyRecord(replica: ReplicaState, record: ReplicaRecord): void {
  switch (record.type) {
    case "view-change":
      leaveView(replica, record.message.view);
      replica.ownViewChange = record.message;
      return;
    case "new-view":
      beginView(replica, record.message);
      return;
    case "accepted":
      applyAccepted(replica, record);
      return;
    case "batch": {
      if (record.sequence <= replica.lastExecuted) return;
      const slot = replica.slot(record.sequence);
      slot.keep(record.batch);
      slot.markDurable(record.batch.digest);
      return;
    }
    case "prepared": {
      const { certificate } = record;
      if (certificate.sequence <= replica.lastExecuted) return;
      const slot = replica.slot(certificate.sequence);
      slot.prepared = certificate;
      slot.committing = certificate.view === replica.view && !replica.changing;
      return;
    }
    case "committed":
      if (record.certificate.sequence > replica.lastExecuted)
        replica.slot(record.certificate.sequence).committed = record.certificate;
  }
}

function applyAccepted(replica: ReplicaState, record: ReplicaRecord & { readonly type: "accepted" }): void {
  const { sequence } = record.proposal;
  if (sequence <= replica.lastExecuted) return;
  const slot = replica.slot(sequence);
  slot.keep(record.batch);
  slot.markDurable(record.batch.digest);
  if (record.view !== replica.view || replica.changing) {
    throw new InvariantError(
      `expected a record of view ${replica.view}, got a vote of view ${record.view}: the log is not in order`,
    );
  }
  slot.proposal = record.proposal;
  slot.voted = true;
  replica.viewTime = record.batch.time;
  replica.lastProposed = Math.max(replica.lastProposed, sequence);
}
