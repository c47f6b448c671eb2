import { compareBytes, concat, readUint, uint } from "../internal/bytes.ts";
import { DamagedSnapshotError, InvalidOptionError } from "../errors.ts";
import { checkNames } from "../internal/options.ts";
import { checkHash, HASH_BYTES, type Hash } from "./hash.ts";
import type { StoreSnapshot } from "./snapshot.ts";

/** Maximum of chunks in a saved snapshot. The manifest lists each, and stays under 2 MiB. */
export const LEVEL_CHUNKS_MAX: number = 2 ** 16 - 1;

/** First bytes of a manifest: its kind, and its version 1. */
const MANIFEST_MAGIC = /* @__PURE__ */ Uint8Array.of(0x56, 0x48, 0x4d, 0x01);
/** Bytes of a manifest before the hashes: magic, generation, number of chunks. */
const MANIFEST_HEAD_BYTES = 4 + 6 + 4;
/** Sorts after all chunk keys, which begin with hex digits. */
const MANIFEST_KEY = "manifest";
/** Makes each write durable before the next, so that a manifest never outlives its chunks. Some databases ignore it. */
const DURABLE = { sync: true, valueEncoding: "view" } as const;

/** Options of {@link LevelSnapshots}. */
export interface LevelSnapshotsOptions {
  /** Hash of the chunks: collision-resistant, 32 bytes, such as SHA-256. Loading must use the same hash as saving. */
  readonly hash: Hash;
  /** Sublevel that holds the snapshots and nothing else. @defaultValue "hlc-snapshot" */
  readonly name?: string;
}

/** The part of a database that snapshots use. Every `abstract-level` 3 database or sublevel fits. */
export interface SnapshotDatabase {
  /** Returns a part of the database with its own keys. */
  sublevel<K, V>(name: string, options: { keyEncoding: "utf8"; valueEncoding: "view" }): SnapshotSublevel<K, V>;
}

/** The part of a sublevel that snapshots use. */
export interface SnapshotSublevel<K, V> {
  /** Returns the value of a key, or undefined. */
  get(key: K): Promise<V | undefined>;
  /** Sets the value of a key, durably if the database can. */
  put(key: K, value: V, options: { sync: true; valueEncoding: "view" }): Promise<void>;
  /** Returns keys in order. */
  keys(options: { lt: K; reverse: true; limit: 1 }): SnapshotKeys<K>;
  /** Deletes the keys below a bound. */
  clear(options: { lt: K }): Promise<void>;
}

/** Iterator over the keys of a {@link SnapshotSublevel}. */
export interface SnapshotKeys<K> {
  /** Returns all of the keys. */
  all(): Promise<K[]>;
}

/** Contents of a manifest. */
interface Manifest {
  readonly generation: number;
  readonly hashes: readonly Uint8Array[];
}

/**
 * The newest snapshot of a store in an `abstract-level` database: classic-level on a disk, browser-level, memory-level.
 * A crash during a save leaves the previous snapshot whole, and damage is detected on load. It is meant for states that
 * can be rebuilt from a log: a snapshot saves the time of replaying it.
 *
 * @example
 * ```ts
 * import { createHash } from "node:crypto";
 * import { HLCVersionStore, LevelSnapshots, merkleDigest } from "@void-system/hlc";
 * import { MemoryLevel } from "memory-level";
 *
 * const hash = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest();
 * const kept = new LevelSnapshots(new MemoryLevel(), { hash });
 *
 * const store = new HLCVersionStore({ digest: merkleDigest(hash) });
 * store.put("seats", Uint8Array.of(4), { physicalMs: 1, logical: 0, nodeId: "node_a" });
 * const snapshot = store.snapshot();
 * await kept.save(snapshot);
 * snapshot.release();
 *
 * const again = new HLCVersionStore({ digest: merkleDigest(hash) });
 * const chunks = await kept.load();
 * if (chunks) again.restore(chunks);
 * again.get("seats"); // => Uint8Array.of(4)
 * ```
 */
export class LevelSnapshots {
  readonly #level: SnapshotSublevel<string, Uint8Array>;
  readonly #hash: Hash;
  /** Resolves when the previous call has ended. Calls must not overlap: a save deletes everything else as leftovers. */
  #idle: Promise<unknown> = Promise.resolve();

  /** @throws {@link InvalidOptionError} if an option is invalid. */
  constructor(level: SnapshotDatabase, options: LevelSnapshotsOptions) {
    if (typeof level?.sublevel !== "function") throw new InvalidOptionError("level", "an abstract-level database", level);
    checkNames("options", options, ["hash", "name"]);
    const { hash, name = "hlc-snapshot" } = options;
    checkHash(hash);
    if (typeof name !== "string") throw new InvalidOptionError("name", "a string", name);
    this.#level = level.sublevel<string, Uint8Array>(name, { keyEncoding: "utf8", valueEncoding: "view" });
    this.#hash = hash;
  }

