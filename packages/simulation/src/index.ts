/**
 * A seeded world in which a whole cluster runs, crashes and recovers, on virtual time: the world itself, scenarios with
 * their faults and checks, shrinking, time travel, and message sequence charts.
 *
 * @packageDocumentation
 */
export { chartSvg } from "./chart/chart-svg.ts";
export { chartText } from "./chart/chart-text.ts";
export { frameLabel } from "./chart/frame-label.ts";
export {
  type ChartEvent,
  type ChartMark,
  type ChartOperation,
  type ChartOptions,
  type ChartRow,
  sequenceChart,
  type SequenceChart,
} from "./chart/sequence-chart.ts";
export { CPU_COSTS, type CpuCost, type CpuWork, type SimulatedCpuOptions } from "./engine/cpu-costs.ts";
export type { EventName } from "./engine/event-kind.ts";
export type * from "./engine/schedule.ts";
export { TRACE_EVENTS_MAX, type TraceEvent } from "./engine/trace.ts";
export { TRACE_VERSION } from "./engine/trace-version.ts";
export * from "./errors.ts";
export {
  type Charted,
  charting,
  chartOf,
  explore,
  type ExploreOptions,
  type ExploreProgress,
  exploring,
  type ExploringOptions,
  type Finding,
  SEEDS_DEFAULT,
} from "./explore/explore.ts";
export { type Exercise, exerciseText } from "./explore/exercise.ts";
export { inTurns, type InTurnsOptions } from "./explore/in-turns.ts";
export { decodeRun, encodeRun, SAVED_RUN_LENGTH_MAX, SAVED_RUN_VERSION, type SavedRun } from "./explore/saved-run.ts";
export type { Calm } from "./scenario/calm.ts";
export type { AsyncClient, Client, ClientProgram } from "./scenario/client.ts";
export type * from "./scenario/cluster.ts";
export { type DrawnOperation, History, type Invocation, type Operation, type Returned } from "./scenario/history.ts";
export { type RunControl, ScenarioRun } from "./scenario/scenario-run.ts";
export type * from "./scenario/scenario.ts";
export { replay, simulate } from "./scenario/simulate.ts";
export { replaying, type RunProgress, simulating } from "./scenario/simulating.ts";
export { fork, forking, inspect, inspecting } from "./scenario/time-travel.ts";
export {
  shrink,
  SHRINK_RUNS_MAX,
  shrinking,
  type ShrinkingOptions,
  type ShrinkOptions,
  type ShrinkProgress,
  type Shrunk,
} from "./shrink/shrink.ts";
export type * from "./world/fault.ts";
export type { Boot, Booted, NodeOptions, SimulationLine, Stop } from "./world/kernel.ts";
export type { DelaySpread, LinkCalm, LinkConditions } from "./world/link-conditions.ts";
export type { NodeState, PendingEvent, ThreadState } from "./world/node-state.ts";
export type { LogContents, SimulatedDiskOptions } from "./world/simulated-disk.ts";
export type { SimulatedNetworkOptions } from "./world/simulated-links.ts";
export { SIMULATION_EPOCH_MS } from "./world/simulated-world.ts";
export type {
  RunOptions,
  SimulatedClockOptions,
  SimulatedComputeOptions,
  SimulationOptions,
  SimulationStats,
} from "./world/simulation-options.ts";
export { Simulation } from "./world/simulation.ts";
