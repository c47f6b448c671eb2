/**
 * VoidSystem: the primitives composed, in boot order, into a node that people run.
 *
 * @packageDocumentation
 */
export { type CapabilityAuthority, capabilityAuthority, mintToken, type TokenLimits } from "./node/capability.ts";
export * from "./boot/component.ts";
export type { NodeHealth } from "./boot/components.ts";
export { type ParsedConfig, parseConfig, type PeerConfig, resolvePaths, type SystemConfig } from "./config.ts";
export * from "./errors.ts";
export * from "./node/gateway.ts";
export { type BroadcastHandler, Gossip, type GossipParts, type HealthReport, type HeardReport } from "./node/gossip.ts";
export * from "./store/command.ts";
export { KeyValueMachine } from "./store/key-value-machine.ts";
export { DRAIN_DEADLINE_MS, Lifecycle } from "./boot/lifecycle.ts";
export type { ListenAddress } from "./listen.ts";
export { type NodeParts, VoidNode } from "./node/void-node.ts";
export type { DiskSpace, Problem, ProblemName } from "./node/problems.ts";
export type { Lie, NodeStatus, Role, SystemStatus } from "./status.ts";
export { PLACEMENT_KEY, type Placement } from "./store/placement.ts";
export * from "./resp/reader.ts";
export * from "./resp/reply.ts";
export type { ConnectionLimits } from "./resp/connection.ts";
export { type RespOptions, RespServer } from "./resp/server.ts";
export { type Dataset, type Period, type PeriodName, PERIODS, type Symptom } from "./telemetry/dataset.ts";
export type { Series } from "@void-system/causal/import";
export type { Workload } from "./telemetry/demand.ts";
export { VoidSystem } from "./boot/void-system.ts";
