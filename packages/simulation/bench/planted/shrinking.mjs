/**
 * Shrinks each planted bug from its first failing seeds (`[SEEDS]` of them). Prints a table of sizes and runs, and
 * writes it to `docs/planted-bugs.md`. The exit code is 1 if a run stays too large, or if its correct twin fails.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundled } from "./bundled.mjs";

const SEEDS_DEFAULT = 10;
/** Most events that people can read. */
const EVENTS_MAX = 30;
const MARKED = /(<!-- shrinking -->\n)[^]*?(<!-- \/shrinking -->)/;

const seeds = Number(process.argv[2] ?? SEEDS_DEFAULT);
const { PLANTED, replay, simulate, shrink } = await bundled(`
  export { PLANTED } from "../../test/planted/index.ts";
  export { replay, simulate, shrink } from "../../src/index.ts";
`);

const lines = ["| bug | events found | events left | runs tried | CPU-ms |", "|---|---|---|---|---|"];
const wrong = [];
for (const { name, build } of PLANTED) {
  const shrunk = Array.from(failing(build), (failed) => shrinkOne(name, build, failed));
  const row = [
    name,
    range(shrunk.map(({ found }) => found)),
    range(shrunk.map(({ left }) => left)),
    range(shrunk.map(({ runs }) => runs)),
    Math.round(median(shrunk.map(({ cpuMs }) => cpuMs))),
  ];
  lines.push(`| ${row.join(" | ")} |`);
  process.stdout.write(`${row.join(", ")}\n`);
}
const page = join(dirname(fileURLToPath(import.meta.url)), "..", "..", "docs", "planted-bugs.md");
const table = `${lines.join("\n")}\n`;
if (seeds === SEEDS_DEFAULT)
  writeFileSync(page, readFileSync(page, "utf8").replace(MARKED, (_, begin, end) => `${begin}${table}${end}`));
process.stdout.write(`${PLANTED.length} bugs from ${seeds} seeds each; wrong: ${wrong.join("; ") || "none"}\n`);
process.exitCode = wrong.length > 0 ? 1 : 0;

/** The runs of the first failing seeds. */
function* failing(build) {
  for (let seed = 0, left = seeds; left > 0; seed += 1) {
    const run = simulate({ ...build(true), seed });
    if (run.ok) continue;
    left -= 1;
    yield run;
  }
}

function shrinkOne(name, build, failed) {
  const begin = process.cpuUsage();
  const { run, runs } = shrink(() => build(true), failed);
  const { user, system } = process.cpuUsage(begin);
  const where = `${name}, seed ${failed.seed}`;
  if (run.events > EVENTS_MAX) wrong.push(`${where}: ${run.events} events`);
  if (!replay(() => build(false), run.plan).ok) wrong.push(`${where}: its twin fails too`);
  return { found: failed.events, left: run.events, runs, cpuMs: (user + system) / 1_000 };
}

function range(values) {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least === most ? `${least}` : `${least} to ${most}`;
}

function median(values) {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
}
