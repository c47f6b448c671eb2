/**
 * The hybrid logical clock alone.
 *
 * @packageDocumentation
 */
export * from "../clock/clock.ts";
export { ClockDriftError, ClockReadError, DuplicateNodeError, HLCError } from "../errors.ts";
export { InvalidOptionError, InvalidTimestampError } from "../errors.ts";
export { compareTimestamps, HLCTimestamp, type TimestampFields } from "../timestamp/timestamp.ts";
