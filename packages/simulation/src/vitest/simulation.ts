import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { type ExploreOptions, type ExploreProgress, exploring, type ExploringOptions, type Finding } from "../explore/explore.ts";
import { exerciseText, NO_EXERCISE } from "../explore/exercise.ts";
import { inTurns } from "../explore/in-turns.ts";
import { encodeRun } from "../explore/saved-run.ts";
import { quoted } from "../cli/quoted.ts";
import { withoutOurFrames } from "../own-frames.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { SimulationFailedError, SimulationUseError } from "../errors.ts";
import { callable, checked, object, optional, refuse, type Shape, string } from "../scenario/shape.ts";
import type { Covers } from "../scenario/plan-shape.ts";
import { exploreFields, exploringFields } from "../explore/explore-fields.ts";

/** Folder for failing runs, and the module that `npx @void-system/simulation replay` loads. */
export interface SaveOptions {
  /** Folder of the files; created if absent. */
  readonly folder: string;
  /** Module that exports the scenario: `new URL("./bank.scenario.js", import.meta.url)`. */
  readonly module: URL;
  /** Name of the export. @defaultValue "scenario" */
  readonly scenario?: string;
}

/** Options of {@link simulation}. `A` is the type of a node's `api`. */
export interface SimulationTestOptions<A = unknown> extends ExploreOptions {
  /** Makes the parts of a new run. */
  readonly scenario: Scenario<A>;
  /** Folder for the chart of a failure as SVG; created if absent. @defaultValue no chart is written */
  readonly svg?: string;
  /** Saves a failing run as a file that can be replayed without the test. @defaultValue the run is not saved */
  readonly save?: SaveOptions;
}

const url: Shape<unknown> = (value, path) => (value instanceof URL ? value : refuse(path, "a URL: new URL(…, import.meta.url)", value));

const simulationShape = object({
  ...exploreFields,
  scenario: callable,
  svg: optional(string()),
  save: optional(object({ folder: string(), module: url, scenario: optional(string()) } satisfies Covers<SaveOptions>)),
} satisfies Covers<SimulationTestOptions>);

/** Interval of progress reports. */
const REPORT_MS = 5_000;

/** Environment variable that selects a single seed. */
const SEED_VARIABLE = "VOID_SEED";

/**
 * Defines a test that runs a scenario from many seeds. If a seed fails, the test fails with that seed, the message
 * sequence chart of its smallest run, and the command that repeats it. If all seeds pass, the test prints what they
 * exercised, and fails when that was nothing: see {@link exploring}.
 *
 * `VOID_SEED=17` in the environment runs only that seed. The test has no time limit, since a run ends by itself (see
 * `eventsMax`). A long test prints its progress to standard output every 5 seconds. In watch mode, Ctrl-C or `c`
 * cancels the test, which then fails with the smallest failure found so far. Without watch mode, Ctrl-C ends vitest
 * itself.
 *
 * @example
 * ```
 * import { simulation } from "@void-system/simulation/vitest";
 * import { scenario } from "@void-system/effects";
 *
 * simulation("transfers keep the sum", {
 *   scenario,
 *   seeds: 200,
 *   svg: "charts",
 *   save: { folder: "failures", module: new URL("./bank.scenario.js", import.meta.url) },
 * });
 * ```
 */
export function simulation<A = unknown>(name: string, options: SimulationTestOptions<A>): void {
  // oxlint-disable-next-line vitest/expect-expect, vitest/valid-title -- it makes a test, it is none
  test(name, { timeout: 0 }, ({ task, signal }) => runSimulation(name, options, task.file.filepath, signal));
}