  /**
   * Writes a snapshot chunk by chunk, then, in one write, the manifest that makes it the newest, then deletes older
   * ones. Keep the snapshot open until the promise resolves. Saves and loads of one object run one after another, so
   * use one object.
   *
   * @throws {@link InvalidOptionError} if it has more than {@link LEVEL_CHUNKS_MAX} chunks: make `chunkBytes` larger.
   * @throws The errors of the database, or `ReleasedError`. The newest snapshot is then still the previous one.
   */
  save(snapshot: StoreSnapshot): Promise<void> {
    return this.#next(() => this.#save(snapshot));
  }

  /**
   * Returns the chunks of the newest snapshot, for `HLCVersionStore.restore`, or undefined if none was saved. Each is
   * compared with its hash. The hashes detect damage, not malice: compare the store's digest with one you trust.
   *
   * @throws {@link DamagedSnapshotError} if a chunk or the manifest is not what was saved.
   * @throws The errors of the database.
   */
  load(): Promise<Uint8Array[] | undefined> {
    return this.#next(() => this.#load());
  }

  #next<T>(run: () => Promise<T>): Promise<T> {
    const done = this.#idle.then(run);
    this.#idle = done.catch(() => undefined);
    return done;
  }

  async #load(): Promise<Uint8Array[] | undefined> {
    const bytes = await this.#level.get(MANIFEST_KEY);
    if (!bytes) return undefined;
    const { generation, hashes } = this.#readManifest(bytes);
    const chunks: Uint8Array[] = [];
    for (const [index, expected] of hashes.entries()) {
      const chunk = await this.#level.get(chunkKey(generation, index));
      if (!chunk || compareBytes(this.#hash(chunk), expected) !== 0) throw new DamagedSnapshotError(index, chunk);
      chunks.push(chunk);
    }
    return chunks;
  }

  async #save(snapshot: StoreSnapshot): Promise<void> {
    if (snapshot.chunks > LEVEL_CHUNKS_MAX) {
      throw new InvalidOptionError("snapshot", `at most ${LEVEL_CHUNKS_MAX} chunks`, snapshot.chunks);
    }
    const generation = await this.#nextGeneration();
    const hashes: Uint8Array[] = [];
    for (let index = 0; index < snapshot.chunks; index++) {
      const chunk = snapshot.chunk(index);
      hashes.push(concat([this.#hash(chunk)]));
      await this.#level.put(chunkKey(generation, index), chunk, DURABLE);
    }
    await this.#level.put(MANIFEST_KEY, this.#writeManifest({ generation, hashes }), DURABLE);
    await this.#level.clear({ lt: generationKey(generation) });
  }

  /**
   * Returns a generation above any that has left a trace, so that leftovers of a crash are never taken for its chunks.
   */
  async #nextGeneration(): Promise<number> {
    const [last] = await this.#level.keys({ lt: MANIFEST_KEY, reverse: true, limit: 1 }).all();
    return last === undefined ? 0 : Number.parseInt(last, 16) + 1;
  }

  #writeManifest({ generation, hashes }: Manifest): Uint8Array {
    const body = concat([MANIFEST_MAGIC, uint(generation, 6), uint(hashes.length, 4), ...hashes]);
    return concat([body, this.#hash(body)]);
  }

  #readManifest(bytes: Uint8Array): Manifest {
    const count = readUint(bytes.subarray(10, MANIFEST_HEAD_BYTES));
    const end = MANIFEST_HEAD_BYTES + count * HASH_BYTES;
    const intact =
      bytes.length === end + HASH_BYTES &&
      compareBytes(bytes.subarray(0, 4), MANIFEST_MAGIC) === 0 &&
      compareBytes(bytes.subarray(end), this.#hash(bytes.subarray(0, end))) === 0;
    if (!intact) throw new DamagedSnapshotError(undefined, bytes);
    const hashes = Array.from({ length: count }, (_, index) => {
      const start = MANIFEST_HEAD_BYTES + index * HASH_BYTES;
      return bytes.subarray(start, start + HASH_BYTES);
    });
    return { generation: readUint(bytes.subarray(4, 10)), hashes };
  }
}

function generationKey(generation: number): string {
  return generation.toString(16).padStart(12, "0");
}

function chunkKey(generation: number, index: number): string {
  return `${generationKey(generation)}/${index.toString(16).padStart(4, "0")}`;
}
