import { EffectsError } from "../errors.ts";
import { TRACE_VERSION } from "../simulation/trace-version.ts";

/** When this is thrown, two runs of one seed differ, so no failure of the scenario could be replayed. */
export class NotAFunctionOfItsSeedError extends EffectsError {
  constructor(seed: number, first: string, second: string) {
    super(
      "ERR_NOT_A_FUNCTION_OF_ITS_SEED",
      `expected two runs of seed ${seed} to be the same, got the trace hashes ${first} and ${second}; what the scenario ` +
        "changes must be made within it, and nodes must take time and chance from their World alone"
    );
  }
}

/** When this is thrown, a saved run cannot be read: it is damaged, of another version, or says what makes no sense. */
export class SavedRunError extends EffectsError {
  constructor(expected: string, got: string) {
    super("ERR_SAVED_RUN", `expected a saved run with ${expected}, got ${got}; save the run again`);
  }
}

/**
 * When this is thrown, a run was saved by a release in which seeds mean other runs: played here, it would be another,
 * and its passing would prove nothing.
 */
export class TraceVersionError extends EffectsError {
  /** That of the file. */
  readonly traceVersion: number;

  constructor(traceVersion: number) {
    super(
      "ERR_TRACE_VERSION",
      `expected a run of trace version ${TRACE_VERSION}, got ${traceVersion}: its seed means another run here; ` +
        "replay it with the release of @void-system/effects that saved it, or have its test look for a failing seed anew"
    );
    this.traceVersion = traceVersion;
  }
}

/** When this is thrown, the module that a saved run names has no scenario to run. `cause` is what it threw, if it did. */
export class ScenarioModuleError extends EffectsError {
  constructor(module: string, expected: string, got: string, options?: ErrorOptions) {
    super(
      "ERR_SCENARIO_MODULE",
      `expected ${module} to ${expected}, got ${got}; mend the module, or have its test save the run again`,
      options
    );
  }
}
