/**
 * A failing run as a file: what to run, and the plan that makes it that run.
 */
import type { RunPlan } from "../scenario/scenario.ts";
import { planShape } from "../scenario/plan-shape.ts";
import { checked, integer, type JsonObject, object, show, string } from "../scenario/shape.ts";
import { TRACE_VERSION } from "../engine/trace-version.ts";
import { SavedRunError, TraceVersionError } from "../errors.ts";

/** The version of the format, which is written down in `docs/format.md`. */
export const SAVED_RUN_VERSION = 2;

/** Characters of the largest file that is read. */
export const SAVED_RUN_LENGTH_MAX: number = 16 * 1024 * 1024;

/** Contents of a file. */
export interface SavedRun {
  /**
   * The module that exports the scenario, as a path relative to the file: `./bank.scenario.js`. Replaying the
   * file executes the module.
   */
  readonly module: string;
  /** Name of the export: a function that makes the parts of a new run. */
  readonly scenario: string;
  /** The plan that repeats the run. */
  readonly plan: RunPlan;
  /** The failure when the run was saved. */
  readonly failure: {
    readonly kind: string;
    /** The check that did not hold. */
    readonly name: string;
    /** For people. */
    readonly message: string;
  };
  /** The hash of all its events: another one, and the program has changed since. */
  readonly traceHash: string;
}

/**
 * A saved run as text.
 *
 * @example
 * ```ts
 * import { decodeRun, encodeRun } from "@void-system/simulation";
 *
 * const plan = { seed: 7, faults: [], decisions: [], omitted: [], calm: [], forks: [] };
 * const failure = { kind: "violation", name: "sum", message: "9, not 10" };
 * const text = encodeRun({ module: "./bank.js", scenario: "transfers", plan, failure, traceHash: "00" });
 * decodeRun(text).plan.seed; // => 7
 * ```
 */
export function encodeRun(run: SavedRun): string {
  const { module, scenario, traceHash, plan } = run;
  // A failure of a run has more to it than a file can hold.
  const { kind, message } = run.failure;
  const name = run.failure.name.replaceAll(/\p{Cc}/gu, "\u{fffd}");
  const head = { format: "void-run", version: SAVED_RUN_VERSION, traceVersion: TRACE_VERSION, module, scenario };
  return `${JSON.stringify({ ...head, failure: { kind, name, message }, traceHash, plan }, undefined, 2)}\n`;
}

/**
 * Reads a saved run, strictly: nothing unknown, nothing missing, nothing out of its range. The module that it names is
 * not looked at.
 *
 * @throws {@link TraceVersionError} for a run of a simulator whose seeds mean other runs; {@link SavedRunError} for
 *   anything else.
 * @example
 * ```ts
 * import { decodeRun, SavedRunError } from "@void-system/simulation";
 *
 * let failure: unknown;
 * try { decodeRun('{"format":"void-run","version":1}'); } catch (error) { failure = error; }
 * failure instanceof SavedRunError; // => true
 * ```
 */
export function decodeRun(text: string): SavedRun {
  if (text.length > SAVED_RUN_LENGTH_MAX)
    throw new SavedRunError(`at most ${SAVED_RUN_LENGTH_MAX} characters`, `${text.length}`);
  const value = json(text);
  const { format, version, traceVersion } = isObject(value) ? value : {};
  if (format !== "void-run") throw new SavedRunError('"format": "void-run"', show(format));
  if (version !== SAVED_RUN_VERSION) throw new SavedRunError(`"version": ${SAVED_RUN_VERSION}`, show(version));
  if (typeof traceVersion === "number" && Number.isSafeInteger(traceVersion) && traceVersion !== TRACE_VERSION)
    throw new TraceVersionError(traceVersion);
  const { module, scenario, plan, failure, traceHash } = checked(savedRun, value, SavedRunError);
  return { module, scenario, plan, failure, traceHash };
}

/** Text that is printed as it is must not move the terminal's cursor. */
const printable = string(/^\P{Cc}*$/u, "a text without control characters");

const savedRun = object({
  format: string(),
  version: integer(SAVED_RUN_VERSION, SAVED_RUN_VERSION),
  traceVersion: integer(TRACE_VERSION, TRACE_VERSION),
  module: string(/^\.{1,2}\/\P{Cc}+$/u, "a path that begins with ./ or ../, without control characters"),
  scenario: string(/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u, "the name of an export"),
  failure: object({ kind: printable, name: printable, message: string() }),
  traceHash: string(/^[0-9a-f]*$/, "hexadecimal digits"),
  plan: planShape,
});

function json(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SavedRunError("JSON", error instanceof Error ? error.message : String(error));
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
