/**
 * VoidSystem: the primitives composed, in boot order, into a node that people run.
 *
 * @packageDocumentation
 */
export * from "./resp/reader.ts";
export * from "./resp/reply.ts";
