/**
 * The key-value store as a deterministic state machine: bundles of commands in, bundles of results out, every write
 * stamped with the agreed time. Commands are read where they are in a bundle, keys are bytes, and results go into one
 * buffer. The same code runs on every replica and in the simulator.
 */
import { HLCTimestamp, HLCVersionStore, LOGICAL_MAX, compareTimestamps, merkleDigest, type StoreRows, type TimestampFields } from "@void-system/hlc";
import type { Agreed, Command as LogCommand, Snapshot, StateMachine } from "@void-system/pbft";
import { BundleReader } from "./bundle.ts";
import { CONDITIONS, OPS, RETURN_OLD } from "./command.ts";
import { PLAIN_RESULT_BYTES_MAX, RESULTS_BYTES_MAX, ResultWriter, VALUE_FRAME_BYTES } from "./result-writer.ts";

/** How long an overwritten value can still be read at its time. */
const HISTORY_MS = 60_000;
/** Most bytes of a state by default: 1 GiB. */
export const MAX_STATE_BYTES = 1_073_741_824;
/** Bytes of an entry besides its key and value, at most, as `liveBytes` counts. */
const ENTRY_BYTES_MAX = 256;
/** Answer to a write for which the state has no room, as clients of Redis know it. */
const OUT_OF_MEMORY = "OOM command not allowed: the state would outgrow maxStateBytes; delete keys first";
/** What `INCR` counts in: 64 bits, signed, as in Redis. */
const INTEGER_MAX = 2n ** 63n - 1n;
const INTEGER_MIN = -(2n ** 63n);
/** Digits of the longest integer, and its sign. */
const INTEGER_BYTES_MAX = 20;

/** Stamp before all writes. */
const BEFORE_ALL: TimestampFields = { physicalMs: 0, logical: 0, nodeId: "void" };

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
/** Separates the hash key from other hashes of a cluster's id. */
const HASH_KEY_DOMAIN = "void store hash key ";
/** Length of the hash key of the store, in bytes. */
const HASH_KEY_BYTES = 16;

/** A store that many replicas hold alike. */
export class KeyValueMachine implements StateMachine {
  readonly #store: HLCVersionStore;
  readonly #rows: StoreRows;
  readonly #maxStateBytes: number;
  /** The stamp of the newest write; all later ones are greater. */
  readonly #last = { ...BEFORE_ALL };

  /**
   * @param hash - SHA-256 or as strong: the root must bind the state against writers who choose keys and values.
   * @param cluster - Id of the cluster. The places of keys follow from it, so that keys chosen to collide in one cluster do not
   * in another.
   * @param maxStateBytes - Most bytes of the values of now and their keys, the same on all replicas. A write that would take more
   * fails. The history does not count, because a restored replica has less of it.
   */
  constructor(hash: (bytes: Uint8Array) => Uint8Array, cluster: string, maxStateBytes: number = MAX_STATE_BYTES) {
    const hashKey = hash(encoder.encode(HASH_KEY_DOMAIN + cluster)).subarray(0, HASH_KEY_BYTES);
    this.#store = new HLCVersionStore({ digest: merkleDigest(hash), hashKey });
    this.#rows = this.#store.rows;
    this.#maxStateBytes = maxStateBytes;
  }

