/** Executing what was committed, in sequence (Castro & Liskov 1999, §4.2), each request once. */
import type { PeerId } from "@void-system/effects";
import { executionTime } from "./agreed-time.ts";
import type { Batch, Request } from "../codec/batch.ts";
import type { CommitCertificate } from "../codec/certificate.ts";
import { takeCheckpoint } from "./checkpoint.ts";
import { replicaAt } from "../configuration.ts";
import type { ExecutedRequest } from "./delivery.ts";
import { DeterministicFailure, InvariantError } from "../errors.ts";
import { MESSAGE_BYTES_MAX, RESULT_BYTES_MAX } from "../limits.ts";
import { ReplyStatus, type Result } from "../codec/message.ts";
import type { ReplicaState } from "./replica-state.ts";
import { signReply } from "../codec/signed.ts";
import type { Agreed } from "./state-machine.ts";

const REPLY_BYTES_MAX = MESSAGE_BYTES_MAX / 2;
const RANDOM_DOMAIN = new TextEncoder().encode("void-pbft/1 random\0");
const utf8 = new TextEncoder();

/** Executes every committed batch that is next. */
export function executeReady(replica: ReplicaState): void {
  for (;;) {
    const slot = replica.slots.get(replica.lastExecuted + 1);
    const certificate = slot?.committed;
    const batch = certificate && slot.batch(certificate.digest);
    if (slot === undefined || certificate === undefined || batch === undefined) return;
    executeBatch(replica, batch, certificate);
    if (!replica.changing && slot.proposal !== undefined) replica.attempts = 0;
    if (replica.lastExecuted % replica.cluster.checkpointInterval === 0) takeCheckpoint(replica);
  }
}

function executeBatch(replica: ReplicaState, batch: Batch, certificate: CommitCertificate): void {
  const { sequence } = certificate;
  if (batch.requests.length > 0) replica.lastTime = executionTime(replica.lastTime, batch.time);
  const agreed = agreedOn(replica, batch, sequence);
  const replies = new Map<PeerId, Result[]>();
  const fresh = selectNew(replica, batch.requests, agreed.time.physicalMs, replies);
  const results = applyAll(replica, fresh, agreed);
  if (results.length !== fresh.length)
    throw new InvariantError(`expected a result for each of ${fresh.length} commands, got ${results.length}`);
  const executed: ExecutedRequest[] = [];
  for (const [index, { client, number, operation }] of fresh.entries()) {
    const outcome = results[index];
    if (outcome === undefined) continue;
    replica.sessions.record(client, { number, ...outcome });
    replyLater(replies, client, { number, ...outcome });
    executed.push({ client, number, operation, ...outcome });
  }
  for (const { client, number } of batch.requests) replica.pool.delete(client, number);
  replica.lastExecuted = sequence;
  replica.lastExecutedMs = replica.now.monotonicMs;
  replica.emit({ type: "deliver", value: { type: "executed", agreed, requests: executed, certificate } });
  if (!replica.replaying) for (const [client, due] of replies) sendReplies(replica, client, due);
}

function agreedOn(replica: ReplicaState, batch: Batch, sequence: number): Agreed {
  const { physicalMs, logical, proposer } = replica.lastTime;
  const seed = new Uint8Array(RANDOM_DOMAIN.length + batch.digest.length);
  seed.set(RANDOM_DOMAIN);
  seed.set(batch.digest, RANDOM_DOMAIN.length);
  return {
    sequence,
    time: { physicalMs, logical, nodeId: replicaAt(replica.cluster, proposer) },
    random: replica.ports.digest(seed),
  };
}

/** The requests to execute; those executed before, twice in the batch or out of bounds only get a reply. */
function selectNew(
  replica: ReplicaState,
  requests: readonly Request[],
  agreedMs: number,
  replies: Map<PeerId, Result[]>,
): Request[] {
  const chosen = new Set<string>();
  return requests.filter(({ client, number }) => {
    const answer = replica.sessions.answer(client, number) ?? replica.sessions.refuseAhead(number, agreedMs);
    if (answer !== undefined) {
      replyLater(replies, client, answer);
      return false;
    }
    const key = `${number} ${client}`;
    if (chosen.has(key)) return false;
    chosen.add(key);
    return true;
  });
}

function applyAll(replica: ReplicaState, requests: readonly Request[], agreed: Agreed): Omit<Result, "number">[] {
  if (requests.length === 0) return [];
  try {
    const commands = requests.map(({ client, operation }) => ({ client, operation }));
    return replica.machine.apply(commands, agreed).map((result) =>
      result.length <= RESULT_BYTES_MAX
        ? { status: ReplyStatus.ok, result }
        : {
            status: ReplyStatus.failed,
            result: utf8.encode(`a result of ${result.length} bytes, at most ${RESULT_BYTES_MAX} allowed`),
          },
    );
  } catch (failure) {
    if (!(failure instanceof DeterministicFailure)) throw failure;
    const result = utf8.encode(failure.message).slice(0, 1_024);
    return requests.map(() => ({ status: ReplyStatus.failed, result }));
  }
}

function replyLater(replies: Map<PeerId, Result[]>, client: PeerId, result: Result): void {
  const due = replies.get(client);
  if (due === undefined) replies.set(client, [result]);
  else due.push(result);
}

/** Sends results to their client: one signature for as many as fit a message. */
export function sendReplies(replica: ReplicaState, client: PeerId, results: readonly Result[]): void {
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

function sendReply(replica: ReplicaState, client: PeerId, results: readonly Result[]): void {
  const reply = signReply(replica, replica.view, client, results);
  if (client === replica.self) replica.emit({ type: "deliver", value: { type: "reply", reply } });
  else replica.tell(client, reply);
}
