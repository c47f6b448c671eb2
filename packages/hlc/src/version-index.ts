import { WriteConflictError } from "./errors.ts";
import { entryBytes } from "./entry-format.ts";
import { SortedKeys } from "./sorted-keys.ts";
import { compareTimestamps, type HLCTimestamp } from "./timestamp.ts";

/** What a key held from a time on. Without a value: it was deleted. */
export interface Version {
  readonly at: HLCTimestamp;
  readonly value: Uint8Array | undefined;
}

/** What a key is taken to cost beside its characters, and a version beside its value, in bytes: estimates. */
const KEY_OVERHEAD_BYTES = 96;
const VERSION_OVERHEAD_BYTES = 128;

/** All versions of all keys, and what is counted about them. The store replaces it whole when it is restored. */
export class VersionIndex {
  readonly keys: SortedKeys = new SortedKeys();
  /** Versions of a key, oldest first; never empty. */
  readonly #chains = new Map<string, Version[]>();
  /** Keys that have something a prune could drop: an older version, or a deletion. */
  readonly #prunable = new Set<string>();
  /** Times at which snapshots are open. */
  readonly #pins: HLCTimestamp[] = [];
  /** Writes at or before it are refused: the later of the horizon and the latest pin. */
  #closed: HLCTimestamp | undefined;

  /** Reads before it are refused. */
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

  /** The newest version of a key that is not after `at`. */
  visible(key: string, at?: HLCTimestamp): Version | undefined {
    const chain = this.#chains.get(key);
    if (!chain) return undefined;
    return at === undefined ? chain.at(-1) : chain[lastNotAfter(chain, at)];
  }

  /**
   * Refuses a write that is not newer than the key's newest version, or stands in time that is closed.
   *
   * @throws {@link WriteConflictError}
   */
  check(key: string, at: HLCTimestamp): void {
    if (this.#closed && compareTimestamps(at, this.#closed) <= 0) {
      throw new WriteConflictError(key, String(at), String(this.#closed), "closed");
    }
    const newest = this.#chains.get(key)?.at(-1);
    if (newest && compareTimestamps(at, newest.at) <= 0) {
      throw new WriteConflictError(key, String(at), String(newest.at), "version");
    }
  }

  /** Writes a version that {@link VersionIndex.check} has passed. */
  append(key: string, at: HLCTimestamp, value: Uint8Array | undefined): void {
    const version = { at, value };
    const chain = this.#chains.get(key);
    const before = chain?.at(-1);
    if (chain) {
      chain.push(version);
      this.#prunable.add(key);
    } else {
      this.#chains.set(key, [version]);
      this.keys.add(key);
      this.bytes += key.length * 2 + KEY_OVERHEAD_BYTES;
    }
    this.#countLive(key, before, -1);
    this.#countLive(key, version, 1);
    this.versions += 1;
    this.bytes += VERSION_OVERHEAD_BYTES + (value?.length ?? 0);
    if (!this.newest || compareTimestamps(at, this.newest) > 0) this.newest = at;
  }

  /** Moves the horizon and drops what nobody can read any more. Answers how many versions went. */
  prune(before: HLCTimestamp): number {
    if (!this.horizon || compareTimestamps(before, this.horizon) > 0) this.horizon = before;
    this.#close();
    return this.#drop();
  }

  /** Keeps everything that is visible at `at` until it is unpinned, and closes the time up to it. */
  pin(at: HLCTimestamp): void {
    this.#pins.push(at);
    this.#close();
  }

  /** Ends one {@link VersionIndex.pin}. */
  unpin(at: HLCTimestamp): void {
    const index = this.#pins.indexOf(at);
    if (index < 0) return;
    this.#pins.splice(index, 1);
    this.#close();
    this.#drop();
  }

  #countLive(key: string, version: Version | undefined, sign: 1 | -1): void {
    if (!version?.value) return;
    this.live += sign;
    this.liveBytes += sign * entryBytes(key, version.at, version.value);
  }

  #close(): void {
    this.#closed = [...this.#pins, ...(this.horizon ? [this.horizon] : [])].reduce<HLCTimestamp | undefined>(
      (latest, at) => (latest && compareTimestamps(latest, at) >= 0 ? latest : at),
      undefined,
    );
  }

  /** Drops what is neither visible at or after the horizon, nor at a pin. */
  #drop(): number {
    if (!this.horizon) return 0;
    const bound = this.#pins.reduce((least, at) => (compareTimestamps(at, least) < 0 ? at : least), this.horizon);
    const versions = this.versions;
    for (const key of this.#prunable) this.#trim(key, bound);
    return versions - this.versions;
  }

  #trim(key: string, bound: HLCTimestamp): void {
    const chain = this.#chains.get(key);
    if (!chain) return;
    let drop = Math.max(0, lastNotAfter(chain, bound));
    const first = chain[drop];
    // A deletion with nothing before it reads as nothing at all.
    if (first && first.value === undefined && compareTimestamps(first.at, bound) <= 0) drop += 1;
    for (const version of chain.splice(0, drop)) {
      this.versions -= 1;
      this.bytes -= VERSION_OVERHEAD_BYTES + (version.value?.length ?? 0);
    }
    if (chain.length === 0) {
      this.#chains.delete(key);
      this.keys.remove(key);
      this.bytes -= key.length * 2 + KEY_OVERHEAD_BYTES;
    }
    if (chain.length === 0 || (chain.length === 1 && chain[0]?.value !== undefined)) this.#prunable.delete(key);
  }
}

/** The index of the last version that is not after `at`, or -1. */
function lastNotAfter(chain: readonly Version[], at: HLCTimestamp): number {
  let low = -1;
  let high = chain.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    const version = chain[middle];
    if (version && compareTimestamps(version.at, at) <= 0) low = middle;
    else high = middle - 1;
  }
  return low;
}
