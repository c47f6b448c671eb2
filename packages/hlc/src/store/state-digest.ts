import type { StoreSnapshot } from "./snapshot.ts";
import type { VersionIndex } from "./internal/version-index.ts";

/**
 * Provides the digest and snapshots of a {@link HLCVersionStore}; made by {@link merkleDigest}. It has no state of its
 * own, so one serves any number of stores.
 */
export interface StateDigest {
  /** @hidden */
  of(index: VersionIndex): DigestedState;
}

/** Digest and snapshots of one store. */
export interface DigestedState {
  /** Estimate of the memory used besides the index. */
  readonly bytes: number;
  /** Called after each write to the index. */
  written(key: string): void;
  digest(): Uint8Array;
  snapshot(): StoreSnapshot;
  chunkHash(chunk: Uint8Array): Uint8Array;
  /** Fills an empty index from chunks and returns its digested state. This one is unchanged. */
  restored(chunks: Iterable<Uint8Array>, index: VersionIndex): DigestedState;
}
