/**
 * A seeded world in which a whole cluster runs, crashes and recovers, on virtual time.
 *
 * @packageDocumentation
 */
export type { Client, ClientProgram } from "./client.ts";
export * from "./errors.ts";
export type * from "./fault.ts";
export { History, type Invocation, type Operation, type Returned } from "./history.ts";
export type { Boot, Booted, NodeOptions, SimulationLine, Stop } from "./kernel.ts";
export type { DelaySpread, LinkConditions } from "./link-conditions.ts";
export type { NodeState, PendingEvent } from "./node-state.ts";
export type * from "./scenario.ts";
export type * from "./schedule.ts";
export type { LogContents, SimulatedDiskOptions } from "./simulated-disk.ts";
export type { SimulatedNetworkOptions } from "./simulated-links.ts";
export { type SimulatedClockOptions, type SimulatedComputeOptions, SIMULATION_EPOCH_MS } from "./simulated-world.ts";
export { Simulation } from "./simulation.ts";
export type { EventName } from "./event-kind.ts";
export type { RunOptions, SimulationOptions, SimulationStats } from "./simulation-options.ts";
export { TRACE_EVENTS_MAX, type TraceEvent } from "./trace.ts";
export { TRACE_VERSION } from "./trace-version.ts";
export { type RunControl, ScenarioRun } from "./scenario-run.ts";
export { replay, simulate } from "./simulate.ts";
export {
  shrink,
  SHRINK_RUNS_MAX,
  shrinking,
  type ShrinkingOptions,
  type ShrinkOptions,
  type ShrinkProgress,
  type Shrunk,
} from "./shrink.ts";
export { fork, inspect } from "./time-travel.ts";
