import type { Versions } from "./internal/versions.ts";
import type { StoreSnapshot } from "./snapshot.ts";

/**
 * Provides the digest and snapshots of a {@link HLCVersionStore}; made by {@link merkleDigest}. It has no state of its
 * own, so one serves any number of stores.
 */
export interface StateDigest {
  /** @hidden */
  of(versions: Versions): DigestedState;
}

/** Digest and snapshots of one store. */
export interface DigestedState {
  digest(): Uint8Array;
  snapshot(): StoreSnapshot;
  chunkHash(chunk: Uint8Array): Uint8Array;
  /** Makes versions from chunks. The own ones are unchanged. */
  restored(chunks: Iterable<Uint8Array>): Versions;
}
