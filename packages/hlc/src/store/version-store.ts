import { InvalidOptionError, NoDigestError } from "../errors.ts";
import { checkNames, checkNumber } from "../internal/options.ts";
import { HLCTimestamp, type TimestampFields } from "../timestamp/timestamp.ts";
import { encodeKey, keyScratch } from "./internal/key-text.ts";
import { countRows, scanKeys, scanRows } from "./internal/scan.ts";
import { HASH_KEY_BYTES } from "./internal/sip-hash.ts";
import { checkValue } from "./internal/value.ts";
import { Versions } from "./internal/versions.ts";
import type { StoreSnapshot } from "./snapshot.ts";
import type { DigestedState, StateDigest } from "./state-digest.ts";
import type { StoreOptions, StoreStats } from "./store-options.ts";
import { StoreRows } from "./store-rows.ts";
import { changesOf, entriesOf, rowRange, type ScanRange, type StoreChange, type StoreEntry, textsOf } from "./text-entries.ts";
import { StoreTransaction } from "./transaction.ts";

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
  #versions: Versions;
  readonly #digest: StateDigest | undefined;
  /** Always over the same versions. */
  #state: DigestedState | undefined;
  /** The same entries by the bytes of their keys, without copies. */
  readonly rows: StoreRows = new StoreRows(() => this.#versions);

  /** @throws {@link InvalidOptionError} if an option is invalid. */
  constructor(options: StoreOptions = {}) {
    checkNames("options", options, ["digest", "maxBytes", "hashKey", "ordered"]);
    const { digest, maxBytes = Infinity, hashKey = new Uint8Array(HASH_KEY_BYTES), ordered = false } = options;
    const takesKey = options.hashKey === undefined;
    checkNumber("maxBytes", maxBytes, 0, "bytes");
    if (digest !== undefined && typeof digest?.of !== "function") {
      throw new InvalidOptionError("digest", "the result of merkleDigest(hash)", digest);
    }
    if (!(hashKey instanceof Uint8Array) || hashKey.length !== HASH_KEY_BYTES) {
      throw new InvalidOptionError("hashKey", `${HASH_KEY_BYTES} bytes`, hashKey);
    }
    if (typeof ordered !== "boolean") throw new InvalidOptionError("ordered", "true or false", ordered);
    this.#versions = new Versions({ hashKey: new Uint8Array(hashKey), takesKey, ordered, maxBytes });
    this.#digest = digest;
    this.#state = digest?.of(this.#versions);
  }

  /** Number of keys that have a value now. */
  get size(): number {
    return this.#versions.trie.entries;
  }

  /** Number of versions held, older ones and deletions included. */
  get versions(): number {
    return this.#versions.versions;
  }

  /** Estimate of the memory of all versions, in bytes. */
  get bytes(): number {
    return this.#versions.bytes;
  }

  /** The part of {@link HLCVersionStore.bytes} that is the values of now: a function of the entries alone, whatever the history. */
  get liveBytes(): number {
    return this.#versions.liveBytes;
  }

  /** Returns the counts of the store. */
  stats(): StoreStats {
    const { trie, versions, bytes, memoryBytes, horizon } = this.#versions;
    return { keys: trie.entries, liveBytes: trie.bytes, versions, bytes, memoryBytes, pins: horizon.pins };
  }

  /** Time of the latest write. */
  get newest(): HLCTimestamp | undefined {
    return this.#versions.newest;
  }

  /** Earliest time that can be read, set by `prune` and `restore`; undefined if all times can be. */
  get horizon(): HLCTimestamp | undefined {
    return this.#versions.horizon.at;
  }

  /**
   * Sets a key from `at` on. The bytes are copied.
   *
   * @throws {@link WriteConflictError} if `at` is not newer than the key's newest version, than the horizon, and than
   * every open pin.
   * @throws {@link StoreFullError} if the store has no room for it.
   * @throws {@link InvalidEntryError} if the key or the value does not fit.
   * @throws {@link InvalidTimestampError} if `at` is not a timestamp.
   */
  put(key: string, value: Uint8Array, at: TimestampFields): void {
    const stamp = HLCTimestamp.from(at);
    checkValue(value); // undefined would be written as no bytes
    this.#seek(key);
    this.#versions.check(value.length, stamp, false);
    this.#versions.put(value, 0, value.length, stamp);
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
    const had = this.#seek(key);
    this.#versions.check(undefined, stamp, false);
    if (had) this.#versions.delete(stamp);
    return had;
  }

  /**
   * Merges a write of another replica, or a deletion if `value` is undefined. Writes may arrive in any order: each
   * finds its place in the key's history, so replicas with the same writes hold the same history. Of two writes with
   * one stamp, a deletion loses and the greater bytes win. Returns false, and changes nothing, if the write is known.
   *
   * @throws {@link WriteConflictError} if `at` is not newer than the horizon and every open pin.
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
    if (value !== undefined) checkValue(value);
    this.#seek(key);
    this.#versions.check(value?.length, stamp, true);
    return this.#versions.merge(value, stamp);
  }

  /**
   * Returns a copy of the value of a key at a time, or now.
   *
   * @throws {@link VersionPrunedError} if `at` is before the horizon.
   * @throws {@link InvalidEntryError} if the key does not fit.
   * @throws {@link InvalidTimestampError} if `at` is not a timestamp.
   */
  get(key: string, at?: TimestampFields): Uint8Array | undefined {
    return this.getEntry(key, at)?.value;
  }

  /**
   * Returns a copy of the value of a key at a time, or now, with the time of its write.
   *
   * @throws {@link VersionPrunedError}, {@link InvalidEntryError} and {@link InvalidTimestampError}, as `get` does.
   */
  getEntry(key: string, at?: TimestampFields): StoreEntry | undefined {
    const stamp = this.#readable(at);
    this.#seek(key);
    const version = this.#versions.read(stamp);
    return version?.value && { key, value: version.value, at: version.at };
  }

  /**
   * Yields the entries of a range at a time, or now, each read when it is requested. Later writes do not show, unless
   * they are stamped at or before that time. A store without an order yields all entries of now, in the order of their hashes;
   * there, a key that is deleted meanwhile may be missing.
   *
   * @throws {@link UnorderedStoreError} for a range or a time, if the store was not made with `ordered`.
   * @throws {@link InvalidOptionError} for a range with other names, or bounds that are not strings.
   * @throws {@link VersionPrunedError} if the time is before the horizon, also if a prune overtakes the iteration.
   * @throws {@link InvalidEntryError} at a key that was written as other bytes than UTF-8.
   * @throws {@link InvalidTimestampError} if `at` is not a timestamp.
   */
  scan(range: ScanRange = {}, at?: TimestampFields): Generator<StoreEntry, void, undefined> {
    return entriesOf(scanRows(this.#versions, rowRange(range), this.#readable(at)));
  }

  /**
   * Yields the keys of a range at a time, or now. Of now, values are not read.
   *
   * @throws As `scan` does.
   */
  keys(range: ScanRange = {}, at?: TimestampFields): Generator<string, void, undefined> {
    return textsOf(scanKeys(this.#versions, rowRange(range), this.#readable(at)));
  }

  /**
   * Returns the number of keys of a range that have a value at a time, or now. Of now, the cost does not grow with their number
   * but with that of blocks of some hundred keys.
   *
   * @throws As `scan` does.
   */
  count(range: ScanRange = {}, at?: TimestampFields): number {
    return countRows(this.#versions, rowRange(range), this.#readable(at));
  }

  /**
   * Yields the keys that were written after one time and up to another, or now, each once, with its value then. The order is that of
   * their last changes, keys with merged writes last. The cost is proportional to the history that is held.
   *
   * @throws {@link VersionPrunedError} if a time is before the horizon, also if a prune overtakes the iteration.
   * @throws {@link InvalidTimestampError} if a time is not a timestamp.
   * @example
   * ```ts
   * import { HLCVersionStore } from "@void-system/hlc";
   *
   * const store = new HLCVersionStore();
   * const at = (physicalMs: number) => ({ physicalMs, logical: 0, nodeId: "node_a" });
   * store.put("seats", Uint8Array.of(4), at(1));
   * store.put("rows", Uint8Array.of(1), at(2));
   * store.put("seats", Uint8Array.of(3), at(3));
   * [...store.changes(at(1))].map(({ key }) => key); // => ["rows", "seats"]
   * ```
   */
  changes(after: TimestampFields, upTo?: TimestampFields): Generator<StoreChange, void, undefined> {
    const from = HLCTimestamp.from(after);
    this.#versions.horizon.checkReadable(from);
    const to = this.#readable(upTo) ?? this.#versions.latest ?? from;
    return changesOf(this.#versions.changes(from, to));
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
      check: (key, value) => {
        this.#seek(key);
        this.#versions.check(value?.length, stamp, false);
      },
      checkRoom: (writes) => {
        let bytes = 0;
        for (const [key, value] of writes) {
          if (!value) continue;
          this.#seek(key);
          bytes += this.#versions.cost(value.length, stamp);
        }
        if (bytes > 0) this.#versions.checkRoom(bytes);
      },
      write: (key, value) => {
        const had = this.#seek(key);
        if (value) this.#versions.put(value, 0, value.length, stamp);
        else if (had) this.#versions.delete(stamp);
      },
    });
  }

  /**
   * Drops the versions that no read at `before` or later can see, and returns their number. From then on, reads before
   * it and writes at or before it are refused. Versions that open pins need are dropped at their release. Where writes came in
   * another order than that of their times, some versions are dropped later: they go in the order in which they came.
   *
   * @throws {@link InvalidTimestampError} if `before` is not a timestamp.
   */
  prune(before: TimestampFields): number {
    return this.#versions.prune(HLCTimestamp.from(before));
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
    return this.#versions.pin(stamp);
  }

  /**
   * Returns the hash of the live state: every key that has a value, the value, the time of its write, and the time of
   * the latest write of all. Older versions are local history and do not count. Two stores with one digest hold the
   * same state, or the hash is broken. The cost is proportional to the changes since the last call.
   *
   * @throws {@link NoDigestError} if the store has no {@link merkleDigest}.
   */
  digest(): Uint8Array {
    return this.#digested().digest();
  }

  /**
   * Takes a snapshot of the live state, in one short step. Later writes do not change it. Its pages are hashed when they are
   * first asked for, or in steps by {@link StoreSnapshot.hashSome}. Release it when done.
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
   * Replaces the whole state by that of a snapshot, chunk by chunk in order. Afterwards `digest` returns the snapshot's digest, and
   * the horizon is the snapshot's time. The form of a snapshot is checked, not its origin: compare the digest with one you trust.
   *
   * @throws {@link InvalidSnapshotError} if the chunks are not a snapshot of this version, or have another hash key than the store was
   * given. Then, and if the iterable throws, nothing changes.
   * @throws {@link StoreFullError} if the store has no room for it; nothing changes.
   * @throws {@link NoDigestError} if the store has no {@link merkleDigest}.
   */
  restore(chunks: Iterable<Uint8Array>): void {
    this.#versions = this.#digested().restored(chunks);
    this.#state = this.#digest?.of(this.#versions);
  }

  #digested(): DigestedState {
    if (!this.#state) throw new NoDigestError();
    return this.#state;
  }

  #seek(key: string): boolean {
    return this.#versions.seek(keyScratch, 0, encodeKey(key));
  }

  #readable(at: TimestampFields | undefined): HLCTimestamp | undefined {
    if (at === undefined) return undefined;
    const stamp = HLCTimestamp.from(at);
    this.#versions.horizon.checkReadable(stamp);
    return stamp;
  }
}
