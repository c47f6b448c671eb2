import type { StoreSnapshot } from "./snapshot.ts";
import type { VersionIndex } from "./internal/version-index.ts";

/**
 * What gives a {@link HLCVersionStore} its digest and its snapshots: {@link merkleDigest} makes one. It has no state of its
 * own, so one serves any number of stores.
 */
export interface StateDigest {
  /** @hidden */
  of(index: VersionIndex): DigestedState;
}

/** What is known about one store's versions. */
export interface DigestedState {
  /** Estimate of the memory that it takes beside the index. */
  readonly bytes: number;
  /** Hears of each write, when it is in the index. */
  written(key: string): void;
  digest(): Uint8Array;
  snapshot(): StoreSnapshot;
  chunkHash(chunk: Uint8Array): Uint8Array;
  /** Fills an empty index with what chunks are of, and answers what is known about that; this one stays as it is. */
  restored(chunks: Iterable<Uint8Array>, index: VersionIndex): DigestedState;
}
