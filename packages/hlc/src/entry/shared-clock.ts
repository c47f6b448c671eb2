/**
 * One hybrid logical clock for all threads of a node.
 *
 * @packageDocumentation
 */
export type { ClockOptions, ClockStats, MutableStamp } from "../clock/clock.ts";
export * from "../clock/shared-clock.ts";
export type { HLCTimestamp, TimestampFields } from "../timestamp/timestamp.ts";
