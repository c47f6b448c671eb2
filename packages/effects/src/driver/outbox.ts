/**
 * What leaves a core, sends and deliveries, in order; and the one rule, kept in one place: what names a log position
 * leaves only when the log is durable up to it.
 *
 * Group commit: at most one sync is under way, and the next one covers everything appended meanwhile. A sync begins
 * when something waits for it, when too many bytes lie unsynced, or when a record has lain long enough.
 */
import type { Lsn, PeerId } from "../brand.ts";
import type { Codec, Limits, Output } from "../core.ts";
import { CoreContractError, DeliverFailedError, LogFailedError } from "../errors.ts";
import { Fifo } from "../fifo.ts";
import type { Cancel, DurableLog } from "../world.ts";
import type { HostParts } from "./host-parts.ts";

/** A send or a delivery. */
interface Leaving<M, R, D> {
  readonly output: Extract<Output<M, R, D>, { type: "send" | "deliver" }>;
  /** The log position that it waits for. */
  readonly after: number;
  /** Whom a send goes to, besides oneself, and as what, once it is sealed. */
  others?: readonly PeerId[];
  frame?: Uint8Array;
  toSelf?: boolean;
}

/** A log, and how its records are written. */
interface OpenedLog<R> {
  readonly log: DurableLog;
  readonly records: Codec<R>;
}

/** What an {@link Outbox} tells its driver. */
export interface OutboxEvents<M> {
  /** What the core sent to itself. */
  readonly loopback: (message: M) => void;
  /** After the releases of one sync or checkpoint. */
  readonly released: () => void;
  /** Something threw, or the log failed: this is the end. */
  readonly failed: (error: unknown) => void;
}

/** Sends, deliveries and the log of one core. */
export class Outbox<M, Q, R, D> {
  readonly #parts: HostParts<M, Q, R, D>;
  readonly #limits: Limits;
  readonly #events: OutboxEvents<M>;
  readonly #held = new Fifo<Leaving<M, R, D>>();
  /** Those of them that this step has put there. */
  readonly #heldNow: Leaving<M, R, D>[] = [];
  /** Without a log nothing may wait. */
  #opened: OpenedLog<R> | undefined;
  #appended = 0;
  #durable = 0;
  #unsyncedBytes = 0;
  #heldDeliveries = 0;
  #syncing = false;
  #checkpointing = false;
  #idle: Cancel | undefined;
  #closed = false;
  readonly #count = { sends: 0, loopbacks: 0, lostFull: 0, lostDown: 0, appends: 0, syncs: 0, checkpoints: 0, deliveries: 0 };

  constructor(parts: HostParts<M, Q, R, D>, limits: Limits, events: OutboxEvents<M>) {
    this.#parts = parts;
    this.#limits = limits;
    this.#events = events;
  }

  /** From here on there is a log, which holds the records up to `last`. */
  opened(opened: OpenedLog<R>, last: number): void {
    this.#opened = opened;
    this.#appended = this.#durable = last;
  }

