import { checkKey, checkValue, entryBytes } from "../entry-format.ts";
import { StoreFullError, VersionPrunedError, WriteConflictError } from "../../errors.ts";
import { SortedKeys } from "./sorted-keys.ts";
import { compareTimestamps, type HLCTimestamp } from "../../timestamp/timestamp.ts";

/** What a key held from a time on. Without a value: it was deleted. */
export interface Version {
  readonly at: HLCTimestamp;
  readonly value: Uint8Array | undefined;
}

/** The versions of a key, oldest first; never none. */
interface Chain {
  readonly versions: Version[];
  /** The physical part of each, side by side: a search goes through memory in one place. */
  readonly ms: number[];
}

/** What a key takes beside its characters, and a version beside its value, in bytes: as measured on Node 20. */
const KEY_OVERHEAD_BYTES = 176;
const VERSION_OVERHEAD_BYTES = 328;

/** All versions of all keys, and what is counted about them. The store replaces it whole when it is restored. */
export class VersionIndex {
  readonly keys: SortedKeys = new SortedKeys();
  readonly #chains = new Map<string, Chain>();
  /** Keys that have something a prune could drop: an older version, or a deletion. */
  readonly #prunable = new Set<string>();
  /** Times at which snapshots and pins are open. */
  readonly #pins = new Set<{ readonly at: HLCTimestamp }>();
  /** Writes at or before it are refused: the later of the horizon and the latest pin. */
  #closed: HLCTimestamp | undefined;
  /** What is visible at it or later is kept: the earlier of the horizon and the earliest pin. */
  #kept: HLCTimestamp | undefined;

  /** Reads before it are refused, but at a pin. */
  horizon: HLCTimestamp | undefined;
  /** The latest time at which anything was written. */
  newest: HLCTimestamp | undefined;
  /** Keys that have a value now. */
  live = 0;
  /** Bytes of their entries in a snapshot. */
  liveBytes = 0;
  /** Versions held, deletions among them. */
  versions = 0;
  /** Estimate of the memory they take. */
  bytes = 0;
  /** Most that `bytes` may become. */
  readonly maxBytes: number;

  constructor(maxBytes: number) {
    this.maxBytes = maxBytes;
  }

  /** Times that snapshots and pins hold open. */
  get pins(): number {
    return this.#pins.size;
  }

  /** The newest version of a key that is not after `at`. */
  visible(key: string, at?: HLCTimestamp): Version | undefined {
    const chain = this.#chains.get(key);
    return chain?.versions[(at ? until(chain, at) : chain.ms.length) - 1];
  }

  /** The time to read at to see what is there now. */
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
   * Refuses what does not fit, a write in time that is closed, and, unless it is to be merged, one that is not newer
   * than the key's newest version.
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
    // A deletion takes room as well, but without it nothing could ever be given back.
    if (value || merging) this.checkRoom(this.cost(key, value));
  }

  /** What a version of a key will add to `bytes`. */
  cost(key: string, value: Uint8Array | undefined): number {
    return VERSION_OVERHEAD_BYTES + (value?.length ?? 0) + (this.visible(key) ? 0 : keyBytes(key));
  }

  /**
   * Refuses so many more bytes, if the store would be too large with them.
   *
   * @throws {@link StoreFullError}
   */
  checkRoom(more: number): void {
    if (this.bytes + more > this.maxBytes) throw new StoreFullError(this.maxBytes, this.bytes + more);
  }

  /** Writes a version that {@link VersionIndex.check} has passed, where it belongs; in place of one with its stamp. */
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

  /** Moves the horizon and drops what nobody can read any more. Answers how many versions went. */
  prune(before: HLCTimestamp): number {
    if (!isBefore(before, this.horizon)) this.horizon = before;
    return this.#settle();
  }

  /** Closes the time up to `at`, and keeps what is visible then until the answer is called. */
  pin(at: HLCTimestamp): () => void {
    const pin = { at };
    this.#pins.add(pin);
    this.#settle();
    return () => {
      if (this.#pins.delete(pin)) this.#settle();
    };
  }

  /** Finds what is closed and what is to be kept, and drops the rest. */
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
    // A deletion with nothing before it reads as nothing at all, and nothing can come before it any more.
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

/** Whether `a` is before `b`; nothing is before no time at all. */
function isBefore(a: HLCTimestamp, b: HLCTimestamp | undefined): boolean {
  return b !== undefined && compareTimestamps(a, b) < 0;
}

/** How many versions of a chain are not after `at`. A loop of its own: reads of the past spend their time here. */
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
