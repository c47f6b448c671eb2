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

/** What may have to wait. */
type Leaving<M, R, D> = Extract<Output<M, R, D>, { type: "send" | "deliver" }>;

/** One that waits, and the frame of a send once it is sealed. */
interface Held<M, R, D> {
  readonly after: number;
  readonly output: Leaving<M, R, D>;
  frame?: Uint8Array;
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
  readonly #held = new Fifo<Held<M, R, D>>();
  readonly #unsealed: Held<M, R, D>[] = [];
  /** Without a log nothing may wait. */
  #opened: OpenedLog<R> | undefined;
  #appended = 0;
  #durable = 0;
  #highestAfter = 0;
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
  leave(output: Leaving<M, R, D>): void {
    const { after = -1 } = output;
    const deliver = output.type === "deliver";
    if (!(deliver && this.#heldDeliveries > 0) && (after < 0 || (after <= this.#durable && this.#held.length === 0))) {
      this.#go(output);
      return;
    }
    this.#openedFor("`after`");
    const { heldOutputs } = this.#limits;
    if (this.#held.length >= heldOutputs)
      throw new CoreContractError(`at most ${heldOutputs} outputs that wait for the log`, "one more");
    if (after > this.#highestAfter) this.#highestAfter = after;
    const held: Held<M, R, D> = { after, output };
    this.#held.push(held);
    if (deliver) this.#heldDeliveries += 1;
    else this.#unsealed.push(held);
  }

  /** @throws CoreContractError when `at` is not the next position, LogFailedError. */
  append(at: Lsn, record: R): void {
    const { log, records } = this.#openedFor("append");
    const next = this.#appended + 1;
    if (at !== next) throw new CoreContractError(`an append at log position ${next} (positions have no gaps)`, `${at}`);
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
    if (this.#checkpointing) throw new CoreContractError("one checkpoint at a time", "another one before `checkpointed`");
    if (upTo > this.#appended) throw new CoreContractError(`a checkpoint up to ${this.#appended} at most`, `${upTo}`);
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
    if (this.#highestAfter > this.#appended)
      throw new CoreContractError(
        `an \`after\` that was appended in the same step or before (at most ${this.#appended})`,
        `${this.#highestAfter}`,
      );
    this.#syncIfDue();
    for (let held = this.#unsealed.shift(); held; held = this.#unsealed.shift()) {
      if (held.output.type !== "send") continue;
      const others = this.#others(peersOf(held.output.to));
      if (others.length > 0) held.frame = this.#parts.wire.seal(held.output.message, others);
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
    this.#unsealed.length = 0;
  }

  #openedFor(what: string): OpenedLog<R> {
    if (!this.#opened) throw new CoreContractError(`no ${what} without a log (\`records\` was left out)`, "one");
    return this.#opened;
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
        this.#go(head.output, head.frame);
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

  #go(output: Leaving<M, R, D>, sealed?: Uint8Array): void {
    if (output.type === "send") {
      this.#send(peersOf(output.to), output.message, sealed);
      return;
    }
    this.#count.deliveries += 1;
    try {
      this.#parts.deliver(output.value);
    } catch (error) {
      throw new DeliverFailedError(error);
    }
  }

  #others(to: readonly PeerId[]): readonly PeerId[] {
    const { self } = this.#parts.world.network;
    return to.includes(self) ? to.filter((peer) => peer !== self) : to;
  }

  #send(to: readonly PeerId[], message: M, sealed: Uint8Array | undefined): void {
    const others = this.#others(to);
    if (others.length > 0) {
      const frame = sealed ?? this.#parts.wire.seal(message, others);
      for (const peer of others) {
        const fate = this.#parts.world.network.send(peer, frame);
        if (fate === "sent") this.#count.sends += 1;
        else if (fate === "full") this.#count.lostFull += 1;
        else this.#count.lostDown += 1;
      }
    }
    if (others === to) return;
    this.#count.loopbacks += 1;
    this.#events.loopback(message);
  }
}

function peersOf(to: PeerId | readonly PeerId[]): readonly PeerId[] {
  return typeof to === "string" ? [to] : to;
}
