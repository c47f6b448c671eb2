/**
 * Hybrid logical clocks, last-writer-wins registers, and a multi-version store.
 *
 * @packageDocumentation
 */
export * from "./errors.ts";

export { NODE_ID_LENGTH_MAX } from "./timestamp/node-id.ts";
export {
  compareTimestamps,
  HLCTimestamp,
  LOGICAL_MAX,
  PHYSICAL_MS_MAX,
  type TimestampFields,
} from "./timestamp/timestamp.ts";
export * from "./timestamp/timestamp-format.ts";

export * from "./clock/clock.ts";
export * from "./clock/coarse-clock.ts";
export * from "./clock/quarantine.ts";
export * from "./clock/shared-clock.ts";

export * from "./register/lww-register.ts";
export * from "./register/value-codec.ts";

export { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "./store/entry-format.ts";
export type { Hash } from "./store/hash.ts";
export * from "./store/level-snapshots.ts";
export * from "./store/merkle-digest.ts";
export { StoreSnapshot } from "./store/snapshot.ts";
export type { StateDigest } from "./store/state-digest.ts";
export { StoreTransaction } from "./store/transaction.ts";
export * from "./store/version-store.ts";
