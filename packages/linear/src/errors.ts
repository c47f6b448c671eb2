/**
 * Base class of this package's errors. `code` is stable. `message` says what was expected, what was got and what to do.
 */
export class LinearError extends Error {
  /** Stable identifier of the error, for programs. */
  readonly code: string;

  constructor(code: string, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.name = new.target.name;
  }
}

/** The rule that a use broke. */
export type LinearViolation =
  /** The resource was consumed or moved, or its context closed, before this use. */
  | "used-after-end"
  /** The resource was to be consumed or moved while a borrow by `use` was still in progress. */
  | "ended-while-borrowed"
  /** A resource was to be created in, or moved to, a closed context. */
  | "context-closed";

/** Details of a misuse, in a {@link LinearTypeError}. */
export interface LinearMisuse {
  /** Name of the resource, as given at its creation. */
  readonly resource: string;
  /** The rule that was broken. */
  readonly violation: LinearViolation;
  /** Site of the first use (`function (file:line:column)`), if sites are captured. */
  readonly firstUse: string | undefined;
  /** Site of the refused use, if sites are captured. */
  readonly secondUse: string | undefined;
}

/**
 * When this is thrown, a resource was used against its type: a second time, during a borrow, or outside its context.
 * The refused use had no effect.
 *
 * @example
 * ```ts
 * import { LinearResource, LinearTypeError } from "@void-system/linear";
 * const conn = new LinearResource("socket", { name: "db_conn" });
 * conn.consume();
 * let caught: unknown;
 * try {
 *   conn.consume();
 * } catch (error) {
 *   caught = error;
 * }
 * caught instanceof LinearTypeError && caught.resource; // => "db_conn"
 * ```
 */
export class LinearTypeError extends LinearError implements LinearMisuse {
  declare readonly resource: string;
  declare readonly violation: LinearViolation;
  declare readonly firstUse: string | undefined;
  declare readonly secondUse: string | undefined;

  constructor(message: string, misuse: LinearMisuse) {
    super("ERR_LINEAR_TYPE", message);
    Object.assign(this, misuse);
  }
}

/**
 * When this is thrown, a resource or context was to be made with an option of an unknown name or of the wrong kind. It is a
 * mistake in the program.
 *
 * @example
 * ```ts
 * import { LinearOptionError, LinearResource } from "@void-system/linear";
 * const misspelt = { dispse: () => undefined };
 * let caught: unknown;
 * try {
 *   new LinearResource(1, misspelt as object);
 * } catch (error) {
 *   caught = error;
 * }
 * caught instanceof LinearOptionError; // => true
 * ```
 */
export class LinearOptionError extends LinearError {
  constructor(message: string) {
    super("ERR_LINEAR_OPTION", message);
  }
}

/** A resource that was still unfinished when its context closed. */
export interface Leak {
  /** Name of the resource. */
  readonly name: string;
  /** `linear`: the resource was never consumed. `affine`: it was still borrowed, so its use outlived its scope. */
  readonly kind: "linear" | "affine";
  /**
   * Names of the contexts that owned the resource, the first owner first, the closing one last (at most the latest 8).
   */
  readonly owners: readonly string[];
  /** True if a borrow by `use` was still in progress. */
  readonly borrowed: boolean;
  /** Site of its creation, if sites are captured. */
  readonly createdAt: string | undefined;
}

const LEAKS_IN_MESSAGE_MAX = 10;
const CAUSE_CHARACTERS_MAX = 200;

/**
 * When this is thrown, a context closed while it still owned linear resources that had not been consumed. If the body
 * of the scope threw as well, that error is the `cause`, and the message names it.
 */
export class LinearLeakError extends LinearError {
  /** The resources that were not consumed, in the order of creation. */
  readonly leaks: readonly Leak[];

