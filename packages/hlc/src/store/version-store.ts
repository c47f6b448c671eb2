import { compareBytes } from "../internal/bytes.ts";
import { checkNames, checkNumber } from "../internal/options.ts";
import { checkValue } from "./entry-format.ts";
import { InvalidOptionError, NoDigestError } from "../errors.ts";
import type { StoreSnapshot } from "./snapshot.ts";
import type { DigestedState, StateDigest } from "./state-digest.ts";
import { compareTimestamps, HLCTimestamp, type TimestampFields } from "../timestamp/timestamp.ts";
import { StoreTransaction } from "./transaction.ts";
import { VersionIndex } from "./internal/version-index.ts";

/** Options of a {@link HLCVersionStore}. */
export interface StoreOptions {
  /**
   * Enables `digest`, `snapshot`, `restore` and `chunkHash`: {@link merkleDigest}, with the same hash and options on
   * all replicas. @defaultValue none: these four throw a {@link NoDigestError}
   */
  readonly digest?: StateDigest;
  /**
   * Maximum of memory for keys and versions, as estimated by {@link HLCVersionStore.bytes}. A write that needs more is
   * refused. Old versions count, and replicas need not hold the same ones. Where replicas must refuse alike, let them
   * compare `stats().liveBytes`, which is part of the state, and keep this as a last resort. @defaultValue no bound
   */
  readonly maxBytes?: number;
}

/** Counts of a store. */
export interface StoreStats {
  /** Number of keys that have a value now. */
  readonly keys: number;
  /** Bytes of their entries in a snapshot, the same on all replicas. */
  readonly liveBytes: number;
  /** Number of versions held, older ones and deletions included. */
  readonly versions: number;
  /** Estimate of the memory that keys and versions take. */
  readonly bytes: number;
  /** Estimate of the memory of the digest's tree, which comes on top; 0 before the first digest, or without one. */
  readonly digestBytes: number;
  /** Number of open snapshots and pins. Each keeps the versions visible at its time. */
  readonly pins: number;
}

/** Range of keys, in the order of their UTF-16 code units. */
export interface ScanRange {
  /** First key, included. @defaultValue the first of all */
  readonly from?: string;
  /** End of the range, excluded. @defaultValue none: to the last key */
  readonly to?: string;
  /** Greatest key first. @defaultValue false */
  readonly reverse?: boolean;
}

/** A key, its value, and the time of its write. */
export interface StoreEntry {
  /** The key. */
  readonly key: string;
  /** The value. The bytes belong to the store: never change them. */
  readonly value: Uint8Array;
  /** Time of the write. */
  readonly at: HLCTimestamp;
}

