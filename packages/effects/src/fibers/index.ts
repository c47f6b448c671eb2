/**
 * Effects in typed rows, and the fibers that perform them.
 *
 * @packageDocumentation
 */
export { acquire } from "./acquire.ts";
export { call } from "./call.ts";
export { all, type Child, onExit, race, type ResultOf, type ResultsOf, scope, spawn } from "./children.ts";
export { currentFiber } from "./current.ts";
export type { Closed, Eff, KeysOf, Need, RowOf } from "./eff.ts";
export {
  type Answer,
  type AnswerRow,
  type ClauseRow,
  type Clauses,
  type Effect,
  effect,
  type EffectHandling,
  enterOperationWatcher,
  type OperationsOf,
  type OperationWatcher,
  type Performed,
  type ReservedName,
} from "./effect.ts";
export { ensure } from "./ensure.ts";
export {
  EffectKeyTakenError,
  FiberCancelledError,
  FinalizersFailedError,
  OutsideFiberError,
  ResumedTwiceError,
  StrayYieldError,
  SuspendedError,
} from "../errors.ts";
export type { AbortSignalEssentials, PlatformAbortSignal } from "../portable/abort-signal.ts";
export { launch, type Launched, run, type RunOptions, runSync } from "./run.ts";
export type { FiberProgress, Outcome, Register } from "./running-fiber.ts";
export { suspend, type Suspension } from "./suspension.ts";
export { withoutFramesOf } from "./trace.ts";
export { uninterrupted } from "./uninterrupted.ts";
