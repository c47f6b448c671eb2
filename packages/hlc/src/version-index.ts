import { entryBytes } from "./entry-format.ts";
import { WriteConflictError } from "./errors.ts";
import { count, SortedKeys } from "./sorted-keys.ts";
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
  /** Times at which snapshots and pins are open. */
  readonly #pins = new Set<{ readonly at: HLCTimestamp }>();
  /** Writes at or before it are refused: the later of the horizon and the latest pin. */
  #closed: HLCTimestamp | undefined;

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

  /** The newest version of a key that is not after `at`. */
  visible(key: string, at?: HLCTimestamp): Version | undefined {
    const chain = this.#chains.get(key);
    return chain?.[(at ? until(chain, at) : chain.length) - 1];
  }

  /** Whether what is visible at `at` is sure to be held. */
  readable(at: HLCTimestamp): boolean {
    return !isBefore(at, this.horizon) || [...this.#pins].some((pin) => compareTimestamps(pin.at, at) === 0);
  }

  /**
   * Refuses a write in time that is closed and, unless it is to be merged, one not newer than the key's newest version.
   *
   * @throws {@link WriteConflictError}
   */
  check(key: string, at: HLCTimestamp, merging?: boolean): void {
    const closed = this.#closed;
    if (closed && !isBefore(closed, at)) throw new WriteConflictError(key, String(at), String(closed), "closed");
    const newest = merging ? undefined : this.visible(key)?.at;
    if (newest && !isBefore(newest, at)) throw new WriteConflictError(key, String(at), String(newest), "version");
  }

  /** Writes a version that {@link VersionIndex.check} has passed, where it belongs; in place of one with its stamp. */
  write(key: string, at: HLCTimestamp, value: Uint8Array | undefined): void {
    let chain = this.#chains.get(key);
    if (!chain) {
      this.#chains.set(key, (chain = []));
      this.keys.add(key);
      this.bytes += key.length * 2 + KEY_OVERHEAD_BYTES;
    }
    const before = chain.at(-1);
    const index = until(chain, at);
    const same = chain[index - 1];
    const replaced = same && compareTimestamps(same.at, at) === 0 ? 1 : 0;
    this.#count(key, before, -1);
    for (const old of chain.splice(index - replaced, replaced, { at, value })) this.#weigh(old.value, -1);
    this.#weigh(value, 1);
    this.#count(key, chain.at(-1), 1);
    if (chain.length > 1 || value === undefined) this.#prunable.add(key);
    if (!this.newest || isBefore(this.newest, at)) this.newest = at;
  }

  /** Moves the horizon and drops what nobody can read any more. Answers how many versions went. */
  prune(before: HLCTimestamp): number {
    if (!isBefore(before, this.horizon)) this.horizon = before;
    this.#close();
    return this.#drop();
  }

  /** Closes the time up to `at`, and keeps what is visible then until the answer is called. */
  pin(at: HLCTimestamp): () => void {
    const pin = { at };
    this.#pins.add(pin);
    this.#close();
    return () => {
      if (!this.#pins.delete(pin)) return;
      this.#close();
      if (isBefore(at, this.horizon)) this.#drop();
    };
  }

  #close(): void {
    this.#closed = this.horizon;
    for (const { at } of this.#pins) if (!isBefore(at, this.#closed)) this.#closed = at;
  }

  /** Drops what is visible neither at the horizon or later, nor at a pin. */
  #drop(): number {
    const { horizon, versions } = this;
    if (!horizon) return 0;
    const times = [...this.#pins].map((pin) => pin.at).filter((at) => isBefore(at, horizon));
    for (const key of this.#prunable) this.#trim(key, horizon, times);
    return versions - this.versions;
  }

  #trim(key: string, horizon: HLCTimestamp, pins: readonly HLCTimestamp[]): void {
    const chain = this.#chains.get(key) ?? [];
    const from = until(chain, horizon) - 1;
    if (from < 1 && chain[0]?.value) return;
    const seen = pins.map((at) => until(chain, at) - 1);
    let nothing = true;
    const kept = chain.filter(({ value }, index) => {
      // A deletion with nothing before it reads as nothing at all, and nothing can come before it any more.
      const needed = index > from || ((index === from || seen.includes(index)) && !(nothing && value === undefined));
      if (needed) nothing = false;
      else this.#weigh(value, -1);
      return needed;
    });
    this.#chains.set(key, kept);
    if (kept.length === 0) {
      this.#chains.delete(key);
      this.keys.remove(key);
      this.bytes -= key.length * 2 + KEY_OVERHEAD_BYTES;
    }
    if (kept.length < 2 && !kept.some(({ value }) => value === undefined)) this.#prunable.delete(key);
  }

  #count(key: string, version: Version | undefined, sign: 1 | -1): void {
    if (!version?.value) return;
    this.live += sign;
    this.liveBytes += sign * entryBytes(key, version.at, version.value);
  }

  #weigh(value: Uint8Array | undefined, sign: 1 | -1): void {
    this.versions += sign;
    this.bytes += sign * (VERSION_OVERHEAD_BYTES + (value?.length ?? 0));
  }
}

/** Whether `a` is before `b`; nothing is before no time at all. */
function isBefore(a: HLCTimestamp, b: HLCTimestamp | undefined): boolean {
  return b !== undefined && compareTimestamps(a, b) < 0;
}

/** How many versions of a chain are not after `at`. */
function until(chain: readonly Version[], at: HLCTimestamp): number {
  return count(chain.length, (index) => {
    const version = chain[index];
    return version !== undefined && !isBefore(at, version.at);
  });
}
