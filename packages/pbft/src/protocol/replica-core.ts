/**
 * The replica: a deterministic core without I/O. Inputs come from the driver of `@void-system/effects`, outputs go to
 * it; what happens in between is in the files that this one calls.
 */
import type { Core, Input, Lsn, Now, PeerId, Verified } from "@void-system/effects";
import type { Request } from "../codec/batch.ts";
import {
  armStatus,
  mayServe,
  onFetchBatch,
  onFetchSlots,
  onSlots,
  onStable,
  onStatus,
  onStatusTick,
  sendStatus,
} from "./catch-up.ts";
import { collectGarbage, onCheckpointVote, releaseRetired } from "./checkpoint.ts";
import { replicaAt } from "../configuration.ts";
import type { ReplicaDelivery } from "./delivery.ts";
import { persistCheckpoint, restoreCheckpoint } from "./durable-checkpoint.ts";
import { executeReady } from "./execution.ts";
import type { Message } from "../codec/message.ts";
import { acceptHeld, onBatch, onPrePrepare, onRequest, onVote, propose, resendVotes } from "./normal-case.ts";
import { armTimers, heedComplaints, onRequestTimer, onViewTimer, remindPrimary } from "./view-timeout.ts";
import type { ReplicaRecord } from "../codec/record.ts";
import { applyRecord } from "./recovery.ts";
import type { ReplicaOptions } from "./replica-options.ts";
import { ReplicaState, type ReplicaCounters, type ReplicaOutput } from "./replica-state.ts";
import { onChunk, onFetchChunk } from "./state-transfer.ts";
import { onNewView, onViewChange, supportProposals } from "./view-change.ts";

/** Where a replica stands. */
export interface ReplicaStanding {
  /** The current view. */
  readonly view: number;
  /** Its primary. */
  readonly primary: PeerId;
  /** It has left its view and waits for the next one to begin. */
  readonly inViewChange: boolean;
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
  /** What it noticed since it started. */
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
export class ReplicaCore implements Core<Message, Request, ReplicaRecord, ReplicaDelivery> {
  readonly #replica: ReplicaState;

  constructor(options: ReplicaOptions) {
    this.#replica = new ReplicaState(options);
  }

  /** The newest checkpoint of this replica's disk. @throws {@link RecoveryError} */
  restore(upTo: Lsn, chunks: Iterable<Uint8Array>): void {
    restoreCheckpoint(this.#replica, upTo, chunks);
  }

  /** One record after it. */
  recover(lsn: Lsn, record: ReplicaRecord): void {
    applyRecord(this.#replica, record);
    this.#replica.lsn = lsn;
  }

  /**
   * Executes again what was committed, says again what it had said, and asks where the others stand. Nothing hangs on
   * `fresh`: whatever this replica has said before was durable, so an empty log means that it has said nothing.
   */
  start(_fresh: boolean, now: Now): readonly ReplicaOutput[] {
    const replica = this.#replica;
    replica.now = now;
    replica.lastExecutedMs = now.monotonicMs;
    executeReady(replica);
    replica.replaying = false;
    collectGarbage(replica);
    this.#resume(replica);
    sendStatus(replica);
    return this.#settle();
  }

  /** One input. */
  step(input: Input<Message, Request>, now: Now): readonly ReplicaOutput[] {
    const replica = this.#replica;
    replica.now = now;
    switch (input.type) {
      case "message":
        this.#onMessage(input.from, input.message);
        break;
      case "request":
        onRequest(replica, replica.self, input.request);
        break;
      case "timer":
        this.#onTimer(input.name);
        break;
      case "link":
        if (input.state === "up" && replica.cluster.replicas.includes(input.peer) && input.peer !== replica.self)
          sendStatus(replica, input.peer);
        break;
      case "checkpointed":
        replica.writing = undefined;
        releaseRetired(replica);
    }
    return this.#settle();
  }

  /** Where this replica stands; the root is computed when it is read. */
  standing(): ReplicaStanding {
    const replica = this.#replica;
    return {
      view: replica.view,
      primary: replicaAt(replica.cluster, replica.primary),
      inViewChange: replica.changing,
      lastExecuted: replica.lastExecuted,
      stableCheckpoint: replica.stable.sequence,
      catchingUp: replica.transfer !== undefined || replica.diverged || replica.lastExecuted < replica.stable.sequence,
      get root() {
        return replica.machine.root();
      },
      pendingRequests: replica.pool.size,
      sessions: replica.sessions.size,
      counters: { ...replica.counters },
    };
  }

  #resume(replica: ReplicaState): void {
    if (replica.changing) {
      const message = replica.ownViewChange;
      if (message !== undefined) replica.vote(message);
      return;
    }
    replica.accepted = Math.max(replica.viewBase, replica.lastExecuted, replica.stable.sequence);
    while (replica.slots.get(replica.accepted + 1)?.proposal !== undefined) replica.accepted += 1;
    supportProposals(replica);
    for (const slot of replica.slots.values()) {
      slot.sinceMs = replica.now.monotonicMs;
      resendVotes(replica, slot, "all");
    }
  }

  /** Consequences that any input may have, then the timers. */
  #settle(): readonly ReplicaOutput[] {
    const replica = this.#replica;
    this.#repeatKept(replica);
    executeReady(replica);
    acceptHeld(replica);
    propose(replica);
    persistCheckpoint(replica);
    armTimers(replica);
    armStatus(replica);
    return replica.takeOutputs();
  }

  /** Messages of what was a later view when they came. */
  #repeatKept(replica: ReplicaState): void {
    if (replica.changing || replica.future.size === 0) return;
    for (const [signer, kept] of replica.future) {
      const due = kept.filter(({ view }) => view <= replica.view);
      if (due.length === 0) continue;
      const later = kept.filter(({ view }) => view > replica.view);
      if (later.length > 0) replica.future.set(signer, later);
      else replica.future.delete(signer);
      for (const message of due) {
        if (message.type === "pre-prepare") onPrePrepare(replica, message);
        else onVote(replica, message);
      }
    }
  }

  #onTimer(name: string): void {
    if (name === "request") onRequestTimer(this.#replica);
    else if (name === "view") onViewTimer(this.#replica);
    else if (name === "status") {
      onStatusTick(this.#replica);
      remindPrimary(this.#replica);
      heedComplaints(this.#replica);
    }
  }

  #onMessage(from: PeerId, message: Verified<Message>): void {
    const replica = this.#replica;
    switch (message.type) {
      case "request":
        return onRequest(replica, from, message);
      case "pre-prepare":
        return onPrePrepare(replica, message);
      case "prepare":
      case "commit":
        return onVote(replica, message);
      case "checkpoint":
        return onCheckpointVote(replica, message);
      case "view-change":
        onViewChange(replica, message);
        return heedComplaints(replica);
      case "new-view":
        return onNewView(replica, message);
      case "status":
        onStatus(replica, message);
        return heedComplaints(replica);
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
        return onFetchChunk(replica, from, message, (bytes) => mayServe(replica, from, bytes));
      case "chunk":
        return onChunk(replica, from, message);
      case "reply":
        return undefined;
    }
  }
}
