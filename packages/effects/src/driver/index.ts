/**
 * The driver, which hosts a deterministic core in a World, and the contract between them.
 *
 * @packageDocumentation
 */
export { type Lsn, lsn, type PeerId, type Verified, verified } from "../brand.ts";
export * from "../core.ts";
export {
  CoreContractError,
  CoreFailedError,
  DeliverFailedError,
  EffectsError,
  LogFailedError,
  RecordError,
} from "../errors.ts";
export { host } from "./host.ts";
export { type HostParts, LIMITS } from "./host-parts.ts";
export type { Cancel, Clock, Disk, DurableLog, LinkState, Logger, LogLevel, Network, Now, Recovered, World } from "../world.ts";
