/**
 * VoidSystem: the primitives composed, in boot order, into a node that people run.
 *
 * @packageDocumentation
 */
export { type TokenLimits, mintToken } from "./capability.ts";
export { type Component, type ComponentParts, type Health, PHASES, type Phase, component } from "./component.ts";
export { type ParsedConfig, type PeerConfig, type SystemConfig, parseConfig, resolvePaths } from "./config.ts";
export * from "./errors.ts";
export * from "./gateway.ts";
export type { BroadcastHandler } from "./gossip.ts";
export * from "./key-value/command.ts";
export { Lifecycle } from "./lifecycle.ts";
export type { NodeStatus, Role } from "./node.ts";
export type { Placement } from "./placement.ts";
export * from "./resp/reader.ts";
export * from "./resp/reply.ts";
export type { ListenAddress } from "./resp/server.ts";
export { DRAIN_DEADLINE_MS, type SystemStatus, VoidSystem } from "./void-system.ts";
