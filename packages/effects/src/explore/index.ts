/**
 * Finds a failing seed of a scenario, makes it small, draws it, saves it: for any test runner.
 *
 * @packageDocumentation
 */
export * from "./errors.ts";
export {
  chartOf,
  explore,
  type ExploreOptions,
  type ExploreProgress,
  exploring,
  type ExploringOptions,
  type Finding,
  SEEDS_DEFAULT,
} from "./explore.ts";
export { inTurns, type InTurnsOptions } from "./in-turns.ts";
export { decodeRun, encodeRun, SAVED_RUN_LENGTH_MAX, SAVED_RUN_VERSION, type SavedRun } from "./saved-run.ts";
