/**
 * Timestamps: their order, and their forms as bytes, text and numbers.
 *
 * @packageDocumentation
 */
export { HLCError, InvalidTimestampError } from "../errors.ts";
export { NODE_ID_LENGTH_MAX } from "../node-id.ts";
export { compareTimestamps, HLCTimestamp, LOGICAL_MAX, PHYSICAL_MS_MAX } from "../timestamp.ts";
export type { TimestampFields } from "../timestamp.ts";
export * from "../timestamp-format.ts";
