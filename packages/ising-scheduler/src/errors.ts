import type { Shortage } from "./result.ts";

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
    shortages: readonly Shortage[],
    conflicts: readonly (readonly [string, string])[],
    proved: boolean,
  ) {
    const together = conflicts.map(([a, b]) => `${quote(a)} and ${quote(b)} share a node`);
    const reasons = [...shortages.map(describe), ...together];
    const shown = reasons.length > 5 ? [...reasons.slice(0, 5), `${reasons.length - 5} more`] : reasons;
    const verdict = proved ? "there is none" : "none was found (that there is none is not proved)";
    super(
      "ERR_INFEASIBLE",
      `expected a placement within every capacity, but ${verdict}: ${shown.join("; ")}; add capacity or reduce demand`,
    );
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

function describe({ resource, node, task, needed, available, missing }: Shortage): string {
  if (task !== undefined && available === 0) return `${quote(task)} needs ${needed} ${quote(resource)}, and no node has any`;
  if (task !== undefined) return `${quote(task)} needs ${needed} ${quote(resource)}, the largest node has ${available}`;
  const where = node === undefined ? "on all nodes together" : `on ${quote(node)}`;
  // Rounding demands up and capacities down can leave no room where the numbers as given would just fit.
  const lacks = missing > 0 ? `lacks ${missing}` : "has no room to spare for rounding";
  return `${quote(resource)} ${lacks} ${where} (needed ${needed}, available ${available})`;
}
