import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "vitest";
import { type ExploreOptions, type ExploreProgress, exploring, type Finding } from "../explore/explore.ts";
import { inTurns } from "../explore/in-turns.ts";
import { encodeRun } from "../explore/saved-run.ts";
import { quoted } from "../cli/quoted.ts";
import type { Scenario } from "../scenario/scenario.ts";
import { SimulationFailedError } from "../errors.ts";

/** Folder for failing runs, and the module that `npx @void-system/simulation replay` is to load. */
export interface SaveOptions {
  /** The folder of the files; created if absent. */
  readonly folder: string;
  /** The module that exports the scenario: `new URL("./bank.scenario.js", import.meta.url)`. */
  readonly module: URL;
  /** The name of the export. @defaultValue "scenario" */
  readonly scenario?: string;
}

/** Options of {@link simulation}. A is the `api` that a node's boot returns. */
export interface SimulationTestOptions<A = unknown> extends ExploreOptions {
  /** Makes the parts of a new run. */
  readonly scenario: Scenario<A>;
  /** A folder for the chart of a failure as SVG; created if absent. @defaultValue none is written */
  readonly svg?: string;
  /** Saves a failing run as a file that can be replayed without the test. @defaultValue it is not saved */
  readonly save?: SaveOptions;
}

/** Interval of progress reports. */
const REPORT_MS = 5_000;

/** The environment variable that has one seed run, and no other. */
const SEED_VARIABLE = "VOID_SEED";

/**
 * A test that runs a scenario from many seeds. When one fails, the test fails with that seed, the failure made small
 * as a message sequence chart, and the command that repeats it.
 *
 * `VOID_SEED=17` in the environment has only that seed run. Such a test has no time limit (a run ends by itself, see
 * `eventsMax`); a long one prints its progress to standard output every 5 seconds. One that vitest cancels (by
 * Ctrl-C or `c` in watch mode) fails with what it has found until then, as small as it is; without watch mode Ctrl-C ends
 * vitest itself.
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

/** The body of such a test, which stands in `testFile`. */
export async function runSimulation<A>(
  name: string,
  options: SimulationTestOptions<A>,
  testFile: string,
  signal?: AbortSignal
): Promise<void> {
  const onProgress = reporting(name, options.onProgress);
  const finding = await inTurns(exploring(options.scenario, { ...options, ...onlySeed() }), {
    onProgress,
    ...(signal && { signal }),
  });
  if (!finding) return;
  const { failure, events, seed } = finding.smallest;
  const other = seed === finding.seed ? "" : `, of seed ${seed}`;
  const isDone = finding.isMinimal || options.shrinkRunsMax === 0;
  const more = isDone ? "" : `; more runs than ${finding.shrinkRuns} may make it smaller`;
  const file = relative(process.cwd(), testFile);
  const message = [
    `seed ${finding.seed} fails: ${finding.found.failure.message}`,
    `(${finding.seedsRun} run; ${finding.found.events} events made into ${events}${other}${more})`,
    "",
    finding.text,
    "",
    ...written(name, options, finding),
    `again: ${SEED_VARIABLE}=${finding.seed} npx vitest run ${quoted(file)} -t ${quoted(asRegExp(name))}`,
  ];
  throw new SimulationFailedError(message.join("\n"), failure.error);
}

/** Prints the progress to standard output now and then, and passes it on. */
function reporting(name: string, onProgress: ExploreOptions["onProgress"]): NonNullable<ExploreOptions["onProgress"]> {
  let reportedAt = performance.now();
  return (progress) => {
    const now = performance.now();
    if (now - reportedAt >= REPORT_MS) {
      reportedAt = now;
      process.stdout.write(`${name}: ${standing(progress)}\n`);
    }
    return onProgress?.(progress);
  };
}

function standing({ seed, seedsRun, seeds, events, shrinkRuns }: ExploreProgress): string {
  if (shrinkRuns !== undefined) return `seed ${seed} fails; ${events} events are left of it after ${shrinkRuns} runs`;
  return `${seedsRun} of ${seeds} seeds run, all passed`;
}

/** The one seed that the environment asks for. */
function onlySeed(): ExploreOptions {
  const given = process.env[SEED_VARIABLE];
  if (given === undefined || given === "") return {};
  const seed = Number(given);
  if (!Number.isSafeInteger(seed) || seed < 0)
    throw new RangeError(`expected ${SEED_VARIABLE} to be a whole number >= 0, got ${JSON.stringify(given)}`);
  return { seeds: 1, firstSeed: seed };
}

/** Writes the chart and the saved run, and returns the lines that name them. */
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

/** `-t` takes a pattern. */
function asRegExp(text: string): string {
  return text.replaceAll(/[$()*+.?[\\\]^{|}]/g, String.raw`\$&`);
}
