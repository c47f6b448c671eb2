/**
 * The bytes that are signed. Each begins with the protocol and its version, the kind of statement, the cluster's id and the
 * number of its configuration, so that no signature can be taken for another kind's, another cluster's or another protocol's.
 */
import { clusterStatement, commitStatement, requestStatement, type CommittedBatch } from "@void-system/crypto";
import type { Configuration } from "../configuration.ts";
import { INCARNATION, writeSender } from "./sender.ts";

export { requestStatement };

/** Kinds of signed statements. Their numbers are part of the format; 1 and 8 are in `@void-system/crypto`, for any verifier. */
const STATEMENT = {
  "pre-prepare": 2,
  prepare: 3,
  commit: 4,
  checkpoint: 5,
  "view-change": 6,
  "new-view": 7,
  status: 9,
  complaint: 10,
} as const;

/** Statement of an executed batch, for all clients that have requests in it. */
export function executedStatement(cluster: Configuration, executed: CommittedBatch, sender: number): Uint8Array {
  return commitStatement(cluster, executed, { index: sender, incarnation: INCARNATION });
}

/** Statement about a slot, signed by a primary (PRE-PREPARE) or a replica (PREPARE, COMMIT). */
export function slotStatement(
  cluster: Configuration,
  kind: "pre-prepare" | "prepare" | "commit",
  view: number,
  sequence: number,
  digest: Uint8Array,
  sender: number,
): Uint8Array {
  return writeSender(clusterStatement(STATEMENT[kind], cluster, 64).u53(view).u53(sequence).raw(digest), sender).finish();
}

/** Statement about the state after `sequence`. */
export function checkpointStatement(
  cluster: Configuration,
  sequence: number,
  digest: Uint8Array,
  sender: number,
): Uint8Array {
  return writeSender(clusterStatement(STATEMENT.checkpoint, cluster, 64).u53(sequence).raw(digest), sender).finish();
}

/** A replica's complaint of a view. */
export function complaintStatement(cluster: Configuration, view: number, sender: number): Uint8Array {
  return writeSender(clusterStatement(STATEMENT.complaint, cluster, 16).u53(view), sender).finish();
}

/** Statement of a message that is signed as a whole: its encoding without the signature. */
export function bodyStatement(
  cluster: Configuration,
  kind: "view-change" | "new-view" | "status",
  body: Uint8Array,
): Uint8Array {
  return clusterStatement(STATEMENT[kind], cluster, body.length).raw(body).finish();
}
