/**
 * The World a node acts in, the contract of deterministic cores, and the driver between them.
 *
 * @packageDocumentation
 */
export * from "./brand.ts";
export * from "./core.ts";
export * from "./errors.ts";
export * from "./world.ts";
