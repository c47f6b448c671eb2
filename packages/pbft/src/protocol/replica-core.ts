/**
 * The replica: a deterministic core without I/O. Inputs come from the driver of `@void-system/effects`, outputs go to
 * it.
 *
 * The life of a request, file by file:
 *
 * 1. `client/client-core.ts` numbers and signs it, and sends it to the primary.
 * 2. `codec/wire.ts` decodes each frame; `relevance.ts` says whether it can matter, `codec/authentication.ts` verifies what
 *    was signed.
 * 3. `normal-case.ts` puts it into the pool (`request-pool.ts`), the primary proposes it in a batch (`codec/batch.ts`)
 *    with a time (`agreed-time.ts`), and the backups vote; `slot.ts` counts the votes of a sequence number.
 * 4. `outbox.ts` lets a vote out when the record that binds it (`codec/record.ts`) is durable.
 * 5. `execute.ts` executes what is committed, through `execution.ts`: `sessions.ts` lets each request execute once.
 * 6. `execute.ts` signs the root of the results, once for all clients of the batch; a client believes f+1 that agree.
 *
 * Consequences of an event are called where it happens: a batch that is committed is executed, an executed one makes room
 * for the next (`proceed`), a stable checkpoint moves the watermarks.
 */
import type { Core, Input, LinkState, Lsn, Now, PeerId, Verified } from "@void-system/effects";
import type { Request } from "../codec/batch.ts";
import type { Message } from "../codec/message.ts";
import type { ReplicaRecord } from "../codec/record.ts";
import { replicaAt } from "../configuration.ts";
import { collectGarbage, onCheckpointVote } from "./checkpoint.ts";
import type { ReplicaDelivery } from "./delivery.ts";
import { persistCheckpoint, restoreCheckpoint } from "./durable-checkpoint.ts";
import type { Evidence } from "./evidence.ts";
import { executeReady } from "./execute.ts";
import { onHello, sayHello } from "./hello.ts";
import { onBatch, onPrePrepare, onRequest, onVote, proceed, voteAgain } from "./normal-case.ts";
import type { ReplicaOutput } from "./outbox.ts";
import { applyRecord } from "./recovery.ts";
import { matters } from "./relevance.ts";
import type { ReplicaOptions } from "./replica-options.ts";
import { Replica, type ReplicaCounters } from "./replica.ts";
import { onFetchBatch, onFetchSlots, onSlots, onStable } from "./retransmission.ts";
import { onChunk, onFetchChunk } from "./state-transfer.ts";
import { armStatus, onStatus, onStatusTick, sendStatus } from "./status.ts";
import { complain, onComplaint, onDeparture, onNewView, onViewChange, resign, supportProposals } from "./view-change.ts";
import { armTimers, onRequestTimer, onViewTimer, remindPrimary } from "./view-timeout.ts";

/** Asks a replica to resign if it is primary, and if the others can go on without it: it is about to stop. */
export interface Resign {
  readonly type: "resign";
}

/** Standing of a replica. */
export interface ReplicaStanding {
  /** The current view. */
  readonly view: number;
  /** Its primary. */
  readonly primary: PeerId;
  /** It has left its view and waits for the next one to begin. */
  readonly inViewChange: boolean;
  /** It has resigned, and the next view has not begun; false when too few of the others are linked to begin one. */
  readonly handingOver: boolean;
  /** Sequence number of the last executed batch. */
  readonly lastExecuted: number;
  /** Sequence number of the last stable checkpoint. */
  readonly stableCheckpoint: number;
  /** It knows that others have executed more, or that its state is not the certified one. */
  readonly catchingUp: boolean;
  /** The state machine's root, computed when it is read. */
  readonly root: Uint8Array;
  /** Requests known and not executed. */
  readonly pendingRequests: number;
  /** Clients remembered. */
  readonly sessions: number;
  /** Replicas of another configuration, from which nothing counts, with what differs. */
  readonly refusedPeers: Readonly<Record<string, string>>;
  /** Proofs that replicas have lied, found in this life or an earlier one; one of each. */
  readonly evidence: readonly Evidence[];
  /** Counts since it started. */
  readonly counters: Readonly<ReplicaCounters>;
}

/**
 * A PBFT replica (Castro & Liskov 1999, 2002) in signed mode.
 *
 * @example
 * ```ts
 * import { peerId } from "@void-system/effects";
 * import { configuration, ReplicaCore } from "@void-system/pbft";
 * const cluster = configuration({ replicas: ["a", "b", "c", "d"] });
 * const digest = (bytes: Uint8Array) => new Uint8Array(32).fill(bytes.length);
 * const ports = { sign: () => new Uint8Array(64), digest };
 * const machine = {
 *   apply: (batch: readonly unknown[]) => batch.map(() => new Uint8Array(0)),
 *   root: () => new Uint8Array(32),
 *   snapshot: () => ({ chunks: 0, chunk: () => new Uint8Array(0), release: () => {} }),
 *   restore: () => {},
 * };
 * const core = new ReplicaCore({ cluster, self: peerId("a"), ports, machine });
 * core.start(true, { wallMs: 0, monotonicMs: 0 });
 * core.standing().primary; // => "a"
 * ```
 */
export class ReplicaCore implements Core<Message, Request | Resign, ReplicaRecord, ReplicaDelivery> {
  readonly #replica: Replica;

  /** @throws {@link ConfigurationError} for parts that cannot work. */
  constructor(options: ReplicaOptions) {
    this.#replica = new Replica(options);
  }

