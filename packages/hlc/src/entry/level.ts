/**
 * Snapshots of a store, kept in an `abstract-level` database.
 *
 * @packageDocumentation
 */
export { DamagedSnapshotError, HLCError, InvalidOptionError } from "../errors.ts";
export type { Hash } from "../store/hash.ts";
export * from "../store/level-snapshots.ts";
