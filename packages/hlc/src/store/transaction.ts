import { ReleasedError } from "../errors.ts";
import { checkValue } from "./internal/value.ts";
import type { HLCTimestamp } from "../timestamp/timestamp.ts";

/** Operations of a store that its transactions use. */
export interface TransactionTarget {
  /** Returns the value of a key at the transaction's time. */
  read(key: string): Uint8Array | undefined;
  /** Throws if the write would be refused. */
  check(key: string, value: Uint8Array | undefined): void;
  /** Throws if there is no room for all the writes together. */
  checkRoom(writes: ReadonlyMap<string, Uint8Array | undefined>): void;
  /** Performs a write that was checked. */
  write(key: string, value: Uint8Array | undefined): void;
}

/**
 * Several writes that happen at one time, or not at all: the batch of a replicated log, with its agreed time. The
 * transaction sees its own writes. A later write to a key replaces an earlier one, so each key gets one version.
 *
 * Made by {@link HLCVersionStore.begin}.
 */
export class StoreTransaction {
  /** Time of all writes of this transaction. */
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
   * Returns a copy of the value of a key at this transaction's time, its own writes included.
   *
   * @throws {@link VersionPrunedError} if that time is before the horizon.
   */
  get(key: string): Uint8Array | undefined {
    this.#open();
    return this.#writes.has(key) ? this.#writes.get(key)?.slice() : this.#target.read(key);
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
    checkValue(value);
    this.#target.check(key, value);
    this.#writes.set(key, new Uint8Array(value)); // not value.slice(), which for a Buffer is not a copy
  }

  /**
   * Deletes a key. Returns false if it had no value.
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
   * Writes everything, or nothing if any write is refused.
   *
   * @throws {@link WriteConflictError} if the store was written to meanwhile, so that a write is too old.
   * @throws {@link StoreFullError} if the store has no room for all of it.
   */
  commit(): void {
    this.#open();
    for (const [key, value] of this.#writes) this.#target.check(key, value);
    this.#target.checkRoom(this.#writes);
    this.#ended = true;
    for (const [key, value] of this.#writes) this.#target.write(key, value);
  }

  /** Ends the transaction without writing. Does nothing after the end. */
  rollback(): void {
    this.#ended = true;
    this.#writes.clear();
  }

  #open(): void {
    if (this.#ended) throw new ReleasedError("transaction");
  }
}
