import { compareBytes } from "../../internal/bytes.ts";
import { StoreFullError, WriteConflictError } from "../../errors.ts";
import { compareTimestamps, HLCTimestamp, type TimestampFields } from "../../timestamp/timestamp.ts";
import { DELETED, HELD, HistoryLog, type KeyBytes, MOVED } from "./history-log.ts";
import { Horizon, isBefore } from "./horizon.ts";
import { KeyOrder } from "./key-order.ts";
import { bytesOfName, nameOf, textOf } from "./key-text.ts";
import { PageTrie } from "./page-trie.ts";
import { compareStamp, copyRange, keyLength, readStamp, RECORD_HEAD_BYTES, recordLength, STAMP_AT, valueAt, writeHead } from "./record.ts";
import { type KeyVersion, SideHistory, type Version, versionsUntil } from "./side-history.ts";
import { type PathHash, secondKey, SipHash } from "./sip-hash.ts";

/** Memory of a version besides its record, in bytes: its share of tables, blocks and the log. */
const VERSION_OVERHEAD_BYTES = 48;
const NO_BYTES = /* @__PURE__ */ new Uint8Array(0);

/** Parts of a store of versions. */
export interface VersionsOptions {
  readonly hashKey: Uint8Array;
  /** True if a snapshot may have another key. */
  readonly takesKey: boolean;
  readonly ordered: boolean;
  readonly maxBytes: number;
  /** Makes the hash of keys, for tests of keys that collide. @defaultValue SipHash */
  readonly pathHash?: (hashKey: Uint8Array) => PathHash;
}

/**
 * All versions of all keys: the live ones in pages, the past in an undo log, the few that were merged into the past beside it.
 * Every operation on a key begins with `seek`, which the others depend on. A restore replaces the whole.
 */
export class Versions {
  readonly trie: PageTrie;
  readonly log: HistoryLog = new HistoryLog();
  /** Present if the store is ordered. */
  readonly order: KeyOrder | undefined;
  readonly options: VersionsOptions;
  /** Times that are closed, and those that are kept. */
  readonly horizon: Horizon = new Horizon();
  readonly #side = new SideHistory();
  readonly #key: KeyBytes = { bytes: NO_BYTES, start: 0, end: 0, high: 0, low: 0 };
  /** Time of the latest write; without a node's name if there was none. */
  readonly #newest = { physicalMs: 0, logical: 0, nodeId: "" };

  /** Number of versions held, deletions included. */
  versions = 0;
  /** Estimate of their memory: the same for the same versions, whatever came between. */
  bytes = 0;

  constructor(options: VersionsOptions) {
    const { hashKey, pathHash = (key) => new SipHash(key) } = options;
    this.options = options;
    this.trie = new PageTrie(pathHash(hashKey), pathHash(secondKey(hashKey)));
    this.order = options.ordered ? new KeyOrder() : undefined;
  }

  /** Time of the latest write. */
  get newest(): HLCTimestamp | undefined {
    return this.#newest.nodeId === "" ? undefined : HLCTimestamp.from(this.#newest);
  }

  /** The part of `bytes` that is the values of now. */
  get liveBytes(): number {
    return this.trie.bytes + this.trie.entries * VERSION_OVERHEAD_BYTES;
  }

