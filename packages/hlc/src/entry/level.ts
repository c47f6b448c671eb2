/**
 * Snapshots of a store, kept in an `abstract-level` database.
 *
 * @packageDocumentation
 */
export { DamagedSnapshotError, HLCError, InvalidOptionError } from "../errors.ts";
export type { Hash } from "../hash.ts";
export * from "../level-snapshots.ts";
