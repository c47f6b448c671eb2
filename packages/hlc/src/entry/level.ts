/**
 * Snapshots of a store, kept in an `abstract-level` database.
 *
 * @packageDocumentation
 */
export { DamagedSnapshotError, HLCError, InvalidOptionError } from "../errors.ts";
export * from "../level-snapshots.ts";
export type { Hash } from "../digest-tree.ts";
