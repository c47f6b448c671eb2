/**
 * A seeded world in which a whole cluster runs, crashes and recovers, on virtual time.
 *
 * @packageDocumentation
 */
export * from "./errors.ts";
export type { Boot, Booted, SimulationLine, Stop } from "./kernel.ts";
export type { SimulatedDiskOptions } from "./simulated-disk.ts";
export type { SimulatedNetworkOptions } from "./simulated-links.ts";
export {
  type RunOptions,
  type SimulatedClockOptions,
  type SimulatedComputeOptions,
  Simulation,
  SIMULATION_EPOCH_MS,
  type SimulationOptions,
  type SimulationStats,
} from "./simulation.ts";
