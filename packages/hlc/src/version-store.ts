import { DigestTree, HASH_BYTES, type Hash } from "./digest-tree.ts";
import { checkKey, checkValue, encodeEntry } from "./entry-format.ts";
import { InvalidOptionError, VersionPrunedError } from "./errors.ts";
import { restoreIndex } from "./restore.ts";
import { header, StoreSnapshot } from "./snapshot.ts";
import { compareTimestamps, HLCTimestamp, type TimestampFields } from "./timestamp.ts";
import { StoreTransaction } from "./transaction.ts";
import { VersionIndex } from "./version-index.ts";

/** Length of a snapshot's chunks but the last, in bytes, unless told otherwise. */
export const SNAPSHOT_CHUNK_BYTES_DEFAULT: number = 2 ** 18;
/** Least length of a snapshot's chunks, in bytes. */
export const SNAPSHOT_CHUNK_BYTES_MIN: number = 2 ** 10;

/** How a {@link HLCVersionStore} is to work. */
export interface StoreOptions {
  /** The hash of digests: collision-resistant, 32 bytes, the same on all replicas, such as SHA-256. */
  readonly hash: Hash;
  /**
   * Length of a snapshot's chunks but the last, in bytes, at least 1,024; the same on all replicas.
   * @defaultValue 262_144
   */
  readonly chunkBytes?: number;
}

/** Which keys to read, in the order of their UTF-16 code units. */
export interface ScanRange {
  /** The least key. @defaultValue the first */
  readonly from?: string;
  /** The key to stop before. @defaultValue none: to the end */
  readonly to?: string;
  /** Greatest key first. @defaultValue false */
  readonly reverse?: boolean;
}

/** A key, its value, and when it was written. */
export interface StoreEntry {
  /** The key. */
  readonly key: string;
  /** The value. It is the store's own: never change it. */
  readonly value: Uint8Array;
  /** When it was written. */
  readonly at: HLCTimestamp;
}

/**
 * A multi-version key-value store in memory: every write makes a version with its time, and every time that is not
 * pruned can be read. Synchronous and deterministic, so that replicas which make the same writes hold the same state
 * and can prove it by one digest.
 *
 * @example
 * ```ts
 * import { createHash } from "node:crypto";
 * import { HLCVersionStore, HybridLogicalClock } from "@void-system/hlc";
 *
 * const clock = new HybridLogicalClock("node_a");
 * const store = new HLCVersionStore({ hash: (bytes) => createHash("sha256").update(bytes).digest() });
 * const text = new TextEncoder();
 *
 * const t1 = clock.now();
 * store.put("colour", text.encode("red"), t1);
 * store.put("colour", text.encode("blue"), clock.now());
 * new TextDecoder().decode(store.get("colour")); // => "blue"
 * new TextDecoder().decode(store.get("colour", t1)); // => "red"
 * ```
 */
export class HLCVersionStore {
  readonly #hash: Hash;
  readonly #chunkBytes: number;
  #index = new VersionIndex();
  /** Made by the first `digest`; from then on kept up to date with the keys that are dirty. */
  #tree: DigestTree | undefined;
  readonly #dirty = new Set<string>();

  /** @throws {@link InvalidOptionError} if an option cannot work. */
  constructor(options: StoreOptions) {
    const length = options.hash(new Uint8Array(0)).length;
    if (length !== HASH_BYTES) throw new InvalidOptionError("hash", `a hash of ${HASH_BYTES} bytes`, length);
    const chunkBytes = options.chunkBytes ?? SNAPSHOT_CHUNK_BYTES_DEFAULT;
    if (!Number.isSafeInteger(chunkBytes) || chunkBytes < SNAPSHOT_CHUNK_BYTES_MIN) {
      throw new InvalidOptionError("chunkBytes", `a whole number of at least ${SNAPSHOT_CHUNK_BYTES_MIN}`, chunkBytes);
    }
    this.#hash = options.hash;
    this.#chunkBytes = chunkBytes;
  }

