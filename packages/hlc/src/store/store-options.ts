import type { StateDigest } from "./state-digest.ts";

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
  /**
   * Key of the hash by which entries have their places, 16 bytes, the same on all replicas: it is part of the state. Give one
   * that writers do not know, if they may be hostile: with it, they could make a few keys slower. A restored store has that of the
   * snapshot. @defaultValue 16 zero bytes
   */
  readonly hashKey?: Uint8Array;
  /** Keeps the keys in order, which scans of ranges and of past times need. A new key costs more. @defaultValue false */
  readonly ordered?: boolean;
}

/** Counts of a store. */
export interface StoreStats {
  /** Number of keys that have a value now. */
  readonly keys: number;
  /** Bytes of their entries in a snapshot, the same on all replicas. */
  readonly liveBytes: number;
  /** Number of versions held, older ones and deletions included. */
  readonly versions: number;
  /** Estimate of the memory that these versions take, the same for the same versions. */
  readonly bytes: number;
  /** Memory that the store has taken, what it has free included. Depends on the past. */
  readonly memoryBytes: number;
  /** Number of open pins. Each keeps the versions visible at its time. */
  readonly pins: number;
}
