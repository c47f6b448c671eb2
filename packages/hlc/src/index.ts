/**
 * Hybrid logical clocks, last-writer-wins registers, and a multi-version store.
 *
 * @packageDocumentation
 */
export * from "./errors.ts";
export * from "./timestamp/index.ts";
export * from "./clock/index.ts";
export * from "./register/index.ts";
export * from "./store/index.ts";
