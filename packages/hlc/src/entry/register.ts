/**
 * The last-writer-wins register alone.
 *
 * @packageDocumentation
 */
export { HLCError, InvalidRegisterError, InvalidTimestampError } from "../errors.ts";
export * from "../register/lww-register.ts";
export { compareTimestamps, HLCTimestamp, type TimestampFields } from "../timestamp/timestamp.ts";
export * from "../register/value-codec.ts";
