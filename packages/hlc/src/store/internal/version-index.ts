import { checkKey, checkValue, entryBytes } from "../entry-format.ts";
import { StoreFullError, VersionPrunedError, WriteConflictError } from "../../errors.ts";
import { SortedKeys } from "./sorted-keys.ts";
import { compareTimestamps, type HLCTimestamp } from "../../timestamp/timestamp.ts";

/** The value of a key from a time on; undefined after a deletion. */
export interface Version {
  readonly at: HLCTimestamp;
  readonly value: Uint8Array | undefined;
}

/** The versions of a key, oldest first; never empty. */
interface Chain {
  readonly versions: Version[];
  /** Physical part of each version, in an array of its own, so that a search touches contiguous memory. */
  readonly ms: number[];
}

/** Memory of a key besides its characters, and of a version besides its value, in bytes, measured on Node 20. */
const KEY_OVERHEAD_BYTES = 176;
const VERSION_OVERHEAD_BYTES = 328;

/** All versions of all keys, with their counts. A restore replaces the whole index. */
export class VersionIndex {
  readonly keys: SortedKeys = new SortedKeys();
  readonly #chains = new Map<string, Chain>();
  /** Keys with something that a prune could drop: an older version, or a deletion. */
  readonly #prunable = new Set<string>();
  /** Times of open snapshots and pins. */
  readonly #pins = new Set<{ readonly at: HLCTimestamp }>();
  /** Writes at or before this time are refused: the later of the horizon and the latest pin. */
  #closed: HLCTimestamp | undefined;
  /** Versions visible at or after this time are kept: the earlier of the horizon and the earliest pin. */
  #kept: HLCTimestamp | undefined;

  /** Reads before this time are refused, except at a pin. */
  horizon: HLCTimestamp | undefined;
  /** Time of the latest write. */
  newest: HLCTimestamp | undefined;
  /** Number of keys that have a value now. */
  live = 0;
  /** Bytes of their entries in a snapshot. */
  liveBytes = 0;
  /** Number of versions held, deletions included. */
  versions = 0;
  /** Estimate of their memory. */
  bytes = 0;
  /** Maximum of `bytes`. */
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Number of open snapshots and pins. */
  get pins(): number {
    return this.#pins.size;
  }

  /** Returns the newest version of a key that is not after `at`. */
  visible(key: string, at?: HLCTimestamp): Version | undefined {
    const chain = this.#chains.get(key);
    return chain?.versions[(at ? until(chain, at) : chain.ms.length) - 1];
  }

  /** Time at which a read sees the current state. */
  get latest(): HLCTimestamp | undefined {
    return this.newest && isBefore(this.newest, this.horizon) ? this.horizon : this.newest;
  }

