export { KEY_BYTES_MAX, VALUE_BYTES_MAX } from "./entry-format.ts";
export type { Hash } from "./hash.ts";
export * from "./level-snapshots.ts";
export * from "./merkle-digest.ts";
export { StoreSnapshot } from "./snapshot.ts";
export type { StateDigest } from "./state-digest.ts";
export { StoreTransaction } from "./transaction.ts";
export * from "./version-store.ts";
