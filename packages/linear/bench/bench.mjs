/**
 * Create + consume of a resource that a context tracks, beside a one-field flag object. Both sides keep the last 64
 * objects alive in a ring, so that the compiler can remove neither allocation. CPU time, sides in turn, medians of 7 rounds.
 */
import { writeFileSync } from "node:fs";
import { LinearContext, LinearResource, captureSites } from "../dist/index.js";

const ROUNDS = 7;
const TURNS = 1_000_000;
const RING = 64;
captureSites(false); // as under NODE_ENV=production

class Flag {
  constructor(value) {
    this.value = value;
    this.used = false;
  }
  take() {
    if (this.used) throw new Error("used");
    this.used = true;
    return this.value;
  }
}

const ring = Array.from({ length: RING }, () => undefined);
const held = { bytes: 1 };

function flagObjects() {
  let sum = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const flag = new Flag(held);
    ring[turn & (RING - 1)] = flag;
    sum += flag.take().bytes;
  }
  return sum;
}

const context = new LinearContext({ name: "bench" });
function trackedResources() {
  let sum = 0;
  for (let turn = 0; turn < TURNS; turn++) {
    const resource = new LinearResource(held, { name: "db_conn", context });
    ring[turn & (RING - 1)] = resource;
    sum += resource.consume().bytes;
  }
  return sum;
}

/** CPU nanoseconds per turn of one round. */
function time(work) {
  const start = process.cpuUsage();
  if (work() !== TURNS) throw new Error("the loop did not do its work");
  const { user, system } = process.cpuUsage(start);
  return ((user + system) * 1_000) / TURNS;
}

const flags = [];
const tracked = [];
const sides = [
  { work: flagObjects, times: flags },
  { work: trackedResources, times: tracked },
];
for (let round = -1; round < ROUNDS; round++) {
  for (const { work, times } of round % 2 === 0 ? sides : sides.toReversed()) {
    const took = time(work);
    if (round >= 0) times.push(took); // the first is a warm-up
  }
}
context.close(); // throws if a single one is still listed

const median = (times) => times.toSorted((a, b) => a - b)[times.length >> 1];
const ours = median(tracked);
const floor = median(flags);
const row = {
  name: "create + consume, tracked by a context",
  unit: "CPU ns",
  better: "lower",
  ours,
  against: [{ name: "one-field flag object", version: process.version, kind: "floor", value: floor }],
  ratio: floor / ours,
  bar: 0.4,
  command: "npm run bench --workspace packages/linear",
};
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify([row], undefined, 2)}\n`);
console.log(`${row.name}: ${ours.toFixed(1)} ns, flag object ${floor.toFixed(1)} ns, ratio ${row.ratio.toFixed(2)} (bar ${row.bar})`);
