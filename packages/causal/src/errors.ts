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
    // Programs in JavaScript pass anything as a name.
    this.node = typeof node === "string" ? node : quote(node);
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
    super("ERR_INVALID_PROBABILITY", `expected ${what} to be a number in 0..1, got ${quote(value)}`);
  }
}

/** When this is thrown, a node was given a value that is neither true nor false. */
export class InvalidAssignmentError extends CausalError {
  constructor(node: string, value: unknown) {
    super("ERR_INVALID_ASSIGNMENT", `expected true or false for ${quote(node)}, got ${quote(value)}`);
  }
}

/** When this is thrown, the evidence has probability 0 under the model, so nothing can be conditioned on it. */
export class ImpossibleEvidenceError extends CausalError {
  constructor(evidence: string) {
    super(
      "ERR_IMPOSSIBLE_EVIDENCE",
      `expected evidence that can happen, got ${evidence}, which has probability 0; ` +
        "correct it, or give the model a prior, leak or table entry above 0 where it has 0",
    );
  }
}

/** When this is thrown, a node is to be seen in one state while `do` forces it to another. */
export class EvidenceAgainstDoError extends CausalError {
  constructor(node: string) {
    super(
      "ERR_EVIDENCE_AGAINST_DO",
      `expected evidence that agrees with do, got another value of ${quote(node)}; ` +
        "leave it out of the evidence, or ask for a counterfactual if it was seen before the action",
    );
  }
}

/** When this is thrown, a node was given a state that it does not have. */
export class UnknownStateError extends CausalError {
  constructor(node: string, state: unknown, states: readonly unknown[]) {
    const known = states.slice(0, 8).map(quote).join(", ");
    super("ERR_UNKNOWN_STATE", `expected a state of ${quote(node)} (${known}), got ${quote(state)}; correct it`);
  }
}

/** When this is thrown, the tables or equations of a model do not fit its graph, or are no probabilities. */
export class InvalidModelError extends CausalError {
  constructor(message: string) {
    super("ERR_INVALID_MODEL", message);
  }
}

/** When this is thrown, no set of measured nodes removes the confounding of an effect. */
export class NoAdjustmentSetError extends CausalError {
  constructor(x: string, y: string) {
    super(
      "ERR_NO_ADJUSTMENT_SET",
      `expected an adjustment set for ${quote(x)} on ${quote(y)} with a column for each node, got none; ` +
        "measure more, or ask identify for another formula",
    );
  }
}

/** When this is thrown, a formula conditions on something that the data never show, and its result depends on it. */
export class PositivityError extends CausalError {
  constructor(formula: string) {
    super(
      "ERR_NO_POSITIVITY",
      `expected data with every combination that ${quote(formula)} conditions on, got none for some; ` +
        "merge rare states, or collect more data",
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

/** When this is thrown, an argument cannot be meant: sets that overlap, a string for a set of names, a rate above 1. */
export class InvalidQueryError extends CausalError {
  constructor(message: string) {
    super("ERR_INVALID_QUERY", message);
  }
}

/** When this is thrown, an option was given that nothing reads. */
export class UnknownOptionError extends CausalError {
  constructor(what: string, option: string, known: readonly string[]) {
    super("ERR_UNKNOWN_OPTION", `expected ${what} to have only ${known.join(", ")}, got ${quote(option)}; correct its name`);
  }
}

/** When this is thrown, text is not in the format that it was read as. */
export class InvalidTextError extends CausalError {
  /** Line of the first mistake, from 1. */
  readonly line: number;

  constructor(format: string, line: number, message: string) {
    super("ERR_INVALID_TEXT", `${format}, line ${line}: ${message}`);
    this.line = line;
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

/** When this is thrown, counts of failures, or buckets of them, are not what they must be. */
export class InvalidCountsError extends CausalError {
  constructor(message: string) {
    super("ERR_INVALID_COUNTS", message);
  }
}

/** A value as it appears in messages: text quoted, and cut so that a hostile name cannot flood a log. */
export function quote(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value);
  // Objects may refuse to become text.
  if (typeof value === "object" && value !== null) return Array.isArray(value) ? "an array" : "an object";
  return typeof value === "function" ? "a function" : String(value).slice(0, 80);
}
