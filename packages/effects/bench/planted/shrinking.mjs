/**
 * How small each planted bug is made, and in how many runs, from each of its first ten failing seeds. Prints a table.
 */
import { bundled } from "./bundled.mjs";

/** Failing seeds of each bug. */
const SEEDS = Number(process.env.SEEDS ?? 10);
const EVENTS_MAX = 30;

const { PLANTED, simulate, shrink } = await bundled(`
  export { PLANTED } from "../../test/planted/index.ts";
  export { simulate, shrink } from "../../src/simulation/index.ts";
`);
const only = process.argv[2];
let over = 0;
let all = 0;
for (const { name, build } of PLANTED) {
  if (only && !name.includes(only)) continue;
  const cells = [];
  const runsAll = [];
  const start = process.cpuUsage().user;
  for (let seed = 0; cells.length < SEEDS; seed += 1) {
    const result = simulate({ ...build(true), seed });
    if (result.ok) continue;
    const { run, runs } = shrink(() => build(true), result);
    cells.push(`${seed}:${result.events}>${run.events}${run.events > EVENTS_MAX ? "!" : ""}`);
    if (run.events > EVENTS_MAX) over += 1;
    all += 1;
    runsAll.push(runs);
  }
  console.log(name, cells.join(" "), "runs", runsAll.join(" "), "cpu", Math.round((process.cpuUsage().user - start) / 1000));
}
console.log(over, "over of", all);