  /** The newest checkpoint of this replica's disk. @throws {@link RecoveryError} */
  restore(upTo: Lsn, chunks: Iterable<Uint8Array>): void {
    restoreCheckpoint(this.#replica, upTo, chunks);
  }

  /** One record after it. */
  recover(lsn: Lsn, record: ReplicaRecord): void {
    applyRecord(this.#replica, record);
    this.#replica.outbox.recovered(lsn);
  }

  /**
   * Executes again what was committed, says again what it had said, and asks where the others stand. Nothing depends on
   * `fresh`: whatever this replica has said before was durable, so an empty log means that it has said nothing.
   */
  start(_fresh: boolean, now: Now): readonly ReplicaOutput[] {
    const replica = this.#replica;
    replica.begin(now);
    if (replica.outbox.lsn === 0) replica.outbox.append({ type: "birth", configuration: replica.cluster.record });
    replica.execution.waitFrom(now.monotonicMs);
    executeReady(replica);
    replica.rebuilt();
    collectGarbage(replica);
    resume(replica);
    sayHello(replica, "others");
    sendStatus(replica);
    return this.#end();
  }

  /** One input. */
  step(input: Input<Message, Request | Resign>, now: Now): readonly ReplicaOutput[] {
    const replica = this.#replica;
    replica.begin(now);
    switch (input.type) {
      case "message":
        onMessage(replica, input.from, input.message);
        break;
      case "request":
        if (input.request.type === "resign") resign(replica);
        else onRequest(replica, replica.self, input.request);
        break;
      case "timer":
        onTimer(replica, input.name);
        break;
      case "link":
        onLink(replica, input.peer, input.state);
        break;
      case "checkpointed":
        replica.execution.checkpoints.written();
    }
    return this.#end();
  }

  /** Returns whether a message that is not verified yet may matter; asked before its signatures are verified. */
  matters(from: PeerId, message: Message): boolean {
    return matters(this.#replica, from, message);
  }

  /** Returns the standing of this replica; the root is computed when it is read. */
  standing(): ReplicaStanding {
    const { cluster, index, view, log, execution, catchUp, convictions, counters } = this.#replica;
    const stableCheckpoint = log.stable.sequence;
    const { lastExecuted } = execution;
    return {
      view: view.number,
      primary: replicaAt(cluster, view.primary),
      inViewChange: view.changing,
      handingOver: view.proof?.ground === "resignation" && view.proof.votes[0]?.sender === index && catchUp.linked >= cluster.quorum,
      lastExecuted,
      stableCheckpoint,
      catchingUp: catchUp.transfer !== undefined || execution.diverged || lastExecuted < stableCheckpoint,
      get root() {
        return execution.root;
      },
      pendingRequests: execution.pool.size,
      sessions: execution.clients,
      refusedPeers: Object.fromEntries(catchUp.refused),
      evidence: convictions.all,
      counters,
    };
  }

  /** The disk and the timers follow the state at the end of a step, when state and records agree. */
  #end(): readonly ReplicaOutput[] {
    const replica = this.#replica;
    persistCheckpoint(replica);
    armTimers(replica);
    armStatus(replica);
    return replica.outbox.take();
  }
}

/** After a restart: goes on with the view change that was under way, or says again what it has said in its view. */
function resume(replica: Replica): void {
  const { view, log, outbox } = replica;
  if (view.changing) {
    if (view.proof !== undefined) outbox.say({ type: "departure", certificate: view.proof }, "others");
    if (view.ownViewChange !== undefined) outbox.bind(view.ownViewChange);
    return;
  }
  log.resume(view.base, replica.now.monotonicMs);
  supportProposals(replica);
  for (const slot of log.slots()) voteAgain(replica, slot);
}

function onLink(replica: Replica, peer: PeerId, state: LinkState): void {
  if (!replica.cluster.replicas.includes(peer) || peer === replica.self) return;
  if (state !== "up" && state !== "down") return;
  replica.catchUp.setLinked(peer, state === "up" ? replica.now.monotonicMs : undefined);
  if (state === "down") return;
  sayHello(replica, peer);
  sendStatus(replica, peer);
}

function onTimer(replica: Replica, name: string): void {
  if (name !== "request" && name !== "view" && name !== "status") return;
  replica.outbox.fired(name);
  if (name === "request") onRequestTimer(replica);
  else if (name === "view") onViewTimer(replica);
  else {
    onStatusTick(replica);
    remindPrimary(replica);
    if (replica.view.hasTimedOut) complain(replica);
  }
}

function onMessage(replica: Replica, from: PeerId, message: Verified<Message>): void {
  if (replica.catchUp.refuses(from) && message.type !== "hello") return undefined;
  switch (message.type) {
    case "request":
      return onRequest(replica, from, message);
    case "pre-prepare":
      return onPrePrepare(replica, message);
    case "prepare":
    case "commit":
      return onVote(replica, message);
    case "checkpoint":
      return onCheckpointVote(replica, message) ? proceed(replica) : undefined;
    case "complaint":
      return onComplaint(replica, message);
    case "departure":
      return onDeparture(replica, message);
    case "view-change":
      return onViewChange(replica, message);
    case "new-view":
      return onNewView(replica, message);
    case "status":
      return onStatus(replica, message);
    case "fetch-batch":
      return onFetchBatch(replica, from, message);
    case "batch":
      return onBatch(replica, message.sequence, message.batch);
    case "fetch-slots":
      return onFetchSlots(replica, from, message.from);
    case "slots":
      return onSlots(replica, from, message);
    case "stable":
      return onStable(replica, from, message);
    case "fetch-chunk":
      return onFetchChunk(replica, from, message);
    case "chunk":
      return onChunk(replica, from, message);
    case "hello":
      return onHello(replica, from, message);
    case "reply":
    case "hint":
      return undefined;
  }
}
