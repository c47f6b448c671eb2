/** Every error of this package. `code` is stable; `message` says what was expected, what was got, what to do. */
export class CausalError extends Error {
  /** Stable name of the meaning, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** When this is thrown, an edge would have closed a cycle; the graph is unchanged. */
export class CycleError extends CausalError {
  /** The nodes of the cycle in causal order; the last one is the first again. */
  readonly cycle: readonly string[];

  constructor(cycle: readonly string[]) {
    super(
      "ERR_CYCLE",
      `expected an acyclic graph, got the cycle ${cycle.map(quote).join(" -> ")}; remove one of its edges`,
    );
    this.cycle = cycle;
  }
}

/** When this is thrown, a query or a ranking named a node that the graph does not have. */
export class UnknownNodeError extends CausalError {
  /** The name that was asked for. */
  readonly node: string;

  constructor(node: string) {
    super("ERR_UNKNOWN_NODE", `expected a node of the graph, got ${quote(node)}; add it with addNode or addEdge first`);
    this.node = node;
  }
}

/** When this is thrown, a graph was given something it cannot hold: a bad name, an edge or node that it already has. */
export class InvalidGraphError extends CausalError {
  constructor(message: string) {
    super("ERR_INVALID_GRAPH", message);
  }
}

/** When this is thrown, a strength, prior or leak is not a probability. */
export class InvalidProbabilityError extends CausalError {
  constructor(what: string, value: unknown) {
    super("ERR_INVALID_PROBABILITY", `expected ${what} to be a number in 0..1, got ${String(value)}`);
  }
}

/** When this is thrown, a node was given a value that is neither true nor false. */
export class InvalidAssignmentError extends CausalError {
  constructor(node: string, value: unknown) {
    super("ERR_INVALID_ASSIGNMENT", `expected true or false for ${quote(node)}, got ${String(value)}`);
  }
}

/** When this is thrown, the evidence has probability 0 under the model, so nothing can be conditioned on it. */
export class ImpossibleEvidenceError extends CausalError {
  constructor(evidence: string) {
    super(
      "ERR_IMPOSSIBLE_EVIDENCE",
      `expected evidence that can happen, got ${evidence}, which has probability 0; ` +
        "give the nodes a prior above 0 (the leak of nodes with causes is 0 by default)",
    );
  }
}

/** When this is thrown, the exact answer would need more memory than the stated limits allow. */
export class QueryTooLargeError extends CausalError {
  constructor(what: string, got: number, limit: number) {
    super(
      "ERR_QUERY_TOO_LARGE",
      `expected an exact query with at most ${limit} ${what}, got ${got}; give more evidence or ask a smaller graph`,
    );
  }
}

/** When this is thrown, a metric table does not fit what it is used for: lengths differ, or the target is missing. */
export class InvalidTableError extends CausalError {
  constructor(message: string) {
    super("ERR_INVALID_TABLE", message);
  }
}

/** When this is thrown, the false-alarm rate asked for is below one window of the normal period. */
export class NormalTooShortError extends CausalError {
  constructor(rate: number, neededRows: number, rows: number, windowRows: number) {
    super(
      "ERR_NORMAL_TOO_SHORT",
      `expected a normal period of at least ${neededRows} rows for a false-alarm rate of ${rate} ` +
        `with an incident of ${windowRows} rows, got ${rows}; give a longer normal period, or ask for a higher rate`,
    );
  }
}

/** When this is thrown, an option, a name or a value of a question is not what it must be. */
export class InvalidQuestionError extends CausalError {
  constructor(message: string) {
    super("ERR_INVALID_QUESTION", message);
  }
}

/** When this is thrown, counts of failures, or buckets of them, are not what they must be. */
export class InvalidCountsError extends CausalError {
  constructor(message: string) {
    super("ERR_INVALID_COUNTS", message);
  }
}

/** A name as it appears in messages: quoted, and cut so that a hostile name cannot flood a log. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