  get stats(): Record<string, number> {
    return { ...this.#count, held: this.#held.length, appended: this.#appended, durable: this.#durable };
  }

  /** Nothing waits, nothing is under way, nothing lies unsynced. */
  get settled(): boolean {
    return !(this.#syncing || this.#checkpointing || this.#held.length > 0 || this.#durable < this.#appended);
  }

  /**
   * Lets one leave, or has it wait: once something waits, everything that names a position does, so that the order is
   * kept.
   *
   * @throws CoreContractError when it waits for a log that there is not, or more than `limits.heldOutputs` wait.
   */
  leave(output: Leaving<M, R, D>["output"]): void {
    const { type, after = -1 } = output;
    const leaving: Leaving<M, R, D> = { output, after };
    const waits = after > this.#durable || (after >= 0 && this.#held.length > 0);
    if (!waits && (type === "send" || this.#heldDeliveries === 0)) {
      this.#go(leaving);
      return;
    }
    this.#openedFor("`after`");
    if (this.#held.length >= this.#limits.heldOutputs)
      throw new CoreContractError(`at most ${this.#limits.heldOutputs} outputs that wait`, "more");
    this.#held.push(leaving);
    this.#heldNow.push(leaving);
    if (type === "deliver") this.#heldDeliveries += 1;
  }

  /** @throws CoreContractError when `at` is not the next position, LogFailedError. */
  append(at: Lsn, record: R): void {
    const { log, records } = this.#openedFor("append");
    const next = this.#appended + 1;
    if (at !== next) throw new CoreContractError(`append ${next}`, at);
    const bytes = records.encode(record);
    this.#appended = at;
    this.#count.appends += 1;
    this.#unsyncedBytes += bytes.length;
    try {
      log.append(bytes);
    } catch (error) {
      throw new LogFailedError("append", error);
    }
  }

  /** @throws CoreContractError when one is under way already, or `upTo` was never appended. */
  checkpoint(upTo: Lsn, chunks: Iterable<Uint8Array>, done: () => void): void {
    const { log } = this.#openedFor("checkpoint");
    if (this.#checkpointing) throw new CoreContractError("one checkpoint at a time", "two");
    this.#mustExist(upTo);
    this.#checkpointing = true;
    this.#count.checkpoints += 1;
    log.checkpoint(upTo, chunks, (failure) => {
      if (this.#closed) return;
      this.#checkpointing = false;
      // A checkpoint stands for every record that it replaces, synced or not.
      this.#reached("checkpoint", upTo, failure, done);
    });
  }

  /**
   * To be called at the end of each step: begins the sync that somebody waits for, then seals what waits, so that
   * signatures are made while the disk works.
   *
   * @throws CoreContractError when an item waits for a position that was never appended: it would wait for ever.
   */
  endStep(): void {
    this.#syncIfDue();
    for (let leaving = this.#heldNow.shift(); leaving; leaving = this.#heldNow.shift()) {
      this.#mustExist(leaving.after);
      this.#seal(leaving);
    }
  }

  /** Begins a sync unless one is under way; nothing is synced when nothing is new. */
  sync(): void {
    const upTo = this.#appended;
    if (this.#syncing || this.#closed || this.#durable === upTo) return;
    this.#syncing = true;
    this.#unsyncedBytes = 0;
    this.#count.syncs += 1;
    this.#opened?.log.sync((failure) => {
      if (this.#closed) return;
      this.#syncing = false;
      this.#reached("sync", upTo, failure);
    });
  }

  /** Nothing waits, and no callback of the log does anything, from here on. */
  close(): void {
    this.#closed = true;
    this.#idle?.();
    this.#held.clear();
    this.#heldNow.length = 0;
  }

  #openedFor(what: string): OpenedLog<R> {
    if (!this.#opened) throw new CoreContractError(`no ${what} without \`records\``, "one");
    return this.#opened;
  }

  #mustExist(position: number): void {
    if (position > this.#appended) throw new CoreContractError(`positions up to ${this.#appended}`, position);
  }

  #reached(by: "sync" | "checkpoint", position: number, failure: Error | undefined, done?: () => void): void {
    if (failure) this.#events.failed(new LogFailedError(by, failure));
    else done?.();
    if (this.#closed) return;
    if (position > this.#durable) this.#durable = position;
    for (let head = this.#held.peek(); head && head.after <= this.#durable; head = this.#held.peek()) {
      this.#held.shift();
      if (head.output.type === "deliver") this.#heldDeliveries -= 1;
      try {
        this.#go(head);
      } catch (error) {
        this.#events.failed(error);
      }
      if (this.#closed) return;
    }
    this.#events.released();
    this.#syncIfDue();
  }

  #syncIfDue(): void {
    if (this.#closed || this.#syncing || this.#durable === this.#appended) return;
    const { unsyncedBytes, syncIdleMs } = this.#limits;
    if (this.#held.length > 0 || this.#unsyncedBytes >= unsyncedBytes) this.sync();
    else
      this.#idle ??= this.#parts.world.clock.schedule(syncIdleMs, () => {
        this.#idle = undefined;
        this.sync();
      });
  }

  /** Makes the frame of a send, once. */
  #seal(leaving: Leaving<M, R, D>): void {
    const { output, others } = leaving;
    if (output.type === "deliver" || others) return;
    const { self } = this.#parts.world.network;
    const to = typeof output.to === "string" ? [output.to] : output.to;
    leaving.others = to.filter((peer) => peer !== self);
    leaving.toSelf = leaving.others.length < to.length;
    if (leaving.others.length > 0) leaving.frame = this.#parts.wire.seal(output.message, leaving.others);
  }

  #go(leaving: Leaving<M, R, D>): void {
    this.#seal(leaving);
    const { output, others = [], frame, toSelf } = leaving;
    if (output.type === "deliver") {
      this.#count.deliveries += 1;
      try {
        this.#parts.deliver(output.value);
      } catch (error) {
        throw new DeliverFailedError(error);
      }
      return;
    }
    for (const peer of others) {
      const fate = frame && this.#parts.world.network.send(peer, frame);
      if (fate === "sent") this.#count.sends += 1;
      else if (fate === "full") this.#count.lostFull += 1;
      else this.#count.lostDown += 1;
    }
    if (!toSelf) return;
    this.#count.loopbacks += 1;
    this.#events.loopback(output.message);
  }
}
