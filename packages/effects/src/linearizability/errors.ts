import { EffectsError } from "../errors.ts";

/** When this is thrown, a recorded history cannot be one: an operation returned before it began, or keys are mixed. */
export class HistoryError extends EffectsError {
  constructor(expected: string, got: string) {
    super("ERR_HISTORY", `expected a history in which ${expected}, got ${got}`);
  }
}

/** When this is thrown, a sequential model cannot be searched with: its states cannot be told apart. */
export class ModelError extends EffectsError {
  constructor(got: string) {
    super(
      "ERR_MODEL",
      `expected states that are primitives, or a model with identity(state), got ${got}; add identity to the model: ` +
        "equal texts for equal states, and only for those"
    );
  }
}
