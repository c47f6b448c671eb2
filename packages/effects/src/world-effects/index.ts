/**
 * The World as effects of fibers: time, randomness, network, disk, log and threads. Also secrets, state and promises.
 *
 * @packageDocumentation
 */
export { Clock, type ClockOperations, timeout } from "./clock.ts";
export { EffectTimeoutError, ProgramReturnedError } from "../errors.ts";
export type { FacetEffect, FacetHandling } from "./facet-effect.ts";
export {
  Compute,
  type ComputeOperations,
  Disk,
  type DiskOperations,
  Log,
  type LogOperations,
  Random,
  type RandomOperations,
  Secrets,
  type SecretsOperations,
  state,
  type StateOperations,
} from "./facets.ts";
export { type AsyncHost, type AsyncProgram, enterAsyncHost, type HostedProgram } from "./async-host.ts";
export { type AsyncWorld, fromAsync } from "./from-async.ts";
export { fromPromise } from "./from-promise.ts";
export { boots, type Booted, inWorld, type Offer, type Offered, type WorldNeeds } from "./in-world.ts";
export { INBOX_FRAMES_MAX, Net, type NetOperations, type Received } from "./network.ts";
