import { EffectsError } from "@void-system/effects";
import { TRACE_VERSION } from "./engine/trace-version.ts";

/** The point of a run at which an error occurred. Its seed repeats the run. */
export interface SimulationPoint {
  /** The seed of the run. */
  readonly seed: number;
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
  /** The trace hash up to there. */
  readonly traceHash: string;
}

/** Base of what a {@link Simulation} throws: each names its seed, which with the same program gives the same run. */
export class SimulationError extends EffectsError {
  /** The point of the run. */
  readonly point: SimulationPoint;

  constructor(code: string, message: string, point: SimulationPoint, options?: ErrorOptions) {
    super(
      code,
      `${message} [seed ${point.seed}, at ${point.atMs} ms, trace ${point.traceHash}; the same seed repeats it]`,
      options
    );
    this.point = point;
  }
}

/** When this is thrown, what was waited for did not come true within its deadline of virtual time. */
export class SimulationTimeoutError extends SimulationError {
  constructor(waitedFor: string, point: SimulationPoint) {
    super("ERR_SIMULATION_TIMEOUT", `expected ${waitedFor}, which did not happen`, point);
  }
}

/**
 * When this is thrown, code of a node reached around its World: the run would not be a function of its seed. Its stack
 * points there.
 */
export class SimulationLeakError extends SimulationError {
  /** The door of the platform that it used. */
  readonly used: string;

  constructor(used: string, instead: string, point: SimulationPoint) {
    super("ERR_SIMULATION_LEAK", `expected a node to use ${instead} of its World, got ${used}`, point);
    this.used = used;
  }
}

/**
 * When this is thrown, code of a node threw out of a callback, which would have ended a real process. `cause` is what
 * it threw.
 */
export class SimulatedNodeError extends SimulationError {
  /** The node whose code threw. */
  readonly node: string;

  constructor(node: string, cause: unknown, point: SimulationPoint) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      "ERR_SIMULATED_NODE",
      `expected the node ${JSON.stringify(node)} to catch its errors, got: ${reason}`,
      point,
      { cause }
    );
    this.node = node;
  }
}

/**
 * When this is thrown, a program of a client threw, or one of its finalisers did. `cause` is what it threw, with a stack
 * of the program's own functions.
 */
export class SimulatedClientError extends SimulationError {
  /** The client whose program threw. */
  readonly client: string;

  constructor(client: string, cause: unknown, point: SimulationPoint) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    super(
      "ERR_SIMULATED_CLIENT",
      `expected the client ${JSON.stringify(client)} to catch its errors, got: ${reason}`,
      point,
      { cause }
    );
    this.client = client;
  }
}

/**
 * When this is thrown into the program of a client, nobody knows what became of its operation: the time for it was over,
 * or it is one that a smaller run leaves out. A client that does not catch it ends, which is no failure.
 */
export class OutcomeUnknownError extends EffectsError {
  constructor(op: string, reason: string) {
    const expected = `expected ${JSON.stringify(op)} to return`;
    super("ERR_OUTCOME_UNKNOWN", `${expected}, got no answer: ${reason}; catch it, to go on or to ask again`);
  }
}

/** When this is thrown, something that must hold in a run did not. */
export class ViolationError extends SimulationError {
  /** The name of the check. */
  readonly check: string;

  constructor(check: string, detail: string | undefined, point: SimulationPoint, options?: ErrorOptions) {
    const said = detail === undefined ? "" : `: ${detail}`;
    super("ERR_VIOLATION", `expected ${JSON.stringify(check)} to hold, it did not${said}`, point, options);
    this.check = check;
  }
}

/** When this is thrown, a simulation was asked for something that makes no sense in its state. */
export class SimulationUseError extends EffectsError {
  constructor(expected: string, got: string) {
    super("ERR_SIMULATION_USE", `expected ${expected}, got ${got}`);
  }
}

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
        "replay it with the release of @void-system/simulation that saved it, or run its test again, which looks for a failing seed"
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

/**
 * When this is thrown, a test of {@link simulation} found a failure. The message holds the seed, the chart and the command that repeats
 * it.
 */
export class SimulationFailedError extends EffectsError {
  constructor(message: string, cause: Error) {
    super("ERR_SIMULATION_FAILED", message, { cause });
    // The stack of the helper says nothing, and the runner prints that of the cause.
    this.stack = `${this.name}: ${message}`;
  }
}
