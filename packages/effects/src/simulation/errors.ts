import { EffectsError } from "../errors.ts";

/** What an error of a simulation names, so that the run can be repeated. */
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
  /** Where it happened. */
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
  /** What it used. */
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
  /** In whose code. */
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
  /** Whose program. */
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
  /** The name of what did not hold. */
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
