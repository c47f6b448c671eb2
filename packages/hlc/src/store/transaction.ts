import { ReleasedError } from "../errors.ts";
import type { HLCTimestamp } from "../timestamp/timestamp.ts";

/** What a transaction does to its store. */
export interface TransactionTarget {
  /** The value of a key at the transaction's time. */
  read(key: string): Uint8Array | undefined;
  /** Throws if the write would be refused. */
  check(key: string, value: Uint8Array | undefined): void;
  /** Throws if there is no room for all of the writes together. */
  checkRoom(writes: ReadonlyMap<string, Uint8Array | undefined>): void;
  /** Performs a write that has been checked. */
  write(key: string, value: Uint8Array | undefined): void;
}

/**
 * Several writes that happen at one time, or not at all: the batch of a replicated log, with its agreed time. It sees
 * its own writes; later writes to a key replace earlier ones, so each key gets one version.
 *
 * Made by {@link HLCVersionStore.begin}.
 */
export class StoreTransaction {
  /** The time at which everything here is written. */
  readonly at: HLCTimestamp;

  readonly #target: TransactionTarget;
  readonly #writes = new Map<string, Uint8Array | undefined>();
  #ended = false;

  /** @hidden */
  constructor(at: HLCTimestamp, target: TransactionTarget) {
    this.at = at;
    this.#target = target;
  }

  /**
   * The value of a key at this transaction's time, its own writes included. It is the store's own: never change it.
   *
   * @throws {@link VersionPrunedError} if that time is before the horizon.
   */
  get(key: string): Uint8Array | undefined {
    this.#open();
    return this.#writes.has(key) ? this.#writes.get(key) : this.#target.read(key);
  }

  /**
   * Sets a key; the bytes are copied.
   *
   * @throws {@link WriteConflictError} if the key has a version that is not older than this transaction.
   * @throws {@link InvalidEntryError} if the key or the value does not fit.
   * @throws {@link StoreFullError} if the store has no room for it.
   */
  put(key: string, value: Uint8Array): void {
    this.#open();
    this.#target.check(key, value);
    this.#writes.set(key, new Uint8Array(value)); // not its slice, which is no copy if it is a Buffer
  }

  /**
   * Takes a key away. False if it had no value.
   *
   * @throws {@link WriteConflictError} if the key has a version that is not older than this transaction.
   */
  delete(key: string): boolean {
    const had = this.get(key) !== undefined;
    this.#target.check(key, undefined);
    this.#writes.set(key, undefined);
    return had;
  }

  /**
   * Writes everything, or nothing if any of it is refused.
   *
   * @throws {@link WriteConflictError} if the store was written meanwhile, so that a write came too late.
   * @throws {@link StoreFullError} if the store has no room for all of it.
   */
  commit(): void {
    this.#open();
    for (const [key, value] of this.#writes) this.#target.check(key, value);
    this.#target.checkRoom(this.#writes);
    this.#ended = true;
    for (const [key, value] of this.#writes) this.#target.write(key, value);
  }

  /** Writes nothing. Calling it after the end does nothing. */
  rollback(): void {
    this.#ended = true;
    this.#writes.clear();
  }

  #open(): void {
    if (this.#ended) throw new ReleasedError("transaction");
  }
}
