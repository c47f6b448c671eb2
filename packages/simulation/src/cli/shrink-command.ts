import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, relative, resolve } from "node:path";
import { type ExploreProgress, type Finding, reducing } from "../explore/explore.ts";
import { inTurns } from "../explore/in-turns.ts";
import { encodeRun } from "../explore/saved-run.ts";
import { quoted } from "./quoted.ts";
import { type Answer, EXIT, type SavedScenario, savedScenario, wrong } from "./saved-scenario.ts";

/** Options of `shrink`. */
export interface ShrinkRequest {
  /** File for the smaller run; its folder is created if absent. @defaultValue `run-small.json` beside `run.json` */
  readonly out?: string;
  /** Most runs that may be tried. @defaultValue 1_000 */
  readonly runsMax?: number;
  /** Ends the search with the smallest run so far. */
  readonly signal?: AbortSignal;
  /** Is called with a line of progress. */
  readonly report?: (progress: string) => void;
}

/** Interval of progress reports. */
const REPORT_MS = 1_000;

const PASSES: Answer = { exitCode: EXIT.passes, out: "it passes now\n", err: "" };
const INTERRUPTED: Answer = { exitCode: EXIT.interrupted, out: "", err: "interrupted before the saved run had ended\n" };

/** Makes a saved run smaller, and saves the result. It executes the module that the file names. */
export async function shrinkCommand(file: string, request: ShrinkRequest): Promise<Answer> {
  const { out = file.replace(/(\.json)?$/, "-small.json"), runsMax, signal, report } = request;
  try {
    const found = await savedScenario(file);
    // First of all: a thousand runs must not be lost for lack of a folder.
    mkdirSync(dirname(out), { recursive: true });
    const finding = await inTurns(
      reducing(found.scenario, found.saved.plan, runsMax === undefined ? {} : { shrinkRunsMax: runsMax }),
      { ...(report && { onProgress: reporting(report) }), ...(signal && { signal }) }
    );
    const isInterrupted = signal?.aborted === true;
    if (!finding) return isInterrupted ? INTERRUPTED : PASSES;
    writeFileSync(out, saved(out, found, finding));
    return { exitCode: isInterrupted ? EXIT.interrupted : EXIT.fails, out: summary(out, finding), err: "" };
  } catch (error) {
    return wrong(file, error);
  }
}

/** Encodes the smaller run for a file that may be in another folder. */
function saved(out: string, { saved: { scenario }, modulePath }: SavedScenario, { smallest }: Finding): string {
  const path = relative(dirname(resolve(out)), modulePath).replaceAll("\\", "/");
  const { plan, failure, traceHash } = smallest;
  return encodeRun({ module: path.startsWith("../") ? path : `./${path}`, scenario, plan, failure, traceHash });
}

function summary(out: string, { found, smallest, shrinkRuns, isMinimal, text }: Finding): string {
  const more = isMinimal ? "" : "; more runs may make it smaller";
  return [
    text,
    "",
    `it fails: ${smallest.failure.kind} ${smallest.failure.name}`,
    `${found.events} events reduced to ${smallest.events}, in ${shrinkRuns} runs${more}`,
    `replay: npx @void-system/simulation replay ${quoted(out)}`,
    "",
  ].join("\n");
}

function reporting(report: (progress: string) => void): (progress: ExploreProgress) => void {
  let reportedAt = performance.now();
  return ({ events, shrinkRuns }) => {
    const now = performance.now();
    if (now - reportedAt < REPORT_MS) return;
    reportedAt = now;
    if (shrinkRuns === undefined) report(`running, ${events} events so far`);
    else report(`${shrinkRuns} runs tried, ${events} events left`);
  };
}
