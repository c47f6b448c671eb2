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

/** When this is thrown, a recorded history is not linearizable. The message says why. */
export class NotLinearizableError extends EffectsError {
  constructor(explanation: string) {
    super("ERR_NOT_LINEARIZABLE", explanation);
  }
}

/** When this is thrown, a check was given up before it knew: allow more `stepsMax`, or let operations name keys. */
export class UndecidedError extends EffectsError {
  constructor(explanation: string) {
    super("ERR_UNDECIDED", explanation);
  }
}