  constructor(context: string, leaks: readonly Leak[], options?: ErrorOptions) {
    const shown = leaks.slice(0, LEAKS_IN_MESSAGE_MAX).map(describeLeak);
    if (leaks.length > shown.length) shown.push(`and ${leaks.length - shown.length} more`);
    const message = `expected every resource of ${context} to be consumed before it closes, got ${leaks.length} left: `;
    const ended = options?.cause === undefined ? "" : `; the scope had ended by an error, the cause: ${describeCause(options.cause)}`;
    super("ERR_LINEAR_LEAK", `${message}${shown.join("; ")}; consume() or move() each${ended}`, options);
    this.leaks = leaks;
  }
}

function describeCause(cause: unknown): string {
  const text = cause instanceof Error ? `${cause.name}: ${cause.message}` : typeof cause === "string" ? cause : `a thrown ${typeof cause}`;
  return text.length > CAUSE_CHARACTERS_MAX ? `${text.slice(0, CAUSE_CHARACTERS_MAX)}...` : text;
}

function describeLeak({ name, owners, borrowed, createdAt }: Leak): string {
  const owned = owners.length > 0 ? ` (owner ${owners.join(" -> ")})` : "";
  return name + owned + (borrowed ? ", still borrowed," : "") + (createdAt === undefined ? "" : ` created at ${createdAt}`);
}

/** One mistake in a value. */
export interface RefinementIssue {
  /** Keys and indices from the outermost value to the mistake; empty for the value itself. */
  readonly path: readonly PropertyKey[];
  /** Description of the expected and the actual value there. */
  readonly reason: string;
}

const ISSUES_IN_MESSAGE_MAX = 20;

/**
 * When this is thrown, a value is not of its refined type. Every mistake is listed with its path.
 *
 * @example
 * ```ts
 * import { IntRange, RefinementError, Struct } from "@void-system/linear";
 * const Limits = Struct({ low: IntRange(0, 9), high: IntRange(0, 9) });
 * let caught: unknown;
 * try {
 *   Limits.parse({ low: -1, high: 10 });
 * } catch (error) {
 *   caught = error;
 * }
 * caught instanceof RefinementError && caught.issues.map((issue) => issue.path); // => [["low"], ["high"]]
 * ```
 */
export class RefinementError extends LinearError {
  /** Every mistake, in the order of reading. */
  readonly issues: readonly RefinementIssue[];

  constructor(type: string, issues: readonly RefinementIssue[]) {
    const shown = issues.slice(0, ISSUES_IN_MESSAGE_MAX).map((issue) => `${formatPath(issue.path)}: ${issue.reason}`);
    const rest = issues.length - shown.length;
    if (rest > 0) shown.push(`and ${rest} more`);
    super("ERR_REFINEMENT", `expected ${type}: ${shown.join("; ")}`);
    this.issues = issues;
  }
}

/**
 * When this is thrown, a refined type was declared with invalid arguments: bounds out of order, an invalid length, or a
 * default that the type itself refuses. It is a mistake in the program, not in its input.
 */
export class SchemaError extends LinearError {
  constructor(message: string, options?: ErrorOptions) {
    super("ERR_SCHEMA", message, options);
  }
}

const IDENTIFIER = /^[A-Za-z_$][A-Za-z0-9_$]*$/;
const KEY_CHARACTERS_MAX = 60;

/**
 * Formats a path for people, as a program would write it: `peers[1].port`, or `value` for the value itself.
 *
 * @example
 * ```ts
 * import { formatPath } from "@void-system/linear";
 * formatPath(["peers", 1, "port"]); // => "peers[1].port"
 * ```
 */
export function formatPath(path: readonly PropertyKey[]): string {
  let text = "";
  for (const key of path) {
    const name = typeof key === "symbol" ? String(key) : key;
    if (typeof name === "number") text += `[${name}]`;
    else if (IDENTIFIER.test(name)) text += text === "" ? name : `.${name}`;
    else text += `[${JSON.stringify(name.slice(0, KEY_CHARACTERS_MAX))}]`;
  }
  return text === "" ? "value" : text;
}
