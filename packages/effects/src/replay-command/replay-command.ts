import { readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { chartSvg } from "../chart/chart-svg.ts";
import { chartText } from "../chart/chart-text.ts";
import { EffectsError } from "../errors.ts";
import { SavedRunError, ScenarioModuleError } from "../explore/errors.ts";
import { chartOf } from "../explore/explore.ts";
import { decodeRun, SAVED_RUN_LENGTH_MAX, type SavedRun } from "../explore/saved-run.ts";
import type { Scenario, SimulationResult } from "../simulation/scenario.ts";
import { inspect } from "../simulation/time-travel.ts";

/** What `replay` is asked for. */
export interface ReplayRequest {
  /** Where to write the SVG. */
  readonly svg?: string;
  /** The event to stop after. */
  readonly to?: number;
}

/** What it answers. */
export interface ReplayAnswer {
  /** 1 it still fails, 0 it does not, 2 the file is wrong. */
  readonly exitCode: 0 | 1 | 2;
  readonly out: string;
  readonly err: string;
}

const EXIT = { passes: 0, fails: 1, wrong: 2 } as const;

/** Runs a saved run again. Executes the module that the file names. */
export async function replayCommand(file: string, request: ReplayRequest): Promise<ReplayAnswer> {
  try {
    const saved = decodeRun(read(file));
    const scenario = await load(file, saved);
    const { result, chart } = chartOf(scenario, saved.plan, { title: `${saved.scenario} of ${saved.module}` });
    if (request.to !== undefined) return { exitCode: EXIT.passes, out: upTo(scenario, saved, request.to), err: "" };
    if (request.svg !== undefined) writeFileSync(request.svg, chartSvg(chart));
    const out = `${chartText(chart)}\n\n${verdict(saved, result)}\n`;
    return { exitCode: result.ok ? EXIT.passes : EXIT.fails, out, err: "" };
  } catch (error) {
    return { exitCode: EXIT.wrong, out: "", err: `${file}: ${told(error)}\n` };
  }
}

/** What a user is told; of what their own code threw, all there is. */
function told(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if (error instanceof ScenarioModuleError && error.cause instanceof Error)
    return `${error.message}\n${error.cause.stack ?? ""}`;
  return error instanceof EffectsError || isSystemError(error) ? error.message : (error.stack ?? error.message);
}

function read(file: string): string {
  const stat = statSync(file);
  if (!stat.isFile()) throw new SavedRunError("a file", "a folder or a device");
  const { size } = stat;
  // Before it is read. No unit of a string takes more than three bytes of UTF-8.
  if (size > 3 * SAVED_RUN_LENGTH_MAX) throw new SavedRunError(`at most ${SAVED_RUN_LENGTH_MAX} characters`, `${size} bytes`);
  const bytes = readFileSync(file);
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    throw new SavedRunError("UTF-8 text", "other bytes");
  }
}

async function load(file: string, { module, scenario }: SavedRun): Promise<Scenario> {
  const path = resolve(dirname(file), module);
  let exports: unknown;
  try {
    exports = await import(pathToFileURL(path).href);
  } catch (error) {
    throw new ScenarioModuleError(path, "be a module that can be loaded", reasonOf(error), { cause: error });
  }
  const found: unknown = typeof exports === "object" && exports !== null ? Reflect.get(exports, scenario) : undefined;
  if (typeof found !== "function")
    throw new ScenarioModuleError(path, `export a function "${scenario}"`, typeof found);
  return () => {
    try {
      // What it makes is checked by running it.
      return (found as Scenario)();
    } catch (error) {
      throw new ScenarioModuleError(path, `export a function "${scenario}" that makes a scenario`, reasonOf(error), { cause: error });
    }
  };
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function verdict({ failure, traceHash }: SavedRun, result: SimulationResult): string {
  const changed = result.traceHash === traceHash ? "" : "; the program has changed since it was saved";
  if (result.ok) return `it passes now (saved: ${failure.kind} ${failure.name})${changed}`;
  const { kind, name } = result.failure;
  const other = kind === failure.kind && name === failure.name ? "" : ` (saved: ${failure.kind} ${failure.name})`;
  return `it fails: ${kind} ${name}${other}${changed}`;
}

/** The chart up to an event, and what each node knows then. */
function upTo(scenario: Scenario, { plan }: SavedRun, event: number): string {
  const { chart } = chartOf(scenario, plan);
  const rows = chart.rows.filter((row) => row.event <= event && row.mark !== "failure" && row.mark !== "client");
  const run = inspect(scenario, plan, event);
  const states = run.cluster.nodes.map((id) => {
    const { running, paused, wallMs, links, logs, pending, state } = run.inspect(id);
    const is = running ? (paused ? "paused" : "running") : "down";
    const kept = Object.entries(logs).map(
      ([name, log]) => `${name}: ${log.records.length} kept, ${log.pending} not yet`
    );
    return [
      `${id} is ${is}; its clock says ${new Date(wallMs).toISOString()}; links to ${links.join(", ") || "nobody"}`,
      ...(kept.length > 0 ? [`  logs: ${kept.join("; ")}`] : []),
      ...(pending.length > 0
        ? [
            `  next: ${pending
              .slice(0, 5)
              .map((one) => `${one.kind} at ${one.atMs}`)
              .join(", ")}`,
          ]
        : []),
      ...(state === undefined ? [] : [`  state: ${JSON.stringify(state)}`]),
    ].join("\n");
  });
  return `${chartText({ ...chart, rows })}\n\nafter event ${run.events}, at ${run.now} ms:\n${states.join("\n")}\n`;
}

function isSystemError(error: unknown): error is Error & { readonly code: string } {
  return error instanceof Error && "code" in error && "syscall" in error;
}
