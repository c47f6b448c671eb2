/**
 * The command of this package: `npx @void-system/simulation replay FILE` and `shrink FILE`.
 */
import { parseArgs } from "node:util";
import { replayCommand } from "./cli/replay-command.ts";
import type { Answer } from "./cli/saved-scenario.ts";
import { shrinkCommand } from "./cli/shrink-command.ts";

/** Exit code for wrong usage. */
const EXIT_USAGE = 2;

const HELP = `Usage: npx @void-system/simulation replay FILE [options]
       npx @void-system/simulation shrink FILE [options]

replay runs a saved failing run again and prints it as a message sequence chart.
shrink searches for a smaller run that fails in the same way, prints it and saves it. Ctrl-C ends the search with the
smallest run so far.

FILE names a module, which is loaded and executed: use only files that you trust.

Options of replay:
  --svg OUT     also write the chart as an SVG file
  --to EVENT    stop after this event, and print the state of each node
  --no-links    leave out the links that come up and go down

Options of shrink:
  --out OUT     file for the smaller run (default: FILE-small.json beside FILE)
  --runs N      try at most N runs (default: 1000)

  --help        print this help

Exit codes: 1 the run still fails, 0 it does not (or --to was reached first), 2 the file, its module or the command
is wrong, 130 interrupted.
`;

process.exitCode = await main(process.argv.slice(2));

async function main(given: readonly string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({
      args: [...given],
      allowPositionals: true,
      options: {
        svg: { type: "string" },
        to: { type: "string" },
        "no-links": { type: "boolean" },
        out: { type: "string" },
        runs: { type: "string" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    return wrong(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = parsed;
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [command, file, ...more] = positionals;
  const { svg, to, out, runs, "no-links": noLinks = false } = values;
  if (file === undefined || more.length > 0) return wrong("expected: replay FILE, or shrink FILE");
  if (command === "replay") {
    if (out !== undefined || runs !== undefined) return wrong("--out and --runs are options of shrink");
    if (!isCount(to)) return wrong("expected --to the number of an event");
    const request = { links: !noLinks, ...(svg !== undefined && { svg }), ...(to !== undefined && { to: Number(to) }) };
    return answered(await replayCommand(file, request));
  }
  if (command !== "shrink") return wrong("expected: replay FILE, or shrink FILE");
  if (svg !== undefined || to !== undefined || noLinks) return wrong("--svg, --to and --no-links are options of replay");
  if (!isCount(runs)) return wrong("expected --runs a number of runs");
  const controller = new AbortController();
  const interrupt = (): void => controller.abort();
  // Only the first Ctrl-C ends the search. A second one ends the process as usual, and so does one after the search.
  process.once("SIGINT", interrupt);
  const answer = await shrinkCommand(file, {
    ...(out !== undefined && { out }),
    ...(runs !== undefined && { runsMax: Number(runs) }),
    signal: controller.signal,
    report: (progress) => void process.stderr.write(`${progress}\n`),
  });
  process.off("SIGINT", interrupt);
  return answered(answer);
}

function isCount(value: string | undefined): boolean {
  return value === undefined || /^\d{1,15}$/.test(value);
}

function answered({ exitCode, out, err }: Answer): number {
  process.stdout.write(out);
  process.stderr.write(err);
  return exitCode;
}

function wrong(message: string): number {
  process.stderr.write(`${message}\n\n${HELP}`);
  return EXIT_USAGE;
}
