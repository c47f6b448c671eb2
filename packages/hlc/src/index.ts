/**
 * Hybrid logical clocks, last-writer-wins registers, and a multi-version store.
 *
 * @packageDocumentation
 */
export * from "./clock.ts";
export * from "./coarse-clock.ts";
export { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "./entry-format.ts";
export * from "./errors.ts";
export type { Hash } from "./hash.ts";
export * from "./lww-register.ts";
export * from "./merkle-digest.ts";
export { NODE_ID_LENGTH_MAX } from "./node-id.ts";
export * from "./quarantine.ts";
export * from "./shared-clock.ts";
export { StoreSnapshot } from "./snapshot.ts";
export type { StateDigest } from "./state-digest.ts";
export {
  compareTimestamps,
  HLCTimestamp,
  LOGICAL_MAX,
  PHYSICAL_MS_MAX,
  type TimestampFields,
} from "./timestamp.ts";
export * from "./timestamp-format.ts";
export { StoreTransaction } from "./transaction.ts";
export * from "./value-codec.ts";
export * from "./version-store.ts";