  /**
   * Executes bundles. A bundle is executed command by command until its results would outgrow
   * 917,504 bytes; the commands behind that are not executed, have no result, and are sent again by
   * whoever bundled them. A bundle that cannot be read changes nothing.
   */
  apply(batch: readonly LogCommand[], agreed: Agreed): readonly Uint8Array[] {
    const results = batch.map(({ operation }) => this.#execute(operation, agreed));
    // After each batch, because a prune costs what it drops.
    const horizonMs = agreed.time.physicalMs - HISTORY_MS;
    if (horizonMs > 0) this.#store.prune(new HLCTimestamp(horizonMs, 0, agreed.time.nodeId));
    return results;
  }

  /** The newest value of a key on this replica, which may be behind the others. For status pages, not for clients. */
  peek(key: string): Uint8Array | undefined {
    return this.#store.get(key);
  }

  /** Keys of the store, the bytes of their values of now, and those of all that it holds. */
  stats(): { readonly keys: number; readonly liveBytes: number; readonly bytes: number } {
    return { keys: this.#store.size, liveBytes: this.#store.liveBytes, bytes: this.#store.bytes };
  }

  root(): Uint8Array {
    return this.#store.digest();
  }

  snapshot(): Snapshot {
    return this.#store.snapshot();
  }

  /** The hashes of chunks are known from the store's digest, so that a checkpoint reads none. */
  chunkHash(chunk: Uint8Array): Uint8Array {
    return this.#store.chunkHash(chunk);
  }

  restore(chunks: Iterable<Uint8Array>): void {
    this.#store.restore(chunks);
    const { physicalMs, logical, nodeId } = this.#store.newest ?? BEFORE_ALL;
    this.#last.physicalMs = physicalMs;
    this.#last.logical = logical;
    this.#last.nodeId = nodeId;
  }

  #execute(operation: Uint8Array, agreed: Agreed): Uint8Array {
    const reader = new BundleReader(operation);
    const writer = new ResultWriter();
    const count = reader.begin();
    if (count === undefined) writer.error("ERR these bytes are no bundle of commands");
    for (let index = 0; index < (count ?? 0); index++) {
      if (this.#perform(reader, writer, agreed)) continue;
      if (index === 0) writer.error(`ERR the values are larger than ${RESULTS_BYTES_MAX} bytes together; ask for fewer keys`);
      break;
    }
    return writer.finish();
  }

  /** Executes a command. Returns false, and changes nothing, if there is no room for its result. */
  #perform(reader: BundleReader, writer: ResultWriter, agreed: Agreed): boolean {
    const op = OPS[reader.u8()];
    if (op === undefined) throw new RangeError("expected a known operation, got another one behind the check of the whole bundle");
    switch (op) {
      case "get": {
        const isFound = this.#seekNext(reader);
        if (!writer.reserve(this.#rows.valueBytes + VALUE_FRAME_BYTES)) return false;
        writer.value(this.#rows, isFound);
        return true;
      }
      case "mget":
        return this.#getMany(reader, writer);
      case "set":
        return this.#set(reader, writer, agreed);
      case "mset":
      case "del":
      case "exists":
      case "incr":
        if (!writer.reserve(PLAIN_RESULT_BYTES_MAX)) return false;
        if (op === "mset") this.#setMany(reader, writer, agreed);
        else if (op === "del") writer.integer(this.#countKeys(reader, () => this.#delete(reader, agreed)));
        else if (op === "exists") writer.integer(this.#countKeys(reader, () => this.#rows.seek(reader.bytes, reader.keyStart, reader.keyEnd)));
        else this.#increment(reader, writer, agreed);
        return true;
    }
  }

  /** Reads a key, and puts the cursor on it. */
  #seekNext(reader: BundleReader): boolean {
    reader.key();
    return this.#rows.seek(reader.bytes, reader.keyStart, reader.keyEnd);
  }

  #getMany(reader: BundleReader, writer: ResultWriter): boolean {
    const count = reader.u16();
    const { at } = reader;
    let bytes = VALUE_FRAME_BYTES;
    for (let index = 0; index < count; index++) {
      this.#seekNext(reader);
      bytes += this.#rows.valueBytes + VALUE_FRAME_BYTES;
    }
    if (!writer.reserve(bytes)) return false;
    reader.seek(at);
    writer.values(count);
    for (let index = 0; index < count; index++) writer.item(this.#rows, this.#seekNext(reader));
    return true;
  }

  #set(reader: BundleReader, writer: ResultWriter, agreed: Agreed): boolean {
    reader.key();
    reader.value();
    const flags = reader.u8();
    const when = CONDITIONS[flags & ~RETURN_OLD];
    const returnsOld = (flags & RETURN_OLD) !== 0;
    // The plain set, by far the most frequent, looks for its key once.
    const isFound = (returnsOld || when !== "always") && this.#rows.seek(reader.bytes, reader.keyStart, reader.keyEnd);
    const resultBytes = returnsOld ? this.#rows.valueBytes + VALUE_FRAME_BYTES : 0;
    if (!writer.reserve(Math.max(resultBytes, PLAIN_RESULT_BYTES_MAX))) return false;
    const takesPlace = when === "always" || (when === "present") === isFound;
    if (takesPlace && !this.#hasRoom(reader, reader.valueEnd - reader.valueStart, agreed)) {
      writer.error(OUT_OF_MEMORY);
      return true;
    }
    if (returnsOld) writer.value(this.#rows, isFound);
    else if (takesPlace) writer.ok();
    else writer.nil();
    if (takesPlace) this.#put(reader, agreed);
    return true;
  }

  #setMany(reader: BundleReader, writer: ResultWriter, agreed: Agreed): void {
    const { at } = reader;
    if (!this.#hasRoomForMany(reader, agreed)) return writer.error(OUT_OF_MEMORY);
    reader.seek(at);
    for (let left = reader.u16(); left > 0; left--) {
      reader.key();
      reader.value();
      this.#put(reader, agreed);
    }
    writer.ok();
  }

  /** Sets the last key that was read to the last value. */
  #put(reader: BundleReader, agreed: Agreed): void {
    const { bytes, keyStart, keyEnd, valueStart, valueEnd } = reader;
    this.#rows.put(bytes, keyStart, keyEnd, bytes, valueStart, valueEnd, this.#stamp(agreed));
  }

  /** True if the state fits, or does not grow, once the last key that was read has a value of so many bytes. */
  #hasRoom(reader: BundleReader, valueBytes: number, agreed: Agreed): boolean {
    const room = Math.max(this.#maxStateBytes - this.#store.liveBytes, 0);
    // The key is sought once more only in a state that is nearly full.
    return reader.keyEnd - reader.keyStart + valueBytes + ENTRY_BYTES_MAX <= room || this.#growth(reader, valueBytes, agreed) <= room;
  }

  /** The same for all keys and values of a command, which it reads to the end. A key that is there twice counts twice. */
  #hasRoomForMany(reader: BundleReader, agreed: Agreed): boolean {
    const room = Math.max(this.#maxStateBytes - this.#store.liveBytes, 0);
    const count = reader.u16();
    const isNearlyFull = reader.bytes.length + count * ENTRY_BYTES_MAX > room;
    let growth = 0;
    for (let left = count; left > 0; left--) {
      reader.key();
      reader.value();
      if (isNearlyFull) growth += this.#growth(reader, reader.valueEnd - reader.valueStart, agreed);
    }
    return growth <= room;
  }

  #growth({ bytes, keyStart, keyEnd }: BundleReader, valueBytes: number, { time }: Agreed): number {
    this.#rows.seek(bytes, keyStart, keyEnd);
    return this.#rows.growth(valueBytes, time);
  }

  #countKeys(reader: BundleReader, counts: () => boolean): bigint {
    let count = 0n;
    for (let left = reader.u16(); left > 0; left--) {
      reader.key();
      if (counts()) count += 1n;
    }
    return count;
  }

  #delete({ bytes, keyStart, keyEnd }: BundleReader, agreed: Agreed): boolean {
    return this.#rows.seek(bytes, keyStart, keyEnd) && this.#rows.delete(bytes, keyStart, keyEnd, this.#stamp(agreed));
  }

  #increment(reader: BundleReader, writer: ResultWriter, agreed: Agreed): void {
    const isFound = this.#seekNext(reader);
    const by = reader.i64();
    const old = isFound ? this.#integer() : 0n;
    if (old === undefined) return writer.error("ERR value is not an integer or out of range");
    const sum = old + by;
    if (sum > INTEGER_MAX || sum < INTEGER_MIN) return writer.error("ERR increment or decrement would overflow");
    const value = encoder.encode(sum.toString());
    if (!this.#hasRoom(reader, value.length, agreed)) return writer.error(OUT_OF_MEMORY);
    this.#rows.put(reader.bytes, reader.keyStart, reader.keyEnd, value, 0, value.length, this.#stamp(agreed));
    writer.integer(sum);
  }

  /** The value under the cursor as Redis reads an integer: decimal, no spaces, no leading zeros, within 64 bits. */
  #integer(): bigint | undefined {
    const bytes = this.#rows.valueBytes;
    if (bytes > INTEGER_BYTES_MAX) return undefined;
    const copy = new Uint8Array(bytes);
    this.#rows.copyValue(copy, 0);
    const text = decoder.decode(copy);
    if (!/^(0|-?[1-9]\d*)$/.test(text)) return undefined;
    const value = BigInt(text);
    return value > INTEGER_MAX || value < INTEGER_MIN ? undefined : value;
  }

  /** The agreed time, or the least stamp after the last one when several writes share a time. Valid until the next call. */
  #stamp({ time }: Agreed): TimestampFields {
    const last = this.#last;
    if (compareTimestamps(time, last) > 0) {
      last.physicalMs = time.physicalMs;
      last.logical = time.logical;
      last.nodeId = time.nodeId;
    } else if (last.logical < LOGICAL_MAX) last.logical += 1;
    else {
      // The counter carries into the milliseconds.
      last.physicalMs += 1;
      last.logical = 0;
    }
    return last;
  }
}
