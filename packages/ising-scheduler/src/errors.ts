import type { Shortage } from "./shortage.ts";

/** Every error of this package. `code` is stable; `message` says what was expected, what was got, what to do. */
export class SchedulerError extends Error {
  /** Stable name of the meaning, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/**
 * When this is thrown, tasks, nodes or options contradict themselves or are beyond a limit; the message has the path.
 */
export class InvalidProblemError extends SchedulerError {
  constructor(message: string) {
    super("ERR_INVALID_PROBLEM", message);
  }
}

/** When this is thrown, no placement was found that keeps every capacity and every separation. */
export class InfeasibleError extends SchedulerError {
  /** What is missing where, in the best placement there is; see {@link Shortage}. */
  readonly shortages: readonly Shortage[];
  /** Pairs of tasks that must be apart and could not be. */
  readonly conflicts: readonly (readonly [string, string])[];
  /** True if it is proved that no placement exists; false if none was found. */
  readonly proved: boolean;

  constructor(
    { reason, advice, proved }: { readonly reason: string; readonly advice: string; readonly proved: boolean },
    shortages: readonly Shortage[],
    conflicts: readonly (readonly [string, string])[],
  ) {
    const verdict = proved ? "there is none" : "none was found (that there is none is not proved)";
    super("ERR_INFEASIBLE", `expected a placement within every capacity and rule, but ${verdict}: ${reason}; ${advice}`);
    this.shortages = shortages;
    this.conflicts = conflicts;
    this.proved = proved;
  }
}

/** When this is thrown, a task or node was asked for that the problem does not have. */
export class UnknownNameError extends SchedulerError {
  constructor(what: "task" | "node", name: string) {
    super("ERR_UNKNOWN_NAME", `expected a ${what} of the problem, got ${quote(name)}`);
  }
}

/** A name as it appears in messages: quoted, and cut so that a hostile name cannot flood a log. */
export function quote(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
}
