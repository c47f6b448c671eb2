/**
 * A saved run and its scenario, from files.
 */
import { readFileSync, statSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { EffectsError } from "@void-system/effects";
import { SavedRunError, ScenarioModuleError } from "../errors.ts";
import { decodeRun, SAVED_RUN_LENGTH_MAX, type SavedRun } from "../explore/saved-run.ts";
import type { Scenario } from "../scenario/scenario.ts";

/** A saved run and its scenario. */
export interface SavedScenario {
  readonly saved: SavedRun;
  /** File of the module that exports the scenario. */
  readonly modulePath: string;
  readonly scenario: Scenario;
}

/** The result of a command. */
export interface Answer {
  readonly exitCode: number;
  readonly out: string;
  readonly err: string;
}

/** Exit codes. */
export const EXIT = { passes: 0, fails: 1, wrong: 2, interrupted: 130 } as const;

/** Reads a saved run, and executes the module that it names. */
export async function savedScenario(file: string): Promise<SavedScenario> {
  const saved = decodeRun(read(file));
  const modulePath = resolve(dirname(file), saved.module);
  return { saved, modulePath, scenario: await load(modulePath, saved.scenario) };
}

/** Returns the answer to an error in a file. An error of the user's own code is shown with its stack. */
export function wrong(file: string, error: unknown): Answer {
  return { exitCode: EXIT.wrong, out: "", err: `${file}: ${messageOf(error)}\n` };
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ScenarioModuleError && error.cause instanceof Error)
    return `${error.message}\n${error.cause.stack ?? ""}`;
  return error instanceof EffectsError || isSystemError(error) ? error.message : (error.stack ?? error.message);
}

function read(file: string): string {
  const stat = statSync(file);
  if (!stat.isFile()) throw new SavedRunError("a file", "a folder or a device");
  const { size } = stat;
  // Checked before the file is read: no code unit of a string takes more than three bytes of UTF-8.
  if (size > 3 * SAVED_RUN_LENGTH_MAX)
    throw new SavedRunError(`at most ${SAVED_RUN_LENGTH_MAX} characters`, `${size} bytes`);
  const bytes = readFileSync(file);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SavedRunError("UTF-8 text", "other bytes");
  }
}

async function load(path: string, scenario: string): Promise<Scenario> {
  let exports: unknown;
  try {
    exports = await import(pathToFileURL(path).href);
  } catch (error) {
    const isTypeScript = error instanceof Error && "code" in error && error.code === "ERR_UNKNOWN_FILE_EXTENSION";
    const hint = isTypeScript ? ` (TypeScript needs Node.js 22.18 or later, or \`npm install tsx\` and NODE_OPTIONS="--import tsx")` : "";
    throw new ScenarioModuleError(path, "be a module that can be loaded", reasonOf(error) + hint, { cause: error });
  }
  const found: unknown = typeof exports === "object" && exports !== null ? Reflect.get(exports, scenario) : undefined;
  if (typeof found !== "function")
    throw new ScenarioModuleError(path, `export a function "${scenario}"`, typeof found);
  return () => {
    try {
      // Running the scenario checks the parts that it makes.
      return (found as Scenario)();
    } catch (error) {
      const expected = `export a function "${scenario}" that makes a scenario`;
      throw new ScenarioModuleError(path, expected, reasonOf(error), { cause: error });
    }
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && "syscall" in error;
}
