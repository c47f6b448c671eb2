import { compareBytes } from "./bytes.ts";
import { DigestTree, HASH_BYTES, type Hash, TREE_BYTES_PER_KEY } from "./digest-tree.ts";
import { encodeEntry } from "./entry-format.ts";
import { InvalidOptionError } from "./errors.ts";
import { chunkHash, restoreState } from "./restore.ts";
import { header, StoreSnapshot } from "./snapshot.ts";
import { compareTimestamps, HLCTimestamp, type TimestampFields } from "./timestamp.ts";
import { StoreTransaction } from "./transaction.ts";
import { VersionIndex } from "./version-index.ts";

/** Most bytes of a snapshot's chunk, unless told otherwise. */
export const SNAPSHOT_CHUNK_BYTES_DEFAULT: number = 2 ** 18;
/** Least bound on a snapshot's chunks, in bytes. */
export const SNAPSHOT_CHUNK_BYTES_MIN: number = 2 ** 10;

/** Keys that may wait to be entered into the tree: beyond it, each write enters two of them. */
const DIRTY_MAX = 1_024;

/** How a {@link HLCVersionStore} is to work. */
export interface StoreOptions {
  /** The hash of digests: collision-resistant, 32 bytes, the same on all replicas, such as SHA-256. */
  readonly hash: Hash;
  /**
   * Most bytes of a snapshot's chunk, at least 1,024, the same on all replicas; an entry that is larger is a chunk of its
   * own. Most chunks have less, down to a sixteenth.
   * @defaultValue 262_144
   */
  readonly chunkBytes?: number;
  /**
   * Most memory that keys and versions may take, as {@link HLCVersionStore.bytes} estimates it: a write that needs more is
   * refused. It counts old versions, which replicas need not have alike: where replicas must refuse alike, keep this as a
   * last resort and let them compare `stats().liveBytes`, which is part of the state. @defaultValue no bound
   */
  readonly maxBytes?: number;
}

/** What a store holds. */
export interface StoreStats {
  /** Keys that have a value now. */
  readonly keys: number;
  /** Bytes of their entries in a snapshot: the same on all replicas. */
  readonly liveBytes: number;
  /** Versions held, older ones and deletions included. */
  readonly versions: number;
  /** Estimate of the memory that keys and versions take. */
  readonly bytes: number;
  /** Estimate of the memory that the digest's tree takes besides; none before the first digest. */
  readonly digestBytes: number;
  /** Snapshots and pins that are open: each keeps what is visible at its time. */
  readonly pins: number;
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
  readonly #maxBytes: number;
  #index: VersionIndex;
  /** Made by the first `digest`; from then on kept up to date with the keys that are dirty. */
  #tree: DigestTree | undefined;
  readonly #dirty = new Set<string>();

  /** @throws {@link InvalidOptionError} if an option cannot work. */
  constructor(options: StoreOptions) {
    const { hash, chunkBytes = SNAPSHOT_CHUNK_BYTES_DEFAULT, maxBytes = Infinity } = options;
    const { length } = hash(new Uint8Array(0));
    if (length !== HASH_BYTES) throw new InvalidOptionError("hash", `${HASH_BYTES} bytes long`, length);
    if (!Number.isSafeInteger(chunkBytes) || chunkBytes < SNAPSHOT_CHUNK_BYTES_MIN) {
      throw new InvalidOptionError("chunkBytes", `at least ${SNAPSHOT_CHUNK_BYTES_MIN}`, chunkBytes);
    }
    if (!(maxBytes >= 0)) throw new InvalidOptionError("maxBytes", "bytes >= 0", maxBytes);
    this.#hash = hash;
    this.#chunkBytes = chunkBytes;
    this.#maxBytes = maxBytes;
    this.#index = new VersionIndex(maxBytes);
  }

  /** How many keys have a value now. */
  get size(): number {
    return this.#index.live;
  }

  /** How many versions are held, older ones and deletions included. */
  get versions(): number {
    return this.#index.versions;
  }

  /** Estimate of the memory that keys and versions take, in bytes, without the digest's tree. */
  get bytes(): number {
    return this.#index.bytes;
  }

