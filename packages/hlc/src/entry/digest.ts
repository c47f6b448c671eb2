/**
 * The digest of a multi-version store, and its snapshots: what replicas compare, save and restore.
 *
 * @packageDocumentation
 */
export { HLCError, InvalidOptionError, InvalidSnapshotError, ReleasedError, StoreFullError } from "../errors.ts";
export type { Hash } from "../store/hash.ts";
export * from "../store/merkle-digest.ts";
export { StoreSnapshot } from "../store/snapshot.ts";
export type { StateDigest } from "../store/state-digest.ts";
export type { HLCTimestamp, TimestampFields } from "../timestamp/timestamp.ts";
