/**
 * The multi-version store alone; with a digest and snapshots, together with `@void-system/hlc/digest`.
 *
 * @packageDocumentation
 */
export { HLCError, InvalidEntryError, InvalidOptionError, InvalidTimestampError, NoDigestError } from "../errors.ts";
export { ReleasedError, StoreFullError, VersionPrunedError, WriteConflictError } from "../errors.ts";
export type { StoreSnapshot } from "../store/snapshot.ts";
export type { StateDigest } from "../store/state-digest.ts";
export { compareTimestamps, HLCTimestamp, type TimestampFields } from "../timestamp/timestamp.ts";
export type { StoreTransaction } from "../store/transaction.ts";
export { HLCVersionStore, type ScanRange, type StoreEntry, type StoreOptions, type StoreStats } from "../store/version-store.ts";
