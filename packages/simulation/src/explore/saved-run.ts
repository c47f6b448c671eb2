/**
 * A failing run as a file: its scenario, and the plan that identifies the run.
 */
import type { RunPlan } from "../scenario/scenario.ts";
import { planShape } from "../scenario/plan-shape.ts";
import { checked, integer, type JsonObject, object, show, string } from "../scenario/shape.ts";
import { TRACE_VERSION } from "../engine/trace-version.ts";
import { SavedRunError, TraceVersionError } from "../errors.ts";

/** Version of the format, which `docs/format.md` describes. */
export const SAVED_RUN_VERSION = 2;

/** Most characters of a file. */
export const SAVED_RUN_LENGTH_MAX: number = 16 * 1024 * 1024;

/** Contents of a saved run. */
export interface SavedRun {
  /**
   * Module that exports the scenario, as a path relative to the file: `./bank.scenario.js`. Replaying the file executes
   * the module.
   */
  readonly module: string;
  /** Name of the export: a function that makes the parts of a new run. */
  readonly scenario: string;
  /** Plan that repeats the run. */
  readonly plan: RunPlan;
  /** Failure of the run when it was saved. */
  readonly failure: {
    readonly kind: string;
    /** Name of the failed check, say: see {@link SimulationFailure.name}. */
    readonly name: string;
    /** Message for people. */
    readonly message: string;
  };
  /** Hash of all events. If it differs in a replay, the program has changed. */
  readonly traceHash: string;
}

/** Encodes a saved run as text. */
export function encodeRun(run: SavedRun): string {
  const { module, scenario, traceHash, plan } = run;
  // Picks fields, since the failure of a run has more than a file can hold.
  const { kind, message } = run.failure;
  const name = run.failure.name.replaceAll(/\p{Cc}/gu, "\u{fffd}");
  const head = { format: "void-run", version: SAVED_RUN_VERSION, traceVersion: TRACE_VERSION, module, scenario };
  return `${JSON.stringify({ ...head, failure: { kind, name, message }, traceHash, plan }, undefined, 2)}\n`;
}

/**
 * Decodes a saved run strictly: it refuses unknown fields, missing fields and values out of range. It does not check
 * the module that the run names.
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

/** Printed text must not move the terminal's cursor. */
const printable = string(/^\P{Cc}*$/u, "a string without control characters");

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