  /** How many keys have a value now. */
  get size(): number {
    return this.#index.live;
  }

  /** How many versions are held, older ones and deletions included. */
  get versions(): number {
    return this.#index.versions;
  }

  /** Estimate of the memory that keys and versions take, in bytes, the digest's tree (about 100 a key) not included. */
  get bytes(): number {
    return this.#index.bytes;
  }

  /** The latest time at which anything was written. */
  get newest(): HLCTimestamp | undefined {
    return this.#index.newest;
  }

  /** The earliest time that can be read, if there is a bound: set by `prune` and `restore`. */
  get horizon(): HLCTimestamp | undefined {
    return this.#index.horizon;
  }

  /**
   * Sets a key from `at` on; the bytes are copied.
   *
   * @throws {@link WriteConflictError} if `at` is not newer than the key's newest version, than the horizon, and than
   * every open snapshot.
   * @throws {@link InvalidEntryError} if the key or the value does not fit.
   * @throws {@link InvalidTimestampError} if `at` is no timestamp.
   */
  put(key: string, value: Uint8Array, at: TimestampFields): void {
    const stamp = HLCTimestamp.from(at);
    this.#check(key, value, stamp);
    this.#write(key, value.slice(), stamp);
  }

  /**
   * Takes a key away from `at` on. False if it had no value; then nothing is written.
   *
   * @throws {@link WriteConflictError} as `put` does.
   * @throws {@link InvalidEntryError} if the key does not fit.
   * @throws {@link InvalidTimestampError} if `at` is no timestamp.
   */
  delete(key: string, at: TimestampFields): boolean {
    const stamp = HLCTimestamp.from(at);
    this.#check(key, undefined, stamp);
    return this.#write(key, undefined, stamp);
  }

  /**
   * The value of a key at a time, or now. It is the store's own: never change it.
   *
   * @throws {@link VersionPrunedError} if `at` is before the horizon.
   * @throws {@link InvalidTimestampError} if `at` is no timestamp.
   */
  get(key: string, at?: TimestampFields): Uint8Array | undefined {
    return this.#index.visible(key, this.#readable(at))?.value;
  }

  /**
   * The value of a key at a time, or now, with the time it was written.
   *
   * @throws {@link VersionPrunedError} and {@link InvalidTimestampError}, as `get` does.
   */
  getEntry(key: string, at?: TimestampFields): StoreEntry | undefined {
    const version = this.#index.visible(key, this.#readable(at));
    return version?.value && { key, value: version.value, at: version.at };
  }

  /**
   * The entries of a range at a time, or now, read one by one as they are asked for. Writes made meanwhile do not show,
   * unless they are stamped at or before that time.
   *
   * @throws {@link VersionPrunedError} if the time is before the horizon, also when a prune overtakes the reading.
   * @throws {@link InvalidTimestampError} if `at` is no timestamp.
   */
  scan(range: ScanRange = {}, at?: TimestampFields): Generator<StoreEntry, void, undefined> {
    const { newest, horizon } = this.#index;
    const latest = newest && horizon && compareTimestamps(newest, horizon) < 0 ? horizon : newest;
    return this.#scan(this.#index, range, this.#readable(at) ?? latest);
  }

  /**
   * Begins several writes that happen together at `at`.
   *
   * @throws {@link InvalidTimestampError} if `at` is no timestamp.
   * @example
   * ```ts
   * import { createHash } from "node:crypto";
   * import { HLCVersionStore } from "@void-system/hlc";
   *
   * const store = new HLCVersionStore({ hash: (bytes) => createHash("sha256").update(bytes).digest() });
   * const batch = store.begin({ physicalMs: 1000, logical: 0, nodeId: "node_a" });
   * batch.put("count", Uint8Array.of(1));
   * batch.put("count", Uint8Array.of(2)); // replaces it: one time, one version
   * batch.commit();
   * [...(store.get("count") ?? [])]; // => [2]
   * store.versions; // => 1
   * ```
   */
  begin(at: TimestampFields): StoreTransaction {
    const stamp = HLCTimestamp.from(at);
    return new StoreTransaction(stamp, {
      read: (key) => this.get(key, stamp),
      check: (key, value) => this.#check(key, value, stamp),
      write: (key, value) => this.#write(key, value, stamp),
    });
  }

