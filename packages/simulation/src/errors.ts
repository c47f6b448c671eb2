import { EffectsError } from "@void-system/effects";
import { TRACE_VERSION } from "./engine/trace-version.ts";
import { isOurs } from "./own-frames.ts";

/** Point of a run at which an error occurred. Its seed repeats the run. */
export interface SimulationPoint {
  /** The seed of the run. */
  readonly seed: number;
  /** Virtual milliseconds since the beginning. */
  readonly atMs: number;
  /** Trace hash at this point. */
  readonly traceHash: string;
  /** True in a run that repeats a plan. There the seed alone means another run. @defaultValue false */
  readonly planned?: boolean;
}

/**
 * Base of the errors of a {@link Simulation}. Each names its seed, which repeats the run with the same program. In a run
 * of a plan, the plan repeats it.
 */
export class SimulationError extends EffectsError {
  /** Point of the run. */
  readonly point: SimulationPoint;

  constructor(code: string, message: string, point: SimulationPoint, options?: ErrorOptions) {
    super(
      code,
      `${message} [seed ${point.seed}, at ${point.atMs} ms, trace ${point.traceHash}; ` +
        `${point.planned === true ? "its plan" : "the same seed"} repeats it]`,
      options
    );
    this.point = point;
  }
}

/** When this is thrown, a condition did not come true within its deadline of virtual time. */
export class SimulationTimeoutError extends SimulationError {
  constructor(waitedFor: string, point: SimulationPoint) {
    super("ERR_SIMULATION_TIMEOUT", `expected ${waitedFor}, which did not happen`, point);
  }
}

/**
 * When this is thrown, code of a node bypassed its World, or code of the test used the platform's time or randomness.
 * The run would not be a function of its seed. The stack shows the call.
 */
export class SimulationLeakError extends SimulationError {
  /** Function of the platform that was used. */
  readonly used: string;
  /** The code that used it: a node's or a client's, or a check, a `state()` or an action of the test. */
  readonly by: "node" | "test";

  constructor(used: string, instead: string, point: SimulationPoint, by: "node" | "test" = "node", detail = "") {
    const expected =
      by === "node"
        ? `expected a node to use ${instead} of its World`
        : "expected checks, state() and actions of the test to depend on the run alone";
    super("ERR_SIMULATION_LEAK", `${expected}, got ${used}${detail}`, point);
    this.used = used;
    this.by = by;
  }
}

/**
 * When this is thrown, the bytes of a frame changed between `send` and arrival. A real network would have copied them.
 * Either the sender reuses its buffer, or a node that received the same array wrote into it.
 */
export class FrameChangedError extends SimulationError {
  /** Sender of the frame. */
  readonly from: string;
  /** Receiver of the frame. */
  readonly to: string;
  /** Time of the `send`, in virtual milliseconds. */
  readonly sentAtMs: number;

  constructor(from: string, to: string, sentAtMs: number, point: SimulationPoint, place: Place = {}) {
    super(
      "ERR_FRAME_CHANGED",
      `expected the frame that ${JSON.stringify(from)} sent to ${JSON.stringify(to)} at ${sentAtMs} ms${placeText(place)} to arrive as it ` +
        "was sent, got other bytes; do not write into a frame after `send`, nor into one that was received: copy it first",
      point
    );
    this.from = from;
    this.to = to;
    this.sentAtMs = sentAtMs;
    showPlace(this, place);
  }

  /** Returns the same error with the place of the `send`. */
  sentAt(place: Place): FrameChangedError {
    return new FrameChangedError(this.from, this.to, this.sentAtMs, this.point, place);
  }
}

/**
 * When this is thrown, a program made an operation and never performed it, so nothing was sent, waited for or written.
 * Nearly always a `yield*` is missing before it.
 */
export class NeverPerformedError extends SimulationError {
  /** Node or client whose program made the operation. */
  readonly node: string;
  /** The operation, such as `Net.send`. */
  readonly operation: string;
  /** Time at which it was made, in virtual milliseconds. */
  readonly madeAtMs: number;

  constructor(node: string, operation: string, madeAtMs: number, point: SimulationPoint, place: Place = {}) {
    super(
      "ERR_NEVER_PERFORMED",
      `expected ${JSON.stringify(node)} to perform the ${operation}(…) that it made at ${madeAtMs} ms${placeText(place)}, got one that was ` +
        `never performed; write \`yield* ${operation}(…)\`, or in an async function \`await\` the operation of its argument; ` +
        `to perform it later, or perhaps not, keep a function: \`() => ${operation}(…)\``,
      point
    );
    this.node = node;
    this.operation = operation;
    this.madeAtMs = madeAtMs;
    showPlace(this, place);
  }
}

/**
 * When this is thrown, a client waits although no event is pending, so it can never continue. Its later operations would
 * never begin, and the run would pass without them.
 */
export class ClientWaitsForeverError extends SimulationError {
  /** The client. */
  readonly client: string;
  /** Its operation in flight; undefined if there is none. */
  readonly operation: string | undefined;

