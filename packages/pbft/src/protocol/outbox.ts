/**
 * The outputs of the step under way. A message that binds its replica leaves through {@link Outbox.bind}, once every
 * record appended before it is durable, and comes back to the replica as it leaves. Until it has come back it is not sent
 * again: a disk that is slow would else hold a copy for each time that somebody asks. The types keep what binds out of
 * {@link Outbox.say}.
 */
import { lsn, type Lsn, type Output, type PeerId } from "@void-system/effects";
import type { CheckpointVote, Message, NewView, PrePrepare, ViewChange, Vote } from "../codec/message.ts";
import type { ReplicaRecord } from "../codec/record.ts";
import { replicaAt, type Configuration } from "../configuration.ts";
import type { ReplicaDelivery } from "./delivery.ts";

/** An output of `ReplicaCore`. */
export type ReplicaOutput = Output<Message, ReplicaRecord, ReplicaDelivery>;

/** Messages that bind their replica: it must never contradict one, in no life. */
export type BindingMessage = PrePrepare | Vote | CheckpointVote | ViewChange | NewView;

/** Messages that may be contradicted, or that prove themselves: questions, answers, reports. */
export type FreeMessage = Exclude<Message, BindingMessage>;

/** The timers of a replica. */
export type TimerName = "request" | "view" | "status";

/** Gathers the outputs of a step, and knows what is appended and which timers are set. */
export class Outbox {
  readonly #cluster: Configuration;
  readonly #others: readonly PeerId[];
  readonly #armed = new Set<TimerName>();
  #lsn: Lsn = lsn(0);
  #outputs: ReplicaOutput[] = [];

  constructor(cluster: Configuration, self: PeerId) {
    this.#cluster = cluster;
    this.#others = cluster.replicas.filter((id) => id !== self);
  }

  /** Position of the last record. */
  get lsn(): Lsn {
    return this.#lsn;
  }

  /** Notes a record that is on disk already. */
  recovered(position: Lsn): void {
    this.#lsn = position;
  }

  /** Appends a record. What it binds is sent with {@link bind} afterwards. */
  append(record: ReplicaRecord): void {
    this.#lsn = lsn(this.#lsn + 1);
    this.#outputs.push({ type: "append", lsn: this.#lsn, record });
  }

  /**
   * Sends what binds to all, this replica included, once all that was appended is durable. It comes back as an input when
   * it binds: only then does it count here.
   */
  bind(message: BindingMessage): void {
    this.#outputs.push({ type: "send", to: this.#cluster.replicas, message, after: this.#lsn });
  }

  /** Sends again, at once, what has come back and so has left before, or what binds another replica. */
  repeat(message: BindingMessage, to: "others" | number): void {
    this.#send(message, to === "others" ? this.#others : [replicaAt(this.#cluster, to)]);
  }

  /** Sends what does not bind, at once. */
  say(message: FreeMessage, to: "others" | number | PeerId): void {
    if (to === "others") this.#send(message, this.#others);
    else this.#outputs.push({ type: "send", to: typeof to === "number" ? replicaAt(this.#cluster, to) : to, message });
  }

  deliver(value: ReplicaDelivery): void {
    this.#outputs.push({ type: "deliver", value });
  }

  /** Replaces the log up to here by a checkpoint. */
  checkpoint(chunks: Iterable<Uint8Array>): void {
    this.#outputs.push({ type: "checkpoint", upTo: this.#lsn, chunks });
  }

  report(event: string, fields: Readonly<Record<string, unknown>>): void {
    this.#outputs.push({ type: "report", event, fields });
  }

  isArmed(name: TimerName): boolean {
    return this.#armed.has(name);
  }

  arm(name: TimerName, delayMs: number): void {
    this.#armed.add(name);
    this.#outputs.push({ type: "timer", name, delayMs });
  }

  /** Cancels a timer, if it is set. */
  disarm(name: TimerName): void {
    if (this.#armed.delete(name)) this.#outputs.push({ type: "timer", name, delayMs: "cancel" });
  }

  /** Notes that a timer fired. */
  fired(name: TimerName): void {
    this.#armed.delete(name);
  }

  /** Returns the outputs of the step, which ends. */
  take(): readonly ReplicaOutput[] {
    const outputs = this.#outputs;
    this.#outputs = [];
    return outputs;
  }

  #send(message: Message, to: readonly PeerId[]): void {
    if (to.length > 0) this.#outputs.push({ type: "send", to, message });
  }
}
