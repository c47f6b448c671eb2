import { compareBytes } from "../internal/bytes.ts";
import { InvalidOptionError, NoDigestError } from "../errors.ts";
import type { StoreSnapshot } from "./snapshot.ts";
import type { DigestedState, StateDigest } from "./state-digest.ts";
import { compareTimestamps, HLCTimestamp, type TimestampFields } from "../timestamp/timestamp.ts";
import { StoreTransaction } from "./transaction.ts";
import { VersionIndex } from "./internal/version-index.ts";

/** How a {@link HLCVersionStore} is to work. */
export interface StoreOptions {
  /**
   * What `digest`, `snapshot`, `restore` and `chunkHash` need: {@link merkleDigest}, with the same hash and options on all
   * replicas. @defaultValue none: these four throw a {@link NoDigestError}
   */
  readonly digest?: StateDigest;
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
  /** Estimate of the memory that the digest's tree takes besides; none before the first digest, or without one. */
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
 * pruned can be read. Synchronous and deterministic, so that replicas which make the same writes hold the same state;
 * given a {@link merkleDigest}, they can prove it by one digest, and restore each other from snapshots.
 *
 * @example
 * ```ts
 * import { HLCVersionStore, HybridLogicalClock } from "@void-system/hlc";
 *
 * const clock = new HybridLogicalClock("node_a");
 * const store = new HLCVersionStore();
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
  #index: VersionIndex;
  /** Over the same index, always. */
  #state: DigestedState | undefined;

  /** @throws {@link InvalidOptionError} if an option cannot work. */
  constructor(options: StoreOptions = {}) {
    const { digest, maxBytes = Infinity } = options;
    if (!(maxBytes >= 0)) throw new InvalidOptionError("maxBytes", "bytes >= 0", maxBytes);
    if (digest !== undefined && typeof digest.of !== "function") {
      throw new InvalidOptionError("digest", "what merkleDigest(hash) makes", digest);
    }
    this.#index = new VersionIndex(maxBytes);
    this.#state = digest?.of(this.#index);
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
    return { keys, liveBytes, versions, bytes, digestBytes: this.#state?.bytes ?? 0, pins };
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
    this.#write(key, new Uint8Array(value), stamp); // not its slice, which is no copy if it is a Buffer
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
   * import { HLCVersionStore } from "@void-system/hlc";
   *
   * const store = new HLCVersionStore();
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
    this.#write(key, value && new Uint8Array(value), stamp, true);
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
   * import { HLCVersionStore } from "@void-system/hlc";
   *
   * const store = new HLCVersionStore();
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
   * import { HLCVersionStore } from "@void-system/hlc";
   *
   * const store = new HLCVersionStore();
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
   *
   * @throws {@link NoDigestError} if the store was given no {@link merkleDigest}.
   */
  digest(): Uint8Array {
    return this.#digested().digest();
  }

  /**
   * The live state as it is now, in chunks; it stays so while the store goes on. It costs what `digest` costs, and the
   * hashes of its chunks are known with that. Release it when done.
   *
   * @throws {@link NoDigestError} if the store was given no {@link merkleDigest}.
   */
  snapshot(): StoreSnapshot {
    return this.#digested().snapshot();
  }

  /**
   * The hash that {@link StoreSnapshot.chunkHash} gives for a chunk, found from the chunk itself: for one who has received
   * chunks, and knows their hashes.
   *
   * @throws {@link InvalidSnapshotError} if it is no chunk.
   * @throws {@link NoDigestError} if the store was given no {@link merkleDigest}.
   */
  chunkHash(chunk: Uint8Array): Uint8Array {
    return this.#digested().chunkHash(chunk);
  }

  /**
   * Replaces everything by the state of a snapshot: afterwards `digest` is what it was there, and the horizon stands at
   * the snapshot's time. Chunks may be cut anywhere. What a snapshot says is checked, not where it is from: compare the
   * digest with one that you trust.
   *
   * @throws {@link InvalidSnapshotError} if the chunks are no snapshot. Then, and if the iterable throws, nothing
   * changes.
   * @throws {@link StoreFullError} if the store has no room for it; nothing changes.
   * @throws {@link NoDigestError} if the store was given no {@link merkleDigest}.
   */
  restore(chunks: Iterable<Uint8Array>): void {
    const index = new VersionIndex(this.#index.maxBytes);
    this.#state = this.#digested().restored(chunks, index);
    this.#index = index;
  }

  #digested(): DigestedState {
    if (!this.#state) throw new NoDigestError();
    return this.#state;
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
    this.#state?.written(key);
  }
}