  constructor(client: string, operation: string | undefined, point: SimulationPoint) {
    const during = operation === undefined ? "outside of an operation" : `in its operation ${JSON.stringify(operation)}`;
    super(
      "ERR_CLIENT_WAITS_FOREVER",
      `expected the client ${JSON.stringify(client)} to end, got one that waits forever ${during}, since no event is pending; ` +
        "correct what it waits for, or, if its node may be down or an answer may be lost, give the workload a `timeoutMs` " +
        "(an operation then ends with an unknown outcome), or the run an end of its own: `until`",
      point
    );
    this.client = client;
    this.operation = operation;
  }
}

/** When this is thrown, a program used a name that no node and no client of the run has. */
export class UnknownNodeError extends SimulationError {
  /** The name. */
  readonly unknown: string;

  constructor(by: string, doing: string, unknown: string, known: readonly string[], point: SimulationPoint) {
    super(
      "ERR_UNKNOWN_NODE",
      `expected ${JSON.stringify(by)} to ${doing} a node or client of the run (${known.join(", ")}), got ` +
        `${JSON.stringify(unknown)}; correct the name, or list it under \`absent\``,
      point
    );
    this.unknown = unknown;
  }
}

/**
 * When this is thrown, a check or another function of the test failed by a mistake of its own: a `TypeError` or a
 * `ReferenceError`. That says nothing about the nodes. `cause` is that error.
 */
export class TestCodeError extends SimulationError {
  constructor(who: string, cause: Error, point: SimulationPoint) {
    super(
      "ERR_TEST_CODE",
      `expected ${who} to run without a mistake of its own, got a ${cause.name}: ${cause.message}; ` +
        (isFrozen(cause) ? "the history is frozen: copy it before you sort or change it" : "correct the test"),
      point,
      { cause }
    );
  }
}

/** Returns true for the error of a change to a frozen object. */
function isFrozen({ message }: Error): boolean {
  return /read only property|not extensible|Cannot delete property/.test(message);
}

/** When this is thrown, all runs of an exploration passed without having tested anything. The message gives the reasons. */
export class NothingTestedError extends EffectsError {
  /** The reasons. */
  readonly reasons: readonly string[];

  constructor(exercised: string, reasons: readonly string[]) {
    super("ERR_NOTHING_TESTED", `expected runs that test something, got ${exercised}: ${reasons.join("; ")}`);
    this.reasons = reasons;
  }
}

/**
 * When this is thrown, an async program of a node or client waits for something else than its World, or something else
 * continued it: a timer, a request or a file of the platform, or a promise that only another node settles. The stack
 * shows the last `await` before that.
 */
export class ForeignAwaitError extends SimulationLeakError {
  /** Node or client of the program. */
  readonly node: string;
  readonly #awaits: readonly { readonly stack?: string }[];

  /** @param awaits - Stacks of the latest `await`s, the last one at the end. */
  constructor(node: string, awaits: readonly { readonly stack?: string }[], point: SimulationPoint, operation?: string) {
    const frames = awaits.map(framesOf).findLast(({ length }) => length > 0) ?? [];
    const during = operation === undefined ? "" : ` in its operation ${JSON.stringify(operation)}`;
    const where = frames[0] === undefined ? "" : ` ${frames[0].trim()}`;
    const detail = ` (by ${JSON.stringify(node)}${during}${where})`;
    super("a promise that none of these calls settles", "calls that return promises", point, "node", detail);
    this.node = node;
    this.#awaits = awaits;
    if (frames.length > 0) this.stack = [`${this.name}: ${this.message}`, ...frames].join("\n");
  }

  /** Returns the same error with the name of the operation in which the program waits. */
  during(operation: string): ForeignAwaitError {
    return new ForeignAwaitError(this.node, this.#awaits, this.point, operation);
  }
}

/** A place in the user's code, as a stack. The engine makes its text when it is read. */
export interface Place {
  /** Stack of the call. */
  readonly stack?: string;
}

/** Returns the place in brackets, for a message; "" if there is none. */
function placeText(place: Place): string {
  const [first] = framesOf(place);
  return first === undefined ? "" : ` (${first.trim()})`;
}

/** Shows the place as the stack of an error, if there is one. */
export function showPlace(error: Error, place: Place): void {
  const frames = framesOf(place);
  if (frames.length > 0) error.stack = [`${error.name}: ${error.message}`, ...frames].join("\n");
}

/** Returns the user's frames of a stack. */
function framesOf({ stack = "" }: Place): string[] {
  return stack.split("\n").slice(1).filter((frame) => !isOurs(frame) && !/<anonymous>\)?$/.test(frame));
}

/**
 * When this is thrown, code of a node threw an error out of a callback. It would have ended a real process. `cause` is
 * that error.
 */
