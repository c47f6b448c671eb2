/**
 * Hybrid logical clocks, last-writer-wins registers, and a multi-version store.
 *
 * @packageDocumentation
 */
export * from "./clock.ts";
export * from "./errors.ts";
export * from "./lww-register.ts";
export { NODE_ID_LENGTH_MAX } from "./node-id.ts";
export * from "./timestamp.ts";
export * from "./timestamp-format.ts";
export * from "./value-codec.ts";
