/** Executes what was committed, in sequence, and replies to the clients. */
import type { PeerId } from "@void-system/effects";
import type { Batch, Request } from "../codec/batch.ts";
import type { CommitCertificate } from "../codec/certificate.ts";
import { HintReason, type Hint, type Reply, type Result } from "../codec/message.ts";
import { signExecuted } from "../codec/signed.ts";
import { MESSAGE_BYTES_MAX } from "../limits.ts";
import { takeCheckpoint } from "./checkpoint.ts";
import type { Replica } from "./replica.ts";
import type { Answer } from "./sessions.ts";

const REPLY_BYTES_MAX = MESSAGE_BYTES_MAX / 2;
/** Bytes of a result in a message beside itself and its path, about. */
const RESULT_BYTES = 64;

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
  const { agreed, requests, executed, results, answers } = replica.execution.execute(batch, replica.now.monotonicMs);
  replica.outbox.deliver({ type: "executed", agreed, requests, certificate });
  if (replica.replaying) return;
  if (results.size > 0) {
    const signature = signExecuted(replica, executed);
    for (const [client, due] of results) sendReplies(replica, client, { executed, signature }, due);
  }
  for (const { client, answer } of answers) sendAnswer(replica, client, answer);
}

/** Answers a request that is not new: with its result, as it was answered before, or with a hint. */
export function sendAnswer(replica: Replica, client: PeerId, answer: Answer): void {
  if (answer.type === "result") {
    const { executed, result } = answer;
    sendReplies(replica, client, { executed, signature: signExecuted(replica, executed) }, [result]);
    return;
  }
  const { view, execution } = replica;
  const { number, reason, highest } = answer;
  const agreedMs = execution.lastTime.physicalMs;
  sendTo(replica, client, { type: "hint", view: view.number, client, number, reason, agreedMs, highest });
}

/** Asks a client to slow down: there is no room for its request here now. */
export function sendBusy(replica: Replica, { client, number }: Request): void {
  sendAnswer(replica, client, { type: "hint", number, reason: HintReason.busy, highest: 0 });
}

/** Sends the results of one batch to their client, in as many messages as they need. */
function sendReplies(
  replica: Replica,
  client: PeerId,
  signed: Pick<Reply, "executed" | "signature">,
  results: readonly Result[],
): void {
  const common = { type: "reply", view: replica.view.number, client, sender: replica.index, ...signed } as const;
  let due: Result[] = [];
  let bytes = 0;
  for (const result of results) {
    const size = result.result.length + result.path.length + RESULT_BYTES;
    if (due.length > 0 && bytes + size > REPLY_BYTES_MAX) {
      sendTo(replica, client, { ...common, results: due });
      due = [];
      bytes = 0;
    }
    due.push(result);
    bytes += size;
  }
  sendTo(replica, client, { ...common, results: due });
}

function sendTo(replica: Replica, client: PeerId, reply: Reply | Hint): void {
  if (client === replica.self) replica.outbox.deliver({ type: "reply", reply });
  else replica.outbox.say(reply, client);
}
