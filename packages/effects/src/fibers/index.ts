/**
 * Effects in typed rows, and the fibers that perform them.
 *
 * @packageDocumentation
 */
export { call } from "./call.ts";
export { all, type Child, onExit, race, type ResultOf, type ResultsOf, scope, spawn } from "./children.ts";
export { Clock, type ClockOperations, timeout } from "./clock.ts";
export type { Closed, Eff, KeysOf, Need, RowOf } from "./eff.ts";
export {
  type Answer,
  type ClauseRow,
  type Clauses,
  type Effect,
  effect,
  type EffectHandling,
  type OperationsOf,
  type Performed,
  type ReservedName,
} from "./effect.ts";
export { ensure } from "./ensure.ts";
export * from "./errors.ts";
export type { FacetEffect, FacetHandling } from "./facet-effect.ts";
export type { Outcome } from "./fiber.ts";
export { fromPromise } from "./from-promise.ts";
export { boots, type Booted, inWorld, type WorldNeeds } from "./in-world.ts";
export { INBOX_FRAMES_MAX, Net, type NetOperations, type Received } from "./network.ts";
export { launch, type Launched, run, type RunOptions, runSync } from "./run.ts";
export { type Register, suspend, type Suspension } from "./suspension.ts";
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
} from "./world-effects.ts";
