/**
 * The last-writer-wins register alone.
 *
 * @packageDocumentation
 */
export { HLCError, InvalidRegisterError, InvalidTimestampError } from "../errors.ts";
export * from "../lww-register.ts";
export { compareTimestamps, HLCTimestamp, type TimestampFields } from "../timestamp.ts";
export * from "../value-codec.ts";
