/** Executes what was committed, in sequence, and replies to the clients. */
import type { PeerId } from "@void-system/effects";
import type { Batch } from "../codec/batch.ts";
import type { CommitCertificate } from "../codec/certificate.ts";
import type { Result } from "../codec/message.ts";
import { signReply } from "../codec/signed.ts";
import { MESSAGE_BYTES_MAX } from "../limits.ts";
import { takeCheckpoint } from "./checkpoint.ts";
import type { Replica } from "./replica.ts";

const REPLY_BYTES_MAX = MESSAGE_BYTES_MAX / 2;

/** Executes every committed batch that is next. Returns whether there was one. */
export function executeReady(replica: Replica): boolean {
  const { log, execution, view } = replica;
  const before = execution.lastExecuted;
  for (;;) {
    const slot = log.next;
    const certificate = slot?.committed;
    const batch = certificate && slot?.batch(certificate.digest);
    if (slot === undefined || certificate === undefined || batch === undefined) return execution.lastExecuted > before;
    executeBatch(replica, batch, certificate);
    if (!view.changing && slot.proposal !== undefined) view.progress();
    if (execution.lastExecuted % replica.cluster.checkpointInterval === 0) takeCheckpoint(replica);
  }
}

function executeBatch(replica: Replica, batch: Batch, certificate: CommitCertificate): void {
  const { agreed, requests, replies } = replica.execution.execute(batch, replica.now.monotonicMs);
  replica.outbox.deliver({ type: "executed", agreed, requests, certificate });
  if (!replica.replaying) for (const [client, due] of replies) sendReplies(replica, client, due);
}

/** Sends results to their client: one signature for as many as fit a message. */
export function sendReplies(replica: Replica, client: PeerId, results: readonly Result[]): void {
  let due: Result[] = [];
  let bytes = 0;
  for (const result of results) {
    if (due.length > 0 && bytes + result.result.length > REPLY_BYTES_MAX) {
      sendReply(replica, client, due);
      due = [];
      bytes = 0;
    }
    due.push(result);
    bytes += result.result.length + 16;
  }
  if (due.length > 0) sendReply(replica, client, due);
}

function sendReply(replica: Replica, client: PeerId, results: readonly Result[]): void {
  const reply = signReply(replica, replica.view.number, client, results);
  if (client === replica.self) replica.outbox.deliver({ type: "reply", reply });
  else replica.outbox.say(reply, client);
}
