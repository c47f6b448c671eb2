/**
 * Timestamps: their order, and their forms as bytes, text and numbers.
 *
 * @packageDocumentation
 */
export { HLCError, InvalidTimestampError } from "../errors.ts";
export { NODE_ID_LENGTH_MAX } from "../node-id.ts";
export * from "../timestamp.ts";
export * from "../timestamp-format.ts";
