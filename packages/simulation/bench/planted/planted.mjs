/**
 * Counts the seeds needed to find each planted bug: Void beside fast-check's scheduler with fake timers, on the same
 * programs. Prints a table, and writes it to `docs/planted-bugs.md`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundled } from "./bundled.mjs";

/** Searches for each bug; the median counts. */
const SEARCHES = 9;
/** A search gives up after this many runs. */
const RUNS_MAX = 200;
/** Runs of the twin, none of which may fail. */
const TWIN_RUNS = 40;
const MARKED = /(<!-- planted -->\n)[^]*?(<!-- \/planted -->)/;

const here = dirname(fileURLToPath(import.meta.url));
const { PLANTED, simulate, shrink, runUnderFastCheck } = await bundled(`
  export { PLANTED } from "../../test/planted/index.ts";
  export { simulate, shrink } from "../../src/index.ts";
  export { runUnderFastCheck } from "./fast-check-world.ts";
`);
const peer = await import("fast-check").then(
  async ({ default: fc }) => ({ fc, timers: await import("@sinonjs/fake-timers") }),
  () => undefined
);

const rows = [];
for (const planted of PLANTED) {
  const ours = Array.from({ length: SEARCHES }, (_, search) => searchOurs(planted, search * 10_000));
  const theirs = [];
  for (let search = 0; peer && search < SEARCHES; search += 1) theirs.push(await searchTheirs(planted, search));
  const falseAlarms = peer ? await twinFailures(planted) : 0;
  const row = {
    name: planted.name,
    ours: median(ours),
    events: smallest(planted),
    theirs: peer ? median(theirs) : undefined,
    falseAlarms,
  };
  rows.push(row);
  process.stdout.write(
    `${row.name}: ${shown(row.ours)} seeds, shrunk to ${row.events} events; fast-check: ${theirsOf(row)}\n`
  );
}
const table = [
  "| bug | Void, seeds | shrunk to, events | fast-check, runs |",
  "|---|---|---|---|",
  ...rows.map((row) => `| ${row.name} | ${shown(row.ours)} | ${row.events} | ${theirsOf(row)} |`),
  "",
].join("\n");
const page = join(here, "..", "..", "docs", "planted-bugs.md");
writeFileSync(
  page,
  readFileSync(page, "utf8").replace(MARKED, (_, begin, end) => `${begin}${table}${end}`)
);

function searchOurs({ build: make }, firstSeed) {
  for (let runs = 1; runs <= RUNS_MAX; runs += 1)
    if (!simulate({ ...make(true), seed: firstSeed + runs }).ok) return runs;
  return Infinity;
}

async function searchTheirs(planted, seed) {
  const { fc } = peer;
  const property = fc.asyncProperty(
    fc.scheduler(),
    fc.nat(),
    async (s, chance) => (await under(planted, true, s, chance)) === undefined
  );
  const { failed, numRuns } = await fc.check(property, { seed, numRuns: RUNS_MAX, endOnFailure: true });
  return failed ? numRuns : Infinity;
}

async function twinFailures(planted) {
  const { fc } = peer;
  let failures = 0;
  const property = fc.asyncProperty(fc.scheduler(), fc.nat(), async (s, chance) => {
    if ((await under(planted, false, s, chance)) !== undefined) failures += 1;
  });
  await fc.check(property, { seed: 1, numRuns: TWIN_RUNS });
  return failures;
}

function under({ build: make }, bug, s, chance) {
  return runUnderFastCheck(make(bug), s, peer.timers.createClock(), chance);
}

function smallest({ build: make }) {
  for (let seed = 0; ; seed += 1) {
    const result = simulate({ ...make(true), seed });
    if (!result.ok) return shrink(() => make(true), result).run.events;
  }
}

function median(values) {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)];
}

function shown(runs) {
  return runs === Infinity ? `more than ${RUNS_MAX}` : String(runs);
}

function theirsOf({ theirs, falseAlarms }) {
  if (theirs === undefined) return "not installed";
  return shown(theirs) + (falseAlarms > 0 ? ` (but its twin fails ${falseAlarms} of ${TWIN_RUNS})` : "");
}