/**
 * A multi-version key-value store in memory. Every write makes a version with its time, and every time that is not
 * pruned can be read. The store is synchronous and deterministic, so replicas that make the same writes hold the same
 * state. With a {@link merkleDigest} they can prove it by one digest, and restore each other from snapshots.
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
  /** Always over the same index. */
  #state: DigestedState | undefined;

  /** @throws {@link InvalidOptionError} if an option is invalid. */
  constructor(options: StoreOptions = {}) {
    checkNames("options", options, ["digest", "maxBytes"]);
    const { digest, maxBytes = Infinity } = options;
    checkNumber("maxBytes", maxBytes, 0, "bytes");
    if (digest !== undefined && typeof digest?.of !== "function") {
      throw new InvalidOptionError("digest", "the result of merkleDigest(hash)", digest);
    }
    this.#index = new VersionIndex(maxBytes);
    this.#state = digest?.of(this.#index);
  }

  /** Number of keys that have a value now. */
  get size(): number {
    return this.#index.live;
  }

  /** Number of versions held, older ones and deletions included. */
  get versions(): number {
    return this.#index.versions;
  }

  /** Estimate of the memory of keys and versions, in bytes, without the digest's tree. */
  get bytes(): number {
    return this.#index.bytes;
  }

  /** Returns the counts of the store. */
  stats(): StoreStats {
    const { live: keys, liveBytes, versions, bytes, pins } = this.#index;
    return { keys, liveBytes, versions, bytes, digestBytes: this.#state?.bytes ?? 0, pins };
  }

  /** Time of the latest write. */
  get newest(): HLCTimestamp | undefined {
    return this.#index.newest;
  }

  /** Earliest time that can be read, set by `prune` and `restore`; undefined if all times can be. */
  get horizon(): HLCTimestamp | undefined {
    return this.#index.horizon;
  }

  /**
   * Sets a key from `at` on. The bytes are copied.
   *
   * @throws {@link WriteConflictError} if `at` is not newer than the key's newest version, than the horizon, and than
   * every open snapshot and pin.
   * @throws {@link StoreFullError} if the store has no room for it.
   * @throws {@link InvalidEntryError} if the key or the value does not fit.
   * @throws {@link InvalidTimestampError} if `at` is not a timestamp.
   */
  put(key: string, value: Uint8Array, at: TimestampFields): void {
    const stamp = HLCTimestamp.from(at);
    checkValue(value); // undefined would be written as no bytes
    this.#index.check(key, value, stamp);
    this.#write(key, new Uint8Array(value), stamp); // not value.slice(), which for a Buffer is not a copy
  }

  /**
   * Deletes a key from `at` on. Returns false, and writes nothing, if the key had no value. A full store accepts a
   * deletion too: it frees memory when the key's older versions are pruned.
   *
   * @throws {@link WriteConflictError} as `put` does.
   * @throws {@link InvalidEntryError} if the key does not fit.
   * @throws {@link InvalidTimestampError} if `at` is not a timestamp.
   */
  delete(key: string, at: TimestampFields): boolean {
    const stamp = HLCTimestamp.from(at);
    this.#index.check(key, undefined, stamp);
    const had = this.#index.visible(key)?.value !== undefined;
    this.#write(key, undefined, stamp);
    return had;
  }

  /**
   * Merges a write of another replica, or a deletion if `value` is undefined. Writes may arrive in any order: each
   * finds its place in the key's history, so replicas with the same writes hold the same history. Of two writes with
   * one stamp, a deletion loses and the greater bytes win. Returns false, and changes nothing, if the write is known.
   *
   * @throws {@link WriteConflictError} if `at` is not newer than the horizon and every open snapshot and pin.
   * @throws {@link StoreFullError} if the store has no room for it.
   * @throws {@link InvalidEntryError} if the key or the value does not fit.
   * @throws {@link InvalidTimestampError} if `at` is not a timestamp.
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
   * Returns the value of a key at a time, or now. The bytes belong to the store: never change them.
   *
   * @throws {@link VersionPrunedError} if `at` is before the horizon.
   * @throws {@link InvalidTimestampError} if `at` is not a timestamp.
   */
  get(key: string, at?: TimestampFields): Uint8Array | undefined {
    return this.#index.visible(key, this.#readable(at))?.value;
  }

  /**
   * Returns the value of a key at a time, or now, with the time of its write.
   *
   * @throws {@link VersionPrunedError} and {@link InvalidTimestampError}, as `get` does.
   */
  getEntry(key: string, at?: TimestampFields): StoreEntry | undefined {
    const version = this.#index.visible(key, this.#readable(at));
    return version?.value && { key, value: version.value, at: version.at };
  }

  /**
   * Yields the entries of a range at a time, or now, each read when it is requested. Later writes do not show, unless
   * they are stamped at or before that time.
   *
   * @throws {@link InvalidOptionError} for a range with other names, or bounds that are not strings.
   * @throws {@link VersionPrunedError} if the time is before the horizon, also if a prune overtakes the iteration.
   * @throws {@link InvalidTimestampError} if `at` is not a timestamp.
   */
  scan(range: ScanRange = {}, at?: TimestampFields): Generator<StoreEntry, void, undefined> {
    checkRange(range);
    return this.#scan(this.#index, range, this.#readable(at) ?? this.#index.latest);
  }

  /**
   * Begins a transaction of writes that all happen at `at`.
   *
   * @throws {@link InvalidTimestampError} if `at` is not a timestamp.
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
   * Drops the versions that no read at `before` or later can see, and returns their number. From then on, reads before
   * it and writes at or before it are refused. Versions that open snapshots and pins need are dropped at their release.
   *
   * @throws {@link InvalidTimestampError} if `before` is not a timestamp.
   */
  prune(before: TimestampFields): number {
    return this.#index.prune(HLCTimestamp.from(before));
  }

  /**
   * Keeps one time readable, whatever is pruned meanwhile, until the returned function is called. Until then, writes at
   * or before that time are refused and its versions are kept, so release it.
   *
   * @throws {@link VersionPrunedError} if `at` is before the horizon already.
   * @throws {@link InvalidTimestampError} if `at` is not a timestamp.
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
   * Returns the hash of the live state: every key that has a value, the value, the time of its write, and the time of
   * the latest write of all. Older versions are local history and do not count. Two stores with one digest hold the
   * same state, or the hash is broken. The cost is proportional to the changes since the last call. The first call
   * reads everything.
   *
   * @throws {@link NoDigestError} if the store has no {@link merkleDigest}.
   */
  digest(): Uint8Array {
    return this.#digested().digest();
  }

  /**
   * Takes a snapshot of the live state, in chunks. Later writes do not change it. It costs the same as `digest`, which
   * also yields the hashes of the chunks. Release it when done.
   *
   * @throws {@link NoDigestError} if the store has no {@link merkleDigest}.
   */
  snapshot(): StoreSnapshot {
    return this.#digested().snapshot();
  }

  /**
   * Computes the hash of a chunk from its bytes, for a receiver of chunks whose hashes it knows. It equals
   * {@link StoreSnapshot.chunkHash}.
   *
   * @throws {@link InvalidSnapshotError} if the bytes are not a chunk.
   * @throws {@link NoDigestError} if the store has no {@link merkleDigest}.
   */
  chunkHash(chunk: Uint8Array): Uint8Array {
    return this.#digested().chunkHash(chunk);
  }

  /**
   * Replaces the whole state by that of a snapshot. Afterwards `digest` returns the snapshot's digest, and the horizon
   * is the snapshot's time. Chunks may be cut anywhere. The form of a snapshot is checked, not its origin: compare the
   * digest with one you trust.
   *
   * @throws {@link InvalidSnapshotError} if the chunks are not a snapshot. Then, and if the iterable throws, nothing
   * changes.
   * @throws {@link StoreFullError} if the store has no room for it; nothing changes.
   * @throws {@link NoDigestError} if the store has no {@link merkleDigest}.
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

  /** Performs a checked write, and takes ownership of the bytes. Deleting a key that has no value writes nothing. */
  #write(key: string, value: Uint8Array | undefined, at: HLCTimestamp, merging?: boolean): void {
    if (!value && !merging && !this.#index.visible(key)?.value) return;
    this.#index.write(key, at, value);
    this.#state?.written(key);
  }
}

function checkRange(range: ScanRange): void {
  checkNames("range", range, ["from", "to", "reverse"]);
  for (const name of ["from", "to"] as const) {
    const bound = range[name];
    if (bound !== undefined && typeof bound !== "string") throw new InvalidOptionError(name, "a string", bound);
  }
}
