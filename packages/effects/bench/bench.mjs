/**
 * Measures the driver beside a loop that does the same by hand (`driver.mjs`), the log beside bare writes and syncs, and
 * effects beside other libraries (`fibers.mjs`). A floor cannot be beaten, so a ratio above 1 is the noise of the machine.
 */
import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { directoryDisk } from "@void-system/effects/node";
import { driverRows } from "./driver.mjs";
import { fiberRows } from "./fibers.mjs";
import { resultRows } from "../../../scripts/measure.mjs";

const COMMAND = "npm run bench -w packages/effects";
const { rows, row } = resultRows(COMMAND);
const digits = (value) => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2));

// ── the driver ──

for (const { name, compared, bar } of await driverRows()) row(name, "CPU-ns", "lower", compared, "the same by hand", bar);

// ── the log ──

// A disk's speed drifts by more than the difference, so the sides alternate by single operations, and medians count.
const RECORD = Buffer.alloc(4096, 1);
const PAIRS = 600;
const folder = mkdtempSync(join(tmpdir(), "void-bench-"));
const disk = directoryDisk(folder);
const log = await new Promise((resolve, reject) => {
  disk.open("log", (opened) => (opened instanceof Error ? reject(opened) : resolve(opened.log)));
});
const bareFile = openSync(join(folder, "bare"), "w");

const appendAndSync = () =>
  new Promise((resolve, reject) => {
    log.append(RECORD);
    log.sync((failure) => (failure ? reject(failure) : resolve()));
  });
const writeAndSync = () => {
  writeSync(bareFile, RECORD);
  fdatasyncSync(bareFile);
};

async function microseconds(run) {
  const start = process.hrtime.bigint();
  await run();
  return Number(process.hrtime.bigint() - start) / 1000;
}

const took = { ours: [], floor: [] };
for (let pair = 0; pair < PAIRS; pair += 1) {
  const order = [
    ["ours", appendAndSync],
    ["floor", writeAndSync],
  ];
  for (const [side, run] of pair % 2 ? order.toReversed() : order) took[side].push(await microseconds(run));
}
const quantile = (all, part) => all.toSorted((x, y) => x - y)[Math.floor(all.length * part)];
const quartiles = [0.25, 0.75]
  .map((part) => quantile(took.floor, part) / quantile(took.ours, part))
  .sort((x, y) => x - y);
const synced = {
  ours: quantile(took.ours, 0.5),
  floor: quantile(took.floor, 0.5),
  least: quartiles[0],
  most: quartiles[1],
};
row("log, append and sync of 4 KiB, median", "us", "lower", synced, "writeSync and fdatasyncSync, loop blocked", 0.5);

closeSync(bareFile);
await new Promise((resolve) => disk.close(resolve));
rmSync(folder, { recursive: true });
for (const one of await fiberRows(COMMAND)) {
  rows.push(one);
  const beside = one.against.map(({ name, version, value }) => `${name} ${version}: ${digits(value)}`).join("; ");
  process.stdout.write(`${one.name}: ${digits(one.ours)} ${one.unit}; ${beside || "not installed"}; ratio ${one.ratio?.toFixed(2)}\n`);
}
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, null, 2)}\n`);
