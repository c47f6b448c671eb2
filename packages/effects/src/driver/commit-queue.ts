/**
 * The one rule, kept in one place: what names a log position leaves only when the log is durable up to it.
 *
 * Group commit: at most one sync is under way, and the next one covers everything appended meanwhile. A sync begins
 * when something waits for it, when too many bytes lie unsynced, or when a record has lain long enough.
 */
import type { Lsn } from "../brand.ts";
import type { Limits } from "../core.ts";
import { CoreContractError, LogFailedError } from "../errors.ts";
import { Fifo } from "../fifo.ts";
import type { Cancel, Clock, DurableLog } from "../world.ts";

interface Held<T> {
  readonly after: number;
  readonly item: T;
}

/** What a {@link CommitQueue} stands on. */
export interface CommitQueueParts<T> {
  readonly log: DurableLog;
  /** The last position the log holds. */
  readonly last: number;
  readonly clock: Clock;
  readonly limits: Limits;
  /** Lets one item go, in the order in which they were held. */
  readonly release: (item: T) => void;
  /** Called once after the releases of one sync or checkpoint. */
  readonly released: () => void;
  readonly fail: (cause: Error) => void;
}

/** Items that wait for the log, and the syncs that let them go. */
export class CommitQueue<T> {
  readonly #parts: CommitQueueParts<T>;
  readonly #held = new Fifo<Held<T>>();
  #appended: number;
  #durable: number;
  #highestAfter = 0;
  #unsyncedBytes = 0;
  #syncing = false;
  #checkpointing = false;
  #idle: Cancel | undefined;
  #closed = false;
  syncs = 0;
  checkpoints = 0;

  constructor(parts: CommitQueueParts<T>) {
    this.#parts = parts;
    this.#appended = parts.last;
    this.#durable = parts.last;
  }

  get held(): number {
    return this.#held.length;
  }

  get appended(): number {
    return this.#appended;
  }

  get durable(): number {
    return this.#durable;
  }

  /** Nothing waits, nothing is under way, nothing lies unsynced. */
  get settled(): boolean {
    return !this.#syncing && !this.#checkpointing && this.#held.length === 0 && this.#durable === this.#appended;
  }

  /**
   * True if an item that names `after` has to wait. Once something waits, everything behind it does: the order is
   * kept.
   */
  mustHold(after: number): boolean {
    return after > this.#durable || this.#held.length > 0;
  }

  /** @throws CoreContractError when `at` is not the next position. */
  append(at: Lsn, record: Uint8Array): void {
    if (at !== this.#appended + 1) {
      throw new CoreContractError(`an append at log position ${this.#appended + 1} (positions have no gaps)`, `${at}`);
    }
    this.#appended = at;
    this.#unsyncedBytes += record.length;
    this.#parts.log.append(record);
  }

  /** @throws CoreContractError when more than `limits.heldOutputs` wait. */
  hold(after: number, item: T): void {
    if (this.#held.length >= this.#parts.limits.heldOutputs) {
      throw new CoreContractError(
        `at most ${this.#parts.limits.heldOutputs} outputs that wait for the log`,
        "one more"
      );
    }
    if (after > this.#highestAfter) this.#highestAfter = after;
    this.#held.push({ after, item });
  }

  /**
   * To be called at the end of each step: begins the sync that somebody waits for.
   *
   * @throws CoreContractError when an item waits for a position that was never appended: it would wait for ever.
   */
  endStep(): void {
    if (this.#highestAfter > this.#appended) {
      throw new CoreContractError(
        `an \`after\` that was appended in the same step or before (at most ${this.#appended})`,
        `${this.#highestAfter}`
      );
    }
    this.#syncIfDue();
  }

  /** Begins a sync unless one is under way; nothing is synced when nothing is new. */
  sync(): void {
    if (this.#syncing || this.#closed || this.#durable === this.#appended) return;
    this.#syncing = true;
    this.#unsyncedBytes = 0;
    this.syncs += 1;
    const covered = this.#appended;
    this.#parts.log.sync((failure) => {
      if (this.#closed) return;
      this.#syncing = false;
      if (failure) this.#parts.fail(new LogFailedError("sync", failure));
      else this.#reached(covered);
    });
  }

  /** @throws CoreContractError when one is under way already, or `upTo` was never appended. */
  checkpoint(upTo: Lsn, chunks: Iterable<Uint8Array>, done: () => void): void {
    if (this.#checkpointing)
      throw new CoreContractError("one checkpoint at a time", "another one before `checkpointed`");
    if (upTo > this.#appended) throw new CoreContractError(`a checkpoint up to ${this.#appended} at most`, `${upTo}`);
    this.#checkpointing = true;
    this.checkpoints += 1;
    this.#parts.log.checkpoint(upTo, chunks, (failure) => {
      if (this.#closed) return;
      this.#checkpointing = false;
      if (failure) {
        this.#parts.fail(new LogFailedError("checkpoint", failure));
        return;
      }
      done();
      // A checkpoint stands for every record that it replaces, synced or not.
      this.#reached(upTo);
    });
  }

  /** Nothing waits, and no callback of the log does anything, from here on. */
  close(): void {
    this.#closed = true;
    this.#idle?.();
    this.#held.clear();
  }

  #reached(position: number): void {
    if (this.#closed) return;
    if (position > this.#durable) this.#durable = position;
    for (let head = this.#held.peek(); head && head.after <= this.#durable; head = this.#held.peek()) {
      this.#held.shift();
      this.#parts.release(head.item);
      if (this.#closed) return;
    }
    this.#parts.released();
    this.#syncIfDue();
  }

  #syncIfDue(): void {
    if (this.#closed || this.#syncing || this.#durable === this.#appended) return;
    if (this.#held.length > 0 || this.#unsyncedBytes >= this.#parts.limits.unsyncedBytes) {
      this.sync();
      return;
    }
    this.#idle ??= this.#parts.clock.schedule(this.#parts.limits.syncIdleMs, () => {
      this.#idle = undefined;
      this.sync();
    });
  }
}
