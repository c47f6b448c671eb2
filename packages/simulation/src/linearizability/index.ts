/**
 * A checker that decides if the outputs seen by a service's clients could have come from one object. It checks recorded
 * histories, is pure, and runs on every platform.
 *
 * @packageDocumentation
 */
export {
  checkLinearizability,
  type LinearizabilityOptions,
  type LinearizabilityProgress,
  type LinearizabilityResult,
  STEPS_MAX,
} from "./check.ts";
export type { Attempt, Counterexample, StartingPoint, Witness } from "./counterexample.ts";
export { HistoryError, ModelError, NotLinearizableError, UndecidedError } from "../errors.ts";
export { explain, type Wording } from "./explain.ts";
export type { Operation } from "./history.ts";
export { linearizable, type Recorded, type RecordedOperation } from "./linearizable.ts";
export { type Identity, type Model, REFUSED, UNKNOWN } from "./model.ts";
export {
  type CounterInput,
  counterModel,
  type KeyValueInput,
  keyValueModel,
  queueModel,
  type QueueInput,
  type RegisterInput,
  registerModel,
  type Stored,
} from "./models.ts";
