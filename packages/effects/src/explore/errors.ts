import { EffectsError } from "../errors.ts";

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
