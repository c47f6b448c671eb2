import { InvalidOptionError } from "../errors.ts";
import { checkNames } from "../internal/options.ts";
import { checkHash, type Hash } from "./hash.ts";
import { MerkleState } from "./internal/merkle-state.ts";
import type { StateDigest } from "./state-digest.ts";

/** Default maximum length of a snapshot's chunk, in bytes. */
export const SNAPSHOT_CHUNK_BYTES_DEFAULT: number = 2 ** 18;
/** Minimum of the bound on a snapshot's chunks, in bytes. */
export const SNAPSHOT_CHUNK_BYTES_MIN: number = 2 ** 10;

/** Options of {@link merkleDigest}. */
export interface MerkleDigestOptions {
  /**
   * Maximum length of a snapshot's chunk, in bytes: at least 1,024, the same on all replicas. A page that is larger is a chunk
   * of its own. Most chunks are smaller, down to a half. @defaultValue 262_144
   */
  readonly chunkBytes?: number;
}

/**
 * Gives a {@link HLCVersionStore} a digest of its state, snapshots in chunks with known hashes, and a way to restore
 * them. The digest is the root of a Merkle tree over the pages of the store, whose shape depends on the state alone. Nothing is
 * hashed before a digest is asked for. Then the cost is proportional to the changes since the last.
 *
 * @param hash - Collision-resistant, 32 bytes, the same on all replicas, such as SHA-256.
 * @throws {@link InvalidOptionError} if the hash or an option is invalid.
 * @example
 * ```ts
 * import { createHash } from "node:crypto";
 * import { HLCVersionStore, merkleDigest } from "@void-system/hlc";
 *
 * const digest = merkleDigest((bytes) => createHash("sha256").update(bytes).digest());
 * const [one, other] = [new HLCVersionStore({ digest }), new HLCVersionStore({ digest })];
 * one.put("seats", Uint8Array.of(4), { physicalMs: 1, logical: 0, nodeId: "node_a" });
 * const snapshot = one.snapshot();
 * other.restore(snapshot);
 * snapshot.release();
 * other.digest().join() === one.digest().join(); // => true
 * ```
 */
export function merkleDigest(hash: Hash, options: MerkleDigestOptions = {}): StateDigest {
  checkNames("options", options, ["chunkBytes"]);
  const { chunkBytes = SNAPSHOT_CHUNK_BYTES_DEFAULT } = options;
  checkHash(hash);
  if (!Number.isSafeInteger(chunkBytes) || chunkBytes < SNAPSHOT_CHUNK_BYTES_MIN) {
    throw new InvalidOptionError("chunkBytes", `at least ${SNAPSHOT_CHUNK_BYTES_MIN}`, chunkBytes);
  }
  return { of: (versions) => new MerkleState(versions, hash, chunkBytes) };
}
