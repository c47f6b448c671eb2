/**
 * Everything a replica knows, and the outputs of the step under way. The protocol's parts (`normal-case.ts`,
 * `view-change.ts`, …) are functions over it; `replica-core.ts` calls them.
 */
import { lsn, type Lsn, type Now, type Output, type PeerId } from "@void-system/effects";
import { TIME_ZERO, type AgreedTime } from "./agreed-time.ts";
import type { StableCertificate } from "../codec/certificate.ts";
import type { TakenCheckpoint, Transfer } from "./checkpoint-types.ts";
import { primaryOf, replicaAt, type Configuration } from "../configuration.ts";
import type { ReplicaDelivery } from "./delivery.ts";
import { ConfigurationError } from "../errors.ts";
import { FUTURE_MESSAGES_MAX, SLOTS_BEYOND_MAX } from "../limits.ts";
import type { CheckpointVote, Message, NewView, PrePrepare, Status, ViewChange, Vote } from "../codec/message.ts";
import type { Ports } from "../ports.ts";
import type { ReplicaRecord } from "../codec/record.ts";
import { completeTuning, type ReplicaOptions, type ReplicaTuning } from "./replica-options.ts";
import { RequestPool } from "./request-pool.ts";
import { Sessions } from "./sessions.ts";
import { Slot } from "./slot.ts";
import { BEGINNING } from "./stable.ts";
import type { StateMachine } from "./state-machine.ts";

/** An output of `ReplicaCore`. */
export type ReplicaOutput = Output<Message, ReplicaRecord, ReplicaDelivery>;

/** What a replica has noticed of others and of itself, since it started. */
export interface ReplicaCounters {
  /** Times that a replica signed two different statements for one place. */
  equivocations: number;
  /** Chunks whose hash was not the certified one. */
  poisonedChunks: number;
  /** Proposals not voted for because of their time. */
  refusedTimes: number;
  /** Checkpoints at which this replica's state was not the certified one. */
  divergences: number;
  /** Requests dropped because too many were waiting. */
  droppedRequests: number;
  /** Views that this replica asked for. */
  viewChanges: number;
  /** States transferred from others. */
  transfers: number;
}

/** The mutable state of one replica. */
export class ReplicaState {
  readonly cluster: Configuration;
  readonly self: PeerId;
  readonly index: number;
  readonly ports: Pick<Ports, "sign" | "digest">;
  readonly machine: StateMachine;
  readonly tuning: ReplicaTuning;
  readonly counters: ReplicaCounters = {
    equivocations: 0,
    poisonedChunks: 0,
    refusedTimes: 0,
    divergences: 0,
    droppedRequests: 0,
    viewChanges: 0,
    transfers: 0,
  };

  // The view (§4.4).
  view = 0;
  /** A VIEW-CHANGE to `view` was sent and its NEW-VIEW is not held: no vote is cast. */
  changing = false;
  ownViewChange: ViewChange | undefined;
  newView: NewView | undefined;
  /** Each replica's VIEW-CHANGE to the highest view that it asked for. */
  readonly viewChanges: Map<number, ViewChange> = new Map();
  /** When each of them came. */
  readonly viewChangeAtMs: Map<number, number> = new Map();
  /** Messages of views to come, by signer. */
  readonly future: Map<number, (PrePrepare | Vote)[]> = new Map();
  /** Views asked for since a batch was last executed in one: the timeout doubles with each. */
  attempts = 0;
  /** The timeout of the primary is over. Others are told; the view is left only when f+1 say so. */
  hasTimedOut = false;

  // The log (§4.2).
  readonly slots: Map<number, Slot> = new Map();
  /** Every sequence number up to here was accepted in this view, or is decided. */
  accepted = 0;
  /** The last sequence number that the NEW-VIEW of this view has re-proposed. */
  viewBase = 0;
  /** The last one that this replica has proposed as primary of this view. */
  lastProposed = 0;
  /** The time of the newest proposal accepted in this view, if it was not a re-proposal. */
  viewTime: AgreedTime = TIME_ZERO;

  // The execution.
  lastExecuted = 0;
  lastTime: AgreedTime = TIME_ZERO;
  lastExecutedMs = 0;
  readonly sessions: Sessions;
  readonly pool: RequestPool = new RequestPool();

  // Checkpoints (§4.3).
  stable: StableCertificate = BEGINNING;
  readonly checkpointVotes: Map<number, Map<number, CheckpointVote>> = new Map();
  /** This replica's own checkpoints that are not stable yet, by sequence number. */
  readonly taken: Map<number, TakenCheckpoint> = new Map();
  /** The newest two stable ones that this replica holds, newest first: what it serves. */
  served: readonly TakenCheckpoint[] = [];
  /** A stable checkpoint that waits to be written. */
  toPersist: TakenCheckpoint | undefined;
  /** The one that is being written: its chunks are read until `checkpointed`. */
  writing: TakenCheckpoint | undefined;
  /** No longer served, to be released when they are not being written either. */
  retired: TakenCheckpoint[] = [];
  /** This replica's state is not the certified one; it must be replaced. */
  diverged = false;