/** Runs the body of such a test. `testFile` is the file that defines it. */
export async function runSimulation<A>(
  name: string,
  options: SimulationTestOptions<A>,
  testFile: string,
  signal?: AbortSignal
): Promise<void> {
  const finding = await explored(name, options, signal);
  if (!finding) return;
  const { failure, events, seed } = finding.smallest;
  const isDone = finding.isMinimal || options.shrinkRunsMax === 0;
  const more = isDone ? "" : `; more runs than ${finding.shrinkRuns} may make it smaller`;
  const file = relative(process.cwd(), testFile);
  const message = [
    `seed ${finding.seed} fails: ${finding.found.failure.message}`,
    `(${exerciseText(finding.exercised)}; ${finding.found.events} events reduced to ${events}${more})`,
    ...(seed === finding.seed ? [] : [`(shrinking has led to seed ${seed}: the chart and the saved run are of that seed)`]),
    "",
    finding.text,
    "",
    ...written(name, options, finding),
    `again: ${SEED_VARIABLE}=${finding.seed} npx vitest run ${quoted(file)} -t ${quoted(asRegExp(name))}`,
  ];
  throw new SimulationFailedError(message.join("\n"), failure.error);
}

/** Explores, and prints what was exercised if all runs passed. */
async function explored<A>(
  name: string,
  options: SimulationTestOptions<A>,
  signal: AbortSignal | undefined
): Promise<Finding | undefined> {
  let exercised = NO_EXERCISE;
  const report = reporting(name, options.onProgress);
  const onProgress = (progress: ExploreProgress): boolean | void => {
    ({ exercised } = progress);
    return report(progress);
  };
  try {
    checked(simulationShape, options, SimulationUseError);
    const work = exploring(options.scenario, { ...exploringOptions(options), ...onlySeed() });
    const finding = await inTurns(work, { onProgress, ...(signal && { signal }) });
    if (!finding) process.stdout.write(`${name}: ${exerciseText(exercised)}\n`);
    return finding;
  } catch (error) {
    // The runner prints the frames of a mistake in the scenario.
    throw withoutOurFrames(error);
  }
}

/** Returns the options that `exploring` takes. */
function exploringOptions<A>(options: SimulationTestOptions<A>): ExploringOptions {
  return Object.fromEntries(Object.entries(options).filter(([name]) => name in exploringFields));
}

/** Prints the progress to standard output every {@link REPORT_MS}, and passes it on. */
function reporting(name: string, onProgress: ExploreOptions["onProgress"]): NonNullable<ExploreOptions["onProgress"]> {
  let reportedAt = performance.now();
  return (progress) => {
    const now = performance.now();
    if (now - reportedAt >= REPORT_MS) {
      reportedAt = now;
      process.stdout.write(`${name}: ${progressText(progress)}\n`);
    }
    return onProgress?.(progress);
  };
}

function progressText({ seed, seedsRun, seeds, events, shrinkRuns }: ExploreProgress): string {
  if (shrinkRuns !== undefined) return `seed ${seed} fails; reduced to ${events} events in ${shrinkRuns} runs`;
  return `${seedsRun} of ${seeds} seeds run, all passed`;
}

/** Returns the options for the seed that the environment selects, if any. */
function onlySeed(): ExploringOptions {
  const given = process.env[SEED_VARIABLE];
  if (given === undefined || given === "") return {};
  const seed = Number(given);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`expected ${SEED_VARIABLE} to be a whole number >= 0, got ${JSON.stringify(given)}`);
  return { seeds: 1, firstSeed: seed, mayTestNothing: true };
}

/** Writes the chart and the saved run, and returns the lines that name their files. */
function written<A>(name: string, { svg, save }: SimulationTestOptions<A>, finding: Finding): string[] {
  const lines: string[] = [];
  const base = `${name.replaceAll(/[^\p{L}\p{N}]+/gu, "-").slice(0, 80)}-${finding.seed}`;
  if (svg !== undefined) {
    mkdirSync(svg, { recursive: true });
    const file = join(svg, `${base}.svg`);
    writeFileSync(file, finding.svg);
    lines.push(`chart: ${file}`);
  }
  if (save) {
    mkdirSync(save.folder, { recursive: true });
    const { plan, failure, traceHash } = finding.smallest;
    const path = relative(resolve(save.folder), fileURLToPath(save.module)).replaceAll("\\", "/");
    const file = join(save.folder, `${base}.json`);
    const module = path.startsWith("../") ? path : `./${path}`;
    writeFileSync(file, encodeRun({ module, scenario: save.scenario ?? "scenario", plan, failure, traceHash }));
    lines.push(`replay: npx @void-system/simulation replay ${quoted(file)}`);
  }
  return lines;
}

/** Escapes text for `-t`, which takes a regular expression. */
function asRegExp(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}
