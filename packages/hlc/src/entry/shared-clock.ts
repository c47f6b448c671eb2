/**
 * One hybrid logical clock for all threads of a node.
 *
 * @packageDocumentation
 */
export type { ClockOptions, ClockStats, MutableStamp } from "../clock.ts";
export * from "../shared-clock.ts";
export type { HLCTimestamp, TimestampFields } from "../timestamp.ts";
