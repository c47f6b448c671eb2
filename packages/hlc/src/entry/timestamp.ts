/**
 * Timestamps: their order, and their forms as bytes, text and numbers.
 *
 * @packageDocumentation
 */
export { HLCError, InvalidTimestampError } from "../errors.ts";
export { NODE_ID_LENGTH_MAX } from "../timestamp/node-id.ts";
export { compareTimestamps, HLCTimestamp, LOGICAL_MAX, PHYSICAL_MS_MAX } from "../timestamp/timestamp.ts";
export type { TimestampFields } from "../timestamp/timestamp.ts";
export * from "../timestamp/timestamp-format.ts";
