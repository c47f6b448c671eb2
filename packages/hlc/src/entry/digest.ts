/**
 * The digest of a multi-version store, and its snapshots: what replicas compare, save and restore.
 *
 * @packageDocumentation
 */
export { HLCError, InvalidOptionError, InvalidSnapshotError, ReleasedError, StoreFullError } from "../errors.ts";
export type { Hash } from "../hash.ts";
export * from "../merkle-digest.ts";
export { StoreSnapshot } from "../snapshot.ts";
export type { StateDigest } from "../state-digest.ts";
export type { HLCTimestamp, TimestampFields } from "../timestamp.ts";
