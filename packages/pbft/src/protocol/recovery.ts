/** The meaning of each durable record for a replica that rebuilds itself. No outputs: those follow in `start`. */
import type { ReplicaRecord } from "../codec/record.ts";
import { InvariantError } from "../errors.ts";
import { requireConfiguration } from "./execution.ts";
import type { Replica } from "./replica.ts";
import { beginView, leaveView } from "./view-change.ts";

/** Applies one record, in the order in which they were appended. */
export function applyRecord(replica: Replica, record: ReplicaRecord): void {
  const { view, log, execution } = replica;
  switch (record.type) {
    case "birth":
      requireConfiguration(replica.cluster, record.configuration, "the log");
      return;
    case "evidence":
      replica.convictions.add(record.contradiction);
      return;
    case "departure":
      view.prove(record.certificate);
      return;
    case "view-change":
      leaveView(replica, record.message.view);
      view.ask(record.message);
      return;
    case "new-view":
      beginView(replica, record.message);
      return;
    case "accepted":
      if (record.proposal.sequence <= execution.lastExecuted) return;
      if (record.view !== view.number || view.changing) {
        throw new InvariantError(
          `expected a record of view ${view.number}, got a vote of view ${record.view}: the log is not in order`,
        );
      }
      log.recoverAccepted(record.proposal, record.batch);
      return;
    case "batch": {
      if (record.sequence <= execution.lastExecuted) return;
      const slot = log.slot(record.sequence);
      slot.keep(record.batch);
      slot.markDurable(record.batch.digest);
      return;
    }
    case "prepared": {
      const { certificate } = record;
      if (certificate.sequence <= execution.lastExecuted) return;
      log.slot(certificate.sequence).prepare(certificate, certificate.view === view.number && !view.changing);
      return;
    }
    case "committed":
      if (record.certificate.sequence > execution.lastExecuted)
        log.slot(record.certificate.sequence).commit(record.certificate);
  }
}
