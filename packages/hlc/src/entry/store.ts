/**
 * The multi-version store alone. Its errors are classes of the main entry; here, tell them by their `code`.
 *
 * @packageDocumentation
 */
export type { Hash } from "../digest-tree.ts";
export { HLCError } from "../errors.ts";
export type { StoreSnapshot } from "../snapshot.ts";
export type { HLCTimestamp, TimestampFields } from "../timestamp.ts";
export type { StoreTransaction } from "../transaction.ts";
export { HLCVersionStore, type ScanRange, type StoreEntry, type StoreOptions, type StoreStats } from "../version-store.ts";
