/**
 * Values of applications as bytes: what is sent arrives as it was, or is refused by name.
 *
 * @packageDocumentation
 */
export type { Decoded } from "@void-system/bytes";
export { OptionError, ValueError, ValuesError } from "./errors.ts";
export { VALUE_BYTES_MAX, VALUE_DEPTH_MAX, VALUE_LIMITS, type ValueLimits } from "./limits.ts";
export { type ValueCodec, valueCodec } from "./value-codec.ts";
export { type Value, VALUE_VERSION } from "./value.ts";