  /**
   * Refuses a time before the horizon, unless it is pinned.
   *
   * @throws {@link VersionPrunedError}
   */
  checkReadable(at: HLCTimestamp): void {
    if (isBefore(at, this.horizon) && ![...this.#pins].some((pin) => compareTimestamps(pin.at, at) === 0)) {
      throw new VersionPrunedError(at, this.horizon);
    }
  }

  /**
   * Refuses a key or value that does not fit, a write in closed time and, unless merging, a write not newer than the
   * key's newest version.
   *
   * @throws {@link InvalidEntryError} and {@link WriteConflictError}
   */
  check(key: string, value: Uint8Array | undefined, at: HLCTimestamp, merging?: boolean): void {
    const newest = this.visible(key);
    if (value !== undefined) checkValue(value);
    if (!newest) checkKey(key); // a key that is there has passed
    for (const bound of [this.#closed, merging ? undefined : newest?.at]) {
      if (bound && !isBefore(bound, at)) throw new WriteConflictError(key, at, bound);
    }
    // A deletion takes memory too, but refusing it would leave no way to free any.
    if (value || merging) this.checkRoom(this.cost(key, value));
  }

  /** Returns the bytes that a version of a key will add to `bytes`. */
  cost(key: string, value: Uint8Array | undefined): number {
    return VERSION_OVERHEAD_BYTES + (value?.length ?? 0) + (this.visible(key) ? 0 : keyBytes(key));
  }

  /**
   * Refuses a write of `more` bytes if it would take the store over its maximum.
   *
   * @throws {@link StoreFullError}
   */
  checkRoom(more: number): void {
    if (this.bytes + more > this.maxBytes) throw new StoreFullError(this.maxBytes, this.bytes + more);
  }

  /** Inserts a version that {@link VersionIndex.check} has passed at its place, replacing one with the same stamp. */
  write(key: string, at: HLCTimestamp, value: Uint8Array | undefined): void {
    const version = { at, value };
    const chain = this.#chains.get(key);
    if (chain) {
      const { versions, ms } = chain;
      const index = until(chain, at);
      const same = versions[index - 1];
      const replaced = same && compareTimestamps(same.at, at) === 0 ? 1 : 0;
      this.#count(key, versions.at(-1), -1);
      if (index === ms.length && !replaced) {
        versions.push(version);
        ms.push(at.physicalMs);
      } else {
        this.#weigh(versions.splice(index - replaced, replaced, version), -1);
        ms.splice(index - replaced, replaced, at.physicalMs);
      }
    } else {
      this.#chains.set(key, { versions: [version], ms: [at.physicalMs] });
      this.keys.add(key);
      this.bytes += keyBytes(key);
    }
    this.#weigh([version], 1);
    this.#count(key, this.visible(key), 1);
    if (chain || value === undefined) this.#prunable.add(key);
    if (!this.newest || isBefore(this.newest, at)) this.newest = at;
  }

  /** Moves the horizon and drops the versions that no read can see. Returns the number of versions dropped. */
  prune(before: HLCTimestamp): number {
    if (!isBefore(before, this.horizon)) this.horizon = before;
    return this.#settle();
  }

  /** Closes the time up to `at`, and keeps the versions visible then until the returned function is called. */
  pin(at: HLCTimestamp): () => void {
    const pin = { at };
    this.#pins.add(pin);
    this.#settle();
    return () => {
      if (this.#pins.delete(pin)) this.#settle();
    };
  }

  /** Computes the closed and the kept time, and drops versions that are no longer kept. */
  #settle(): number {
    const { versions } = this;
    let kept = this.horizon;
    this.#closed = kept;
    for (const { at } of this.#pins) {
      if (isBefore(at, kept)) kept = at;
      if (!isBefore(at, this.#closed)) this.#closed = at;
    }
    // Nothing is ever written at or before it, so there is nothing to drop unless it has risen.
    if (kept && kept !== this.#kept && !isBefore(kept, this.#kept)) {
      for (const key of this.#prunable) this.#trim(key, kept);
    }
    this.#kept = kept;
    return versions - this.versions;
  }

  #trim(key: string, kept: HLCTimestamp): void {
    const chain = this.#chains.get(key);
    if (!chain) return;
    const { versions, ms } = chain;
    const seen = until(chain, kept);
    // A deletion with nothing before it reads like an absent key, and nothing can come before it any longer.
    const drop = seen > 0 && !versions[seen - 1]?.value ? seen : Math.max(0, seen - 1);
    this.#weigh(versions.splice(0, drop), -1);
    ms.splice(0, drop);
    if (versions.length === 0) {
      this.#chains.delete(key);
      this.keys.remove(key);
      this.bytes -= keyBytes(key);
    }
    if (versions.length === 0 || (versions.length === 1 && versions[0]?.value)) this.#prunable.delete(key);
  }

  #count(key: string, version: Version | undefined, sign: 1 | -1): void {
    if (!version?.value) return;
    this.live += sign;
    this.liveBytes += sign * entryBytes(key, version.at, version.value);
  }

  #weigh(versions: readonly Version[], sign: 1 | -1): void {
    for (const { value } of versions) {
      this.versions += sign;
      this.bytes += sign * (VERSION_OVERHEAD_BYTES + (value?.length ?? 0));
    }
  }
}

function keyBytes(key: string): number {
  return key.length * 2 + KEY_OVERHEAD_BYTES;
}

/** Returns true if `a` is before `b`; nothing is before undefined. */
function isBefore(a: HLCTimestamp, b: HLCTimestamp | undefined): boolean {
  return b !== undefined && compareTimestamps(a, b) < 0;
}

/**
 * Returns the number of versions of a chain that are not after `at`. Written as a loop of its own for reads of the
 * past.
 */
function until({ ms, versions }: Chain, at: HLCTimestamp): number {
  let low = 0;
  let high = ms.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const version = versions[middle];
    const order = (ms[middle] ?? 0) - at.physicalMs;
    if (order < 0 || (order === 0 && version && compareTimestamps(version.at, at) <= 0)) low = middle + 1;
    else high = middle;
  }
  return low;
}
