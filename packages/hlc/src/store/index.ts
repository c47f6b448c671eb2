export { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "./limits.ts";
export type { Hash } from "./hash.ts";
export * from "./level-snapshots.ts";
export * from "./merkle-digest.ts";
export { StoreSnapshot } from "./snapshot.ts";
export type { StateDigest } from "./state-digest.ts";
export { type Row, type RowRange, StoreRows } from "./store-rows.ts";
export { StoreTransaction } from "./transaction.ts";
export * from "./version-store.ts";