export class SimulatedNodeError extends SimulationError {
  /** Node whose code threw. */
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
 * When this is thrown, a program of a client or one of its finalizers threw an error. `cause` is that error, with a
 * stack of the program's own functions.
 */
export class SimulatedClientError extends SimulationError {
  /** Client whose program threw. */
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
 * When this is thrown into a client's program, the outcome of its operation is unknown. The operation's time was over,
 * or a smaller run leaves the operation out. A client that does not catch the error ends, which is no failure.
 */
export class OutcomeUnknownError extends EffectsError {
  constructor(op: string, reason: string) {
    const expected = `expected ${JSON.stringify(op)} to return`;
    super("ERR_OUTCOME_UNKNOWN", `${expected}, got no answer: ${reason}; catch this error to continue or to retry`);
  }
}

/** When this is thrown, a condition of the run did not hold. */
export class ViolationError extends SimulationError {
  /** Name of the check. */
  readonly check: string;

  constructor(check: string, detail: string | undefined, point: SimulationPoint, options?: ErrorOptions) {
    const said = detail === undefined ? "" : `: ${detail}`;
    super("ERR_VIOLATION", `expected ${JSON.stringify(check)} to hold, but it did not${said}`, point, options);
    this.check = check;
  }
}

/** When this is thrown, a simulation was used in a way that its options or its state do not allow. */
export class SimulationUseError extends EffectsError {
  constructor(expected: string, got: string) {
    super("ERR_SIMULATION_USE", `expected ${expected}, got ${got}`);
  }
}

/**
 * When this is thrown, a run and its repetition differ, so no failure of the scenario could be replayed. The message
 * shows the first event that differs, if a further repetition showed it. `cause` is the error of the run that failed, if
 * one did.
 */
export class NotAFunctionOfItsSeedError extends EffectsError {
  /** The seed of both runs. */
  readonly seed: number;

  constructor(seed: number, got: string, options?: ErrorOptions) {
    super(
      "ERR_NOT_A_FUNCTION_OF_ITS_SEED",
      `expected two runs of seed ${seed} to be the same, got ${got}; create the state that a run changes within the ` +
        "scenario, and take time and randomness from the World alone",
      options
    );
    this.seed = seed;
  }
}

/** When this is thrown, a saved run cannot be read: it is damaged, invalid, or of another version. */
export class SavedRunError extends EffectsError {
  constructor(expected: string, got: string) {
    super("ERR_SAVED_RUN", `expected a saved run with ${expected}, got ${got}; save the run again`);
  }
}

/**
 * When this is thrown, a run was saved by a release in which seeds mean other runs. Replayed here it would be another
 * run, and a pass would prove nothing.
 */
export class TraceVersionError extends EffectsError {
  /** Trace version of the file. */
  readonly traceVersion: number;

  constructor(traceVersion: number) {
    super(
      "ERR_TRACE_VERSION",
      `expected a run of trace version ${TRACE_VERSION}, got ${traceVersion}: its seed means another run here; ` +
        "replay it with the release of @void-system/simulation that saved it, or run its test again to find a failing seed"
    );
    this.traceVersion = traceVersion;
  }
}

/**
 * When this is thrown, the module that a saved run names has no scenario. `cause` is the module's own error, if it
 * threw one.
 */
export class ScenarioModuleError extends EffectsError {
  constructor(module: string, expected: string, got: string, options?: ErrorOptions) {
    super(
      "ERR_SCENARIO_MODULE",
      `expected ${module} to ${expected}, got ${got}; fix the module, or save the run again with its test`,
      options
    );
  }
}

/**
 * When this is thrown, a recorded history is impossible: an operation returned before it began, or only some have keys.
 */
export class HistoryError extends EffectsError {
  constructor(expected: string, got: string) {
    super("ERR_HISTORY", `expected a history in which ${expected}, got ${got}`);
  }
}

/** When this is thrown, a sequential model cannot be searched, since its states cannot be compared. */
export class ModelError extends EffectsError {
  constructor(got: string) {
    super(
      "ERR_MODEL",
      `expected states that are primitives, or a model with identity(state), got ${got}; add identity to the model: ` +
        "equal strings for equal states, and only for those"
    );
  }
}

/** When this is thrown, a recorded history is not linearizable. The message explains why. */
export class NotLinearizableError extends EffectsError {
  constructor(explanation: string) {
    super("ERR_NOT_LINEARIZABLE", explanation);
  }
}

/** When this is thrown, a check ended without a verdict. Allow more `stepsMax`, or let operations name keys. */
export class UndecidedError extends EffectsError {
  constructor(explanation: string) {
    super("ERR_UNDECIDED", explanation);
  }
}

/**
 * When this is thrown, a test of `simulation` of `@void-system/simulation/vitest` found a failure. The message holds the seed, the chart and the
 * command that repeats the run.
 */
export class SimulationFailedError extends EffectsError {
  constructor(message: string, cause: Error) {
    super("ERR_SIMULATION_FAILED", message, { cause });
    // The helper's own stack says nothing, and the runner prints that of the cause.
    this.stack = `${this.name}: ${message}`;
  }
}