  /** True if nothing was written after a time. */
  isNewest(at: TimestampFields): boolean {
    return compareTimestamps(this.#newest, at) <= 0;
  }

  /** Memory of all tables, blocks and the log, in bytes. */
  get memoryBytes(): number {
    const { trie, log, order } = this;
    return trie.slabs.size + trie.pages.bytes + trie.groups.bytes + log.size + (order?.bytes ?? 0);
  }

  /** Time at which a read sees the current state. */
  get latest(): HLCTimestamp | undefined {
    const { newest, horizon } = this;
    return newest && isBefore(newest, horizon.at) ? horizon.at : newest;
  }

  /** Puts the cursor on a key. Returns true if it has a value now. */
  seek(bytes: Uint8Array, start: number, end: number): boolean {
    const found = this.trie.locate(bytes, start, end);
    const key = this.#key;
    key.bytes = bytes;
    key.start = start;
    key.end = end;
    key.high = this.trie.high;
    key.low = this.trie.low;
    return found;
  }

  /**
   * Refuses a write in closed time and, unless merging, one not newer than the key's newest version; and a value of so many
   * bytes for which there is no room.
   *
   * @throws {@link WriteConflictError} and {@link StoreFullError}
   */
  check(valueBytes: number | undefined, at: TimestampFields, merging: boolean): void {
    const { closed } = this.horizon;
    if (closed && compareTimestamps(closed, at) >= 0) this.#refuse(at, closed);
    // A time after every version is after those of the key.
    if (!merging && !isBefore(this.#newest, at)) {
      const newest = this.#newestOfKey();
      if (newest && !isBefore(newest, at)) this.#refuse(at, newest);
    }
    // A deletion takes memory too, but refusing it would leave no way to free any.
    if (valueBytes !== undefined || merging) this.checkRoom(this.cost(valueBytes, at));
  }

  /** Returns the bytes that a version of the cursor's key will add to `bytes`. */
  cost(valueBytes: number | undefined, at: TimestampFields): number {
    return costOf(this.#recordBytes(valueBytes ?? 0, at));
  }

  /** Returns the bytes by which a value of the cursor's key will make `liveBytes` grow; below 0 if that shrinks. */
  growth(valueBytes: number, at: TimestampFields): number {
    return this.cost(valueBytes, at) - (this.trie.found ? costOf(this.trie.length) : 0);
  }

  /**
   * Refuses a write of `more` bytes if it would take the store over its maximum.
   *
   * @throws {@link StoreFullError}
   */
  checkRoom(more: number): void {
    const { maxBytes } = this.options;
    if (this.bytes + more > maxBytes) throw new StoreFullError(maxBytes, this.bytes + more);
  }

  /** Sets the cursor's key to `value[start..end)`. The write was checked, and is newer than the key's newest version. */
  put(value: Uint8Array, start: number, end: number, at: TimestampFields): void {
    this.#remember(at, false);
    this.#place(value, start, end, at);
    this.#written(at);
  }

  /** Deletes the cursor's key, which has a value. The write was checked, and is newer than the key's newest version. */
  delete(at: TimestampFields): void {
    this.#remember(at, true);
    this.#displace();
    this.#count(this.#recordBytes(0, at), 1);
    this.#written(at);
  }

  /** Merges a write that was checked at its place. Returns false if it is known. */
  merge(value: Uint8Array | undefined, at: TimestampFields): boolean {
    const newest = this.#newestOfKey();
    const isNewest = !newest || isBefore(newest, at);
    if (isNewest && value) {
      this.put(value, 0, value.length, at);
      return true;
    }
    if (isNewest && this.trie.found) {
      this.delete(at);
      return true;
    }
    return this.#mergeIntoPast(value, HLCTimestamp.from(at));
  }

  /** Returns the cursor's value at a time, or now, copied. */
  read(at: TimestampFields | undefined): Version | undefined {
    const { trie } = this;
    if (trie.found && (!at || compareStamp(trie.view, trie.at + STAMP_AT, at) <= 0)) return versionAt(trie.view, trie.memory, trie.at);
    if (!at) return undefined;
    const side = this.#sideOf();
    if (side) {
      const version = side[versionsUntil(side, at) - 1];
      return version?.value && { at: version.at, value: version.value.slice() };
    }
    const { log } = this;
    // The oldest entry that had not ended holds the answer.
    let answer = 0;
    for (let entry = log.newest(this.#key); entry !== 0 && log.compareUntil(entry, at) > 0; entry = log.before(this.#key, entry)) answer = entry;
    if (answer === 0 || (log.flags(answer) & HELD) === 0) return undefined;
    const record = log.recordAt(answer);
    if (compareStamp(log.view(answer), record + STAMP_AT, at) > 0) return undefined;
    return versionAt(log.view(answer), log.memory(answer), record);
  }

  /** Moves the horizon and drops the versions that no read can see. Returns the number of versions dropped. */
  prune(before: HLCTimestamp): number {
    const { versions } = this;
    this.horizon.raise(before);
    this.#trim();
    return versions - this.versions;
  }

  /** Closes the time up to `at`, and keeps the versions visible then until the returned function is called. */
  pin(at: HLCTimestamp): () => void {
    const unpin = this.horizon.pin(at);
    return () => {
      unpin();
      this.#trim();
    };
  }

  /**
   * Yields the keys whose versions changed after one time and up to another, each once, in the order of their last change in
   * the log; keys with a merged past come last.
   */
  *changes(after: TimestampFields, upTo: TimestampFields): Generator<KeyVersion, void, undefined> {
    const { log } = this;
    for (let position = log.tail; position < log.head; position = position < log.tail ? log.tail : log.next(position)) {
      this.horizon.checkReadable(after);
      if ((log.flags(position) & MOVED) !== 0 || log.compareUntil(position, after) <= 0 || log.compareUntil(position, upTo) > 0) continue;
      const key = log.keyOf(position);
      this.seek(key, 0, key.length);
      let last = log.newest(this.#key);
      while (last > position && log.compareUntil(last, upTo) > 0) last = log.before(this.#key, last);
      if (last === position) yield { key, at: readStamp(log.view(position), log.untilAt(position)), value: this.read(upTo)?.value };
    }
    for (const [name, versions] of this.#side.entries()) {
      this.horizon.checkReadable(after);
      const key = bytesOfName(name);
      const live = this.seek(key, 0, key.length) ? this.read(undefined) : undefined;
      const all = live ? [...versions, live] : versions;
      const last = all[versionsUntil(all, upTo) - 1];
      if (last && compareTimestamps(last.at, after) > 0) yield { key, at: last.at, value: last.value?.slice() };
    }
  }

  /** Enters the entries of a trie that was filled from a snapshot, and the time of its latest write. */
  adopt(newest: HLCTimestamp | undefined): void {
    this.versions = this.trie.entries;
    this.bytes = this.liveBytes;
    if (newest) {
      this.#written(newest);
      this.prune(newest);
    }
  }

  /** Time of the key's newest version, deletions included. */
  #newestOfKey(): HLCTimestamp | undefined {
    const { trie, log } = this;
    if (trie.found) return readStamp(trie.view, trie.at + STAMP_AT);
    const side = this.#sideOf();
    if (side) return side.at(-1)?.at;
    const entry = log.newest(this.#key);
    return entry === 0 ? undefined : readStamp(log.view(entry), log.untilAt(entry));
  }

  #sideOf(): Version[] | undefined {
    return this.#side.size === 0 ? undefined : this.#side.get(nameOf(this.#key.bytes, this.#key.start, this.#key.end));
  }

  /** Moves the state of the cursor's key into its past, before it changes at a time. */
  #remember(at: TimestampFields, isDeletion: boolean): void {
    const { trie, log } = this;
    const side = this.#sideOf();
    if (side) {
      if (trie.found) side.push(versionAt(trie.view, trie.memory, trie.at));
      if (isDeletion) side.push({ at: HLCTimestamp.from(at), value: undefined });
    } else if (trie.found) log.append(this.#key, at, HELD | (isDeletion ? DELETED : 0), trie.memory, trie.at, trie.length);
    else log.appendAbsent(this.#key, at);
  }

  /** Writes the live version of the cursor's key. */
  #place(value: Uint8Array, start: number, end: number, at: TimestampFields): void {
    const { trie } = this;
    const key = this.#key;
    const keyBytes = key.end - key.start;
    const length = this.#recordBytes(end - start, at);
    const isNew = !trie.found;
    trie.splice(length);
    const { memory } = trie;
    const record = trie.at;
    writeHead(trie.view, record, key.high, key.low, length, keyBytes, at);
    const keyStart = record + RECORD_HEAD_BYTES + at.nodeId.length;
    copyRange(key.bytes, key.start, key.end, memory, keyStart);
    copyRange(value, start, end, memory, keyStart + keyBytes);
    trie.reshape();
    if (isNew) this.order?.mark(key.bytes, key.start, key.end, true);
    this.#count(length, 1);
  }

  /** Removes the live version of the cursor's key from the pages. */
  #displace(): void {
    const { trie } = this;
    const key = this.#key;
    trie.splice(0);
    trie.reshape();
    this.order?.mark(key.bytes, key.start, key.end, false);
  }

  #mergeIntoPast(value: Uint8Array | undefined, at: HLCTimestamp): boolean {
    const { trie } = this;
    const key = this.#key;
    const versions = this.#sideOf() ?? this.#pastOfKey();
    if (trie.found && compareStamp(trie.view, trie.at + STAMP_AT, at) === 0) {
      const live = versionAt(trie.view, trie.memory, trie.at);
      if (!value || compareBytes(value, live.value) <= 0) return false;
      this.#count(trie.length, -1);
      this.#place(value, 0, value.length, at);
      return true;
    }
    const index = versionsUntil(versions, at);
    const same = versions[index - 1];
    const isKnown = same !== undefined && compareTimestamps(same.at, at) === 0;
    if (isKnown && (!value || (same.value && compareBytes(value, same.value) <= 0))) return false;
    this.#adoptPast(versions);
    if (isKnown) this.#count(this.#recordBytes(same.value?.length ?? 0, at), -1);
    versions.splice(isKnown ? index - 1 : index, isKnown ? 1 : 0);
    const isLive = value !== undefined && !trie.found && versions.length === (isKnown ? index - 1 : index);
    if (isLive) this.#place(value, 0, value.length, at);
    else {
      versions.splice(isKnown ? index - 1 : index, 0, { at, value: value && new Uint8Array(value) }); // not slice(), which for a Buffer is not a copy
      this.#count(this.#recordBytes(value?.length ?? 0, at), 1);
      if (!trie.found) this.order?.mark(key.bytes, key.start, key.end, false);
    }
    this.#written(at);
    return true;
  }

  /** Returns the past of the cursor's key as the log has it. */
  #pastOfKey(): Version[] {
    const { log } = this;
    const versions: Version[] = [];
    for (let entry = log.newest(this.#key); entry !== 0; entry = log.before(this.#key, entry)) {
      const flags = log.flags(entry);
      if ((flags & DELETED) !== 0) versions.unshift({ at: readStamp(log.view(entry), log.untilAt(entry)), value: undefined });
      if ((flags & HELD) !== 0) versions.unshift(versionAt(log.view(entry), log.memory(entry), log.recordAt(entry)));
    }
    return versions;
  }

  /** Moves the past of the cursor's key out of the log. */
  #adoptPast(versions: Version[]): void {
    if (this.#sideOf()) return;
    const { log } = this;
    const entries: number[] = [];
    for (let entry = log.newest(this.#key); entry !== 0; entry = log.before(this.#key, entry)) entries.push(entry);
    for (const entry of entries) log.markMoved(entry);
    this.#side.set(nameOf(this.#key.bytes, this.#key.start, this.#key.end), versions);
  }

  /** Drops the versions that are no longer kept. */
  #trim(): void {
    const kept = this.horizon.risen();
    if (!kept) return;
    const { log } = this;
    while (log.entries > 0 && log.compareUntil(log.tail, kept) <= 0) {
      const entry = log.tail;
      const flags = log.flags(entry);
      const isDeletion = (flags & (DELETED | MOVED)) === DELETED;
      if ((flags & MOVED) === 0) {
        const view = log.view(entry);
        const record = log.recordAt(entry);
        if ((flags & HELD) !== 0) this.#count(recordLength(view, record), -1);
        if (isDeletion) this.#count(RECORD_HEAD_BYTES + view.getUint8(log.untilAt(entry) + 8) + keyLength(view, record), -1);
      }
      const key = isDeletion && this.order ? log.keyOf(entry) : undefined;
      log.shift();
      if (key) this.#forget(key);
    }
    if (this.#side.size === 0) return;
    this.#side.trim(
      kept,
      (name) => {
        const key = bytesOfName(name);
        return this.seek(key, 0, key.length) ? readStamp(this.trie.view, this.trie.at + STAMP_AT) : undefined;
      },
      (name, { at, value }) => this.#count(RECORD_HEAD_BYTES + at.nodeId.length + name.length + (value?.length ?? 0), -1),
      (name) => this.#forget(bytesOfName(name)),
    );
  }

  /** Removes a key from the order that has neither a value nor a past. */
  #forget(key: Uint8Array): void {
    if (!this.order || this.seek(key, 0, key.length) || this.log.newest(this.#key) !== 0 || this.#sideOf()) return;
    this.order.remove(key, 0, key.length);
  }

  #recordBytes(valueBytes: number, at: TimestampFields): number {
    return RECORD_HEAD_BYTES + at.nodeId.length + this.#key.end - this.#key.start + valueBytes;
  }

  /** Counts a version, or one less. */
  #count(recordBytes: number, sign: 1 | -1): void {
    this.versions += sign;
    this.bytes += sign * costOf(recordBytes);
  }

  #written(at: TimestampFields): void {
    const newest = this.#newest;
    if (newest.nodeId !== "" && compareTimestamps(newest, at) >= 0) return;
    newest.physicalMs = at.physicalMs;
    newest.logical = at.logical;
    newest.nodeId = at.nodeId;
  }

  #refuse(at: TimestampFields, bound: HLCTimestamp): never {
    throw new WriteConflictError(textOf(this.#key.bytes.slice(this.#key.start, this.#key.end)), HLCTimestamp.from(at), bound);
  }
}

function costOf(recordBytes: number): number {
  return recordBytes + VERSION_OVERHEAD_BYTES;
}

/** Copies a record's version. */
function versionAt(view: DataView, memory: Uint8Array, record: number): { readonly at: HLCTimestamp; readonly value: Uint8Array } {
  return { at: readStamp(view, record + STAMP_AT), value: memory.slice(valueAt(view, record), record + recordLength(view, record)) };
}
