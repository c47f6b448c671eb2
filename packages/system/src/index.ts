/**
 * VoidSystem: the primitives composed, in boot order, into a node that people run.
 *
 * @packageDocumentation
 */
export { type CapabilityAuthority, capabilityAuthority, mintToken, type TokenLimits } from "./capability.ts";
export * from "./component.ts";
export { type ParsedConfig, parseConfig, type PeerConfig, resolvePaths, type SystemConfig } from "./config.ts";
export * from "./errors.ts";
export * from "./gateway.ts";
export { type BroadcastHandler, Gossip, type GossipParts, type HealthReport, type HeardReport } from "./gossip.ts";
export * from "./key-value/command.ts";
export { KeyValueMachine } from "./key-value/machine.ts";
export { DRAIN_DEADLINE_MS, Lifecycle } from "./lifecycle.ts";
export type { ListenAddress } from "./listen.ts";
export { type NodeParts, type NodeStatus, type Role, VoidNode } from "./node.ts";
export { PLACEMENT_KEY, type Placement } from "./placement.ts";
export * from "./resp/reader.ts";
export * from "./resp/reply.ts";
export { type RespOptions, RespServer } from "./resp/server.ts";
export { type Dataset, type Period, type PeriodName, PERIODS, type Series, type Symptom } from "./telemetry/dataset.ts";
export type { Workload } from "./telemetry/demand.ts";
export { type SystemStatus, VoidSystem } from "./void-system.ts";