  /** What the store holds now. */
  stats(): StoreStats {
    const { live: keys, liveBytes, versions, bytes, pins } = this.#index;
    const digestBytes = (this.#tree?.count ?? 0) * TREE_BYTES_PER_KEY;
    return { keys, liveBytes, versions, bytes, digestBytes, pins };
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
   * @throws {@link StoreFullError} if the store has no room for it.
   * @throws {@link InvalidEntryError} if the key or the value does not fit.
   * @throws {@link InvalidTimestampError} if `at` is no timestamp.
   */
  put(key: string, value: Uint8Array, at: TimestampFields): void {
    const stamp = HLCTimestamp.from(at);
    this.#index.check(key, value, stamp);
    this.#write(key, value.slice(), stamp);
  }

  /**
   * Takes a key away from `at` on. False if it had no value; then nothing is written. A full store takes it as well: its
   * room is given back when the key's older versions are pruned.
   *
   * @throws {@link WriteConflictError} as `put` does.
   * @throws {@link InvalidEntryError} if the key does not fit.
   * @throws {@link InvalidTimestampError} if `at` is no timestamp.
   */
  delete(key: string, at: TimestampFields): boolean {
    const stamp = HLCTimestamp.from(at);
    this.#index.check(key, undefined, stamp);
    const had = this.#index.visible(key)?.value !== undefined;
    this.#write(key, undefined, stamp);
    return had;
  }

  /**
   * Takes in a write of another replica, or a deletion if it has no value, in whatever order writes arrive: each finds
   * its place in the key's history, so replicas with the same writes hold the same. Of two writes with one stamp, a
   * deletion loses and the greater bytes win. False if it was known, and nothing changed.
   *
   * @throws {@link WriteConflictError} if `at` is not newer than the horizon and every open snapshot and pin.
   * @throws {@link StoreFullError} if the store has no room for it.
   * @throws {@link InvalidEntryError} if the key or the value does not fit.
   * @throws {@link InvalidTimestampError} if `at` is no timestamp.
   * @example
   * ```ts
   * import { createHash } from "node:crypto";
   * import { HLCVersionStore } from "@void-system/hlc";
   *
   * const store = new HLCVersionStore({ hash: (bytes) => createHash("sha256").update(bytes).digest() });
   * const at = (physicalMs: number) => ({ physicalMs, logical: 0, nodeId: "node_b" });
   * store.merge("seats", undefined, at(3)); // => true
   * store.merge("seats", Uint8Array.of(4), at(2)); // => true
   * store.merge("seats", Uint8Array.of(4), at(2)); // => false
   * [store.get("seats"), store.get("seats", at(2))]; // => [undefined, Uint8Array.of(4)]
   * ```
   */
  merge(key: string, value: Uint8Array | undefined, at: TimestampFields): boolean {
    const stamp = HLCTimestamp.from(at);
    this.#index.check(key, value, stamp, true);
    const known = this.#index.visible(key, stamp);
    if (known && compareTimestamps(known.at, stamp) === 0) {
      if (!value || (known.value && compareBytes(value, known.value) <= 0)) return false;
    }
    this.#write(key, value?.slice(), stamp, true);
    return true;
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
    return this.#scan(this.#index, range, this.#readable(at) ?? this.#index.latest);
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
      check: (key, value) => this.#index.check(key, value, stamp),
      checkRoom: (writes) => {
        let bytes = 0;
        for (const [key, value] of writes) if (value) bytes += this.#index.cost(key, value);
        if (bytes > 0) this.#index.checkRoom(bytes);
      },
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
   * Keeps one time readable, whatever is pruned meanwhile, until the answer is called. While it is open, writes at or
   * before that time are refused, and what only it can see is kept; so release it.
   *
   * @throws {@link VersionPrunedError} if `at` is before the horizon already.
   * @throws {@link InvalidTimestampError} if `at` is no timestamp.
   * @example
   * ```ts
   * import { createHash } from "node:crypto";
   * import { HLCVersionStore } from "@void-system/hlc";
   *
   * const store = new HLCVersionStore({ hash: (bytes) => createHash("sha256").update(bytes).digest() });
   * const at = (physicalMs: number) => ({ physicalMs, logical: 0, nodeId: "node_a" });
   * store.put("seats", Uint8Array.of(4), at(1));
   * store.put("seats", Uint8Array.of(3), at(2));
   * const release = store.pin(at(1));
   * store.prune(at(2));
   * store.get("seats", at(1)); // => Uint8Array.of(4)
   * release();
   * store.versions; // => 1
   * ```
   */
  pin(at: TimestampFields): () => void {
    const stamp = HLCTimestamp.from(at);
    this.#readable(stamp);
    return this.#index.pin(stamp);
  }

  /**
   * The hash of the live state: every key that has a value, the value, the time it was written, and the latest time of
   * any write. Older versions are local history and do not count. Two stores with one digest hold the same state, or
   * the hash is broken. Costs as much as has changed since the last call; the first one reads everything.
   */
  digest(): Uint8Array {
    const tree = this.#settled();
    return tree.digest(header(this.#index.newest, tree.count));
  }

  /**
   * The live state as it is now, in chunks; it stays so while the store goes on. It costs what `digest` costs, and the
   * hashes of its chunks are known with that. Release it when done.
   */
  snapshot(): StoreSnapshot {
    return new StoreSnapshot(this.#index, this.#settled(), this.#chunkBytes);
  }

  /**
   * The hash that {@link StoreSnapshot.chunkHash} gives for a chunk, found from the chunk itself: for one who has received
   * chunks, and knows their hashes.
   *
   * @throws {@link InvalidSnapshotError} if it is no chunk.
   */
  chunkHash(chunk: Uint8Array): Uint8Array {
    return chunkHash(chunk, this.#hash);
  }

  /**
   * Replaces everything by the state of a snapshot: afterwards `digest` is what it was there, and the horizon stands at
   * the snapshot's time. Chunks may be cut anywhere. What a snapshot says is checked, not where it is from: compare the
   * digest with one that you trust.
   *
   * @throws {@link InvalidSnapshotError} if the chunks are no snapshot. Then, and if the iterable throws, nothing
   * changes.
   * @throws {@link StoreFullError} if the store has no room for it; nothing changes.
   */
  restore(chunks: Iterable<Uint8Array>): void {
    const { index, tree } = restoreState(chunks, this.#hash, this.#maxBytes);
    this.#index = index;
    this.#tree = tree;
    this.#dirty.clear();
  }

  *#scan(index: VersionIndex, range: ScanRange, at: HLCTimestamp | undefined): Generator<StoreEntry, void, undefined> {
    if (!at) return;
    const { from, to, reverse } = range;
    for (const key of index.keys.range(from, to, reverse)) {
      index.checkReadable(at);
      const version = index.visible(key, at);
      if (version?.value) yield { key, value: version.value, at: version.at };
    }
  }

  #readable(at: TimestampFields | undefined): HLCTimestamp | undefined {
    if (at === undefined) return undefined;
    const stamp = HLCTimestamp.from(at);
    this.#index.checkReadable(stamp);
    return stamp;
  }

  /** Writes what was checked. The bytes are the store's from here on. Deleting what is not there writes nothing. */
  #write(key: string, value: Uint8Array | undefined, at: HLCTimestamp, merging?: boolean): void {
    if (!value && !merging && !this.#index.visible(key)?.value) return;
    this.#index.write(key, at, value);
    if (!this.#tree) return;
    this.#dirty.add(key);
    // So that no digest has much to do at once, however much was written since the last.
    if (this.#dirty.size > DIRTY_MAX) this.#settle(this.#tree, 2);
  }

  /** The tree, with every write entered. */
  #settled(): DigestTree {
    let tree = this.#tree;
    if (!tree) {
      tree = this.#tree = new DigestTree(this.#hash);
      for (const key of this.#index.keys.range()) this.#dirty.add(key);
    }
    this.#settle(tree, Infinity);
    return tree;
  }

  /** Enters so many of the keys that wait, those first that have waited longest. */
  #settle(tree: DigestTree, count: number): void {
    for (const key of this.#dirty) {
      if (count-- <= 0) return;
      this.#dirty.delete(key);
      const version = this.#index.visible(key);
      tree.set(key, version?.value && encodeEntry(key, version.at, version.value));
    }
  }
}
