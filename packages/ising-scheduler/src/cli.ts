/**
 * The command of this package: `npx @void-system/ising-scheduler place FILE…`, `explain TASK FILE…` and `what-if FILE…`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { explainCommand, placeCommand, readFiles, whatIfCommand, withChanges } from "./commands/index.ts";
import type { Answer } from "./commands/index.ts";
import { jsonOf } from "./commands/read-files.ts";
import { InvalidProblemError, quote, SchedulerError } from "./errors.ts";
import { ImportError } from "./import/index.ts";

/** Exit code for wrong usage and files that are not understood. */
const EXIT_USAGE = 2;

const HELP = `Usage: npx @void-system/ising-scheduler place FILE... [options]
       npx @void-system/ising-scheduler explain TASK FILE... [options]
       npx @void-system/ising-scheduler what-if FILE... --without NODE | --add NxSPEC [options]

place places all tasks, and prints the load of each node, what waits, what moves and why.
explain shows what each node would mean for one task.
what-if shows what happens when nodes are taken away or added.

FILE is JSON of a problem, the output of "kubectl get nodes,pods -A -o json", a CSV table with a column "task" or "node",
or a table of the openb trace. Several files add up. CSV needs the package csv-parse.

Options:
  --previous FILE   JSON of a placement, or of a result of place --json: where tasks are now
  --without NODE    take a node away; may be repeated
  --add NxSPEC      add N nodes, as 3xcpu=8,memory=64 or 2xNODE; may be repeated
  --deadline MS     search for so long (default: as long as it takes)
  --moves N         search for so many moves, the same on every machine
  --seed N          seed of the search (default: 1)
  --json            print JSON
  --svg OUT         also write the placement as an SVG file
  --help            print this help

Exit codes: 0 placed, 2 the command or a file is wrong, 3 there is no placement, or none was found.
`;

const OPTIONS = {
  previous: { type: "string" },
  without: { type: "string", multiple: true },
  add: { type: "string", multiple: true },
  deadline: { type: "string" },
  moves: { type: "string" },
  seed: { type: "string" },
  json: { type: "boolean" },
  svg: { type: "string" },
  help: { type: "boolean" },
} as const;

process.exitCode = await main(process.argv.slice(2)).catch((error: unknown) => {
  const known = error instanceof SchedulerError || (error instanceof Error && "code" in error);
  process.stderr.write(`${known ? error.message : String(error instanceof Error ? error.stack : error)}\n`);
  return EXIT_USAGE;
});

async function main(given: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...given], allowPositionals: true, options: OPTIONS });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [command, ...rest] = positionals;
  const names = command === "explain" ? rest.slice(1) : rest;
  if (command === undefined) return refuse(HELP);
  if (command !== "place" && command !== "explain" && command !== "what-if") return refuse(`expected place, explain or what-if, got ${quote(command)}; see --help\n`);
  if (names.length === 0) return refuse(`expected ${command === "explain" ? "a task and a file" : "a file"} after ${command}, got ${quote(rest.join(" "))}; see --help\n`);
  const { problem, notes } = await readFiles(names.map((name) => [name, textOf(name)] as const));
  for (const note of notes) process.stderr.write(`not read: ${note}\n`);
  const now = values.previous === undefined ? problem : { ...problem, previous: placementOf(values.previous) };
  const change = { without: values.without ?? [], add: values.add ?? [] };
  const effort = {
    ...(values.deadline !== undefined && { deadlineMs: numberOf("--deadline", values.deadline) }),
    ...(values.moves !== undefined && { moves: numberOf("--moves", values.moves) }),
    ...(values.seed !== undefined && { seed: numberOf("--seed", values.seed) }),
  };
  const run = (): Omit<Answer, "svg"> & Partial<Answer> => {
    if (command === "what-if") return whatIfCommand(now, change, effort);
    const changed = withChanges(now, change);
    return command === "place" ? placeCommand(changed, effort) : explainCommand(changed, rest[0] ?? "", effort);
  };
  const { text, json, svg, code } = run();
  process.stdout.write(values.json === true ? `${JSON.stringify(json, null, 2)}\n` : text);
  if (values.svg !== undefined && svg !== undefined) writeFileSync(values.svg, svg);
  return code;
}

function refuse(text: string): number {
  process.stderr.write(text);
  return EXIT_USAGE;
}

function textOf(name: string): string {
  try {
    return readFileSync(name, "utf8");
  } catch (cause) {
    throw new ImportError(`expected ${quote(name)} to be a file that can be read, got ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function numberOf(option: string, text: string): number {
  if (text.trim() !== "" && Number(text) >= 0) return Number(text);
  throw new InvalidProblemError(`expected ${option} to be a number >= 0, got ${quote(text)}`);
}

/** Reads a placement, or the placement of a result. */
function placementOf(name: string): Record<string, string> {
  const json = jsonOf(name, textOf(name).trimStart());
  const inner: unknown = "placement" in json ? json.placement : json;
  // compile() checks that it is an object; other nodes than those of the problem are gone.
  return inner as Record<string, string>;
}