  // Catching up.
  /** What each of the others said last of where it stands. */
  readonly statuses: Map<number, Status> = new Map();
  /** When it said so. */
  readonly statusAtMs: Map<number, number> = new Map();
  transfer: Transfer | undefined;
  pullFrom: number | undefined;
  executedAtTick = 0;
  readonly servedBytes: Map<number, number> = new Map();

  // Timers: what is armed.
  requestTimer = false;
  viewTimer = false;
  statusTimer: "none" | "short" | "long" = "none";

  // The step.
  now: Now = { wallMs: 0, monotonicMs: 0 };
  lsn: Lsn = lsn(0);
  /** Rebuilding from the disk: nobody waits for these replies any more. */
  replaying = true;
  #outputs: ReplicaOutput[] = [];

  constructor(options: ReplicaOptions) {
    this.cluster = options.cluster;
    this.self = options.self;
    this.index = options.cluster.replicas.indexOf(options.self);
    if (this.index < 0) {
      throw new ConfigurationError(
        `expected one of the replicas ${options.cluster.replicas.join(", ")}, got ${options.self}`,
      );
    }
    this.ports = options.ports;
    this.machine = options.machine;
    this.tuning = completeTuning(options.tuning ?? {}, options.cluster);
    this.sessions = new Sessions(this.tuning.sessionsMax);
  }

  /** The primary of the current view. */
  get primary(): number {
    return primaryOf(this.cluster, this.view);
  }

  get isPrimary(): boolean {
    return this.primary === this.index;
  }

  /** The high watermark H: nothing above it is voted on (§4.2). */
  get high(): number {
    return this.stable.sequence + this.cluster.window;
  }

  /**
   * What is not above it needs no messages: it is decided, and executed or so far behind that it must be fetched. It
   * stays below the stable checkpoint while this replica still executes up to it.
   */
  get floor(): number {
    const { sequence } = this.stable;
    return this.lastExecuted >= sequence
      ? sequence
      : Math.max(this.lastExecuted, sequence - this.cluster.checkpointInterval);
  }

  /** Whether a message about this sequence number is worth keeping. */
  inWindow(sequence: number): boolean {
    return sequence > this.floor && sequence <= this.high + SLOTS_BEYOND_MAX;
  }

  slot(sequence: number): Slot {
    let slot = this.slots.get(sequence);
    if (slot === undefined) {
      slot = new Slot(sequence);
      this.slots.set(sequence, slot);
    }
    return slot;
  }

  /** Keeps a message of a later view; the oldest of the same signer goes when there are too many. */
  keepForLater(signer: number, message: PrePrepare | Vote): void {
    const kept = this.future.get(signer) ?? [];
    this.future.set(signer, kept);
    kept.push(message);
    if (kept.length > FUTURE_MESSAGES_MAX) kept.shift();
  }

  /** Appends a record. A vote that it binds is sent with {@link vote} afterwards. */
  append(record: ReplicaRecord): void {
    this.lsn = lsn(this.lsn + 1);
    this.#outputs.push({ type: "append", lsn: this.lsn, record });
  }

  /** To every replica, this one included, once all that was appended is durable: then it binds, then it counts. */
  vote(message: Message): void {
    this.#outputs.push({ type: "send", to: this.cluster.replicas, message, after: this.lsn });
  }

  /**
   * To the other replicas, or one of them, once all that was appended is durable: what binds, for the first time or
   * again.
   */
  voteToOthers(message: Message, to?: number): void {
    const others =
      to === undefined ? this.cluster.replicas.filter((id) => id !== this.self) : [replicaAt(this.cluster, to)];
    if (others.length > 0) this.#outputs.push({ type: "send", to: others, message, after: this.lsn });
  }

  /** To the other replicas, at once. */
  tellOthers(message: Message): void {
    const others = this.cluster.replicas.filter((id) => id !== this.self);
    if (others.length > 0) this.#outputs.push({ type: "send", to: others, message });
  }

  /** To one other node, at once. */
  tell(to: PeerId | number, message: Message): void {
    this.#outputs.push({ type: "send", to: typeof to === "number" ? replicaAt(this.cluster, to) : to, message });
  }

  report(event: string, fields: Readonly<Record<string, unknown>>): void {
    this.#outputs.push({ type: "report", event, fields });
  }

  /** Counts what others can make happen at will, and reports it the first time, the second, the fourth, the eighth … */
  note(counter: keyof ReplicaCounters, event: string, fields: Readonly<Record<string, unknown>>): void {
    this.counters[counter] += 1;
    const times = this.counters[counter];
    if (Math.log2(times) % 1 === 0) this.report(event, { ...fields, times });
  }

  emit(output: ReplicaOutput): void {
    this.#outputs.push(output);
  }

  takeOutputs(): readonly ReplicaOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }
}