  /**
   * Drops the versions that no read at `before` or later can see; reads before it are refused from then on, and writes
   * at or before it. What open snapshots need goes when they are released. Answers how many versions went now.
   *
   * @throws {@link InvalidTimestampError} if `before` is no timestamp.
   */
  prune(before: TimestampFields): number {
    return this.#index.prune(HLCTimestamp.from(before));
  }

  /**
   * The hash of the live state: every key that has a value, the value, the time it was written, and the latest time of
   * any write. Older versions are local history and do not count. Two stores with one digest hold the same state, or
   * the hash is broken. Costs as much as has changed since the last call; the first one reads everything.
   */
  digest(): Uint8Array {
    const tree = this.#tree;
    if (tree) {
      for (const key of this.#dirty) this.#enter(tree, key);
      this.#dirty.clear();
      return tree.digest(header(this.#index.newest, tree.count));
    }
    this.#tree = new DigestTree(this.#hash);
    for (const key of this.#index.keys.ascending()) this.#dirty.add(key);
    return this.digest();
  }

  /** The live state as it is now, in chunks; it stays so while the store goes on. Release it when done. */
  snapshot(): StoreSnapshot {
    return new StoreSnapshot(this.#index, this.#hash, this.#chunkBytes);
  }

  /**
   * Replaces everything by the state of a snapshot: afterwards `digest` is what it was there, and the horizon stands at
   * the snapshot's time. Chunks may be cut anywhere. What a snapshot says is checked, not where it is from: compare the
   * digest with one that you trust.
   *
   * @throws {@link InvalidSnapshotError} if the chunks are no snapshot. Then, and if the iterable throws, nothing
   * changes.
   */
  restore(chunks: Iterable<Uint8Array>): void {
    this.#index = restoreIndex(chunks);
    this.#tree = undefined;
    this.#dirty.clear();
  }

  *#scan(index: VersionIndex, range: ScanRange, at: HLCTimestamp | undefined): Generator<StoreEntry, void, undefined> {
    if (!at) return;
    const { from, to, reverse } = range;
    for (const key of reverse ? index.keys.descending(from, to) : index.keys.ascending(from, to)) {
      if (index.horizon && compareTimestamps(at, index.horizon) < 0) {
        throw new VersionPrunedError(String(at), String(index.horizon));
      }
      const version = index.visible(key, at);
      if (version?.value) yield { key, value: version.value, at: version.at };
    }
  }

  #readable(at: TimestampFields | undefined): HLCTimestamp | undefined {
    if (at === undefined) return undefined;
    const stamp = HLCTimestamp.from(at);
    const { horizon } = this.#index;
    if (horizon && compareTimestamps(stamp, horizon) < 0) throw new VersionPrunedError(String(stamp), String(horizon));
    return stamp;
  }

  #check(key: string, value: Uint8Array | undefined, at: HLCTimestamp): void {
    if (value !== undefined) checkValue(value);
    if (!this.#index.visible(key)) checkKey(key); // a key that is there has passed
    this.#index.check(key, at);
  }

  /** Writes what was checked. The bytes are the store's from here on. Deleting what is not there writes nothing. */
  #write(key: string, value: Uint8Array | undefined, at: HLCTimestamp): boolean {
    const had = this.#index.visible(key)?.value !== undefined;
    if (!had && value === undefined) return false;
    this.#index.append(key, at, value);
    if (this.#tree) this.#dirty.add(key);
    return had;
  }

  #enter(tree: DigestTree, key: string): void {
    const version = this.#index.visible(key);
    tree.set(key, version?.value && encodeEntry(key, version.at, version.value));
  }
}
