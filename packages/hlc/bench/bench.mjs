/**
 * Measures the cost of a stamp against a bare `Date.now()` loop and against peers where they are installed, the cost of a
 * read of the past against a Map of arrays and a binary search, and the memory of a version.
 *
 * Rounds of all cases are interleaved, each begins with another case, and none inherits the garbage of another. Time is CPU
 * time. Each ratio is the median of the ratios within one round, because a busy machine slows both sides of a round.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { coarseClock, HybridLogicalClock, SHARED_CLOCK_BYTES, SharedClock } from "@void-system/hlc";
import { checkpointCosts, collect, readCases, READS, versionMemory } from "./store.mjs";

const ROUNDS = 24;
const STAMPS = 400_000;
const COMMAND = "npm run bench -w @void-system/hlc";
const FLOOR = "bare Date.now() loop";

const durable = { reserve: () => undefined, reserveWindowMs: 1_000 };
const remote = new HybridLogicalClock("remote");

const cases = {
  [FLOOR]: (count) => {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += Date.now() & 1;
    return sum;
  },
  "nowInto()": withClock((clock, count) => {
    const stamp = { physicalMs: 0, logical: 0 };
    let sum = 0;
    for (let index = 0; index < count; index++) {
      clock.nowInto(stamp);
      sum += stamp.logical & 1;
    }
    return sum;
  }),
  "now()": withClock((clock, count) => {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += clock.now().logical & 1;
    return sum;
  }),
  "update()": withClock((clock, count) => {
    const stamps = Array.from({ length: 256 }, () => remote.now());
    let sum = 0;
    for (let index = 0; index < count; index++) sum += clock.update(stamps[index & 255]).logical & 1;
    return sum;
  }),
  "String(now())": withClock((clock, count) => {
    let sum = 0;
    for (let index = 0; index < count; index++) sum += String(clock.now()).length;
    return sum;
  }),
};

/** Measured after the others: a program has one physical clock, and V8 specialises for it. */
const otherClocks = {
  "nowInto() on a coarse clock": (count) => {
    const clock = new HybridLogicalClock("node_a", { ...durable, wallMs: coarseClock() });
    const stamp = { physicalMs: 0, logical: 0 };
    let sum = 0;
    for (let index = 0; index < count; index++) {
      clock.nowInto(stamp);
      sum += stamp.logical & 1;
    }
    return sum;
  },
  "SharedClock now()": (count) => {
    const clock = new SharedClock("node_a", new SharedArrayBuffer(SHARED_CLOCK_BYTES), durable);
    let sum = 0;
    for (let index = 0; index < count; index++) sum += clock.now().logical & 1;
    return sum;
  },
};

/** The baseline of each case, and the promised ratio. */
const pairings = [
  { ours: "nowInto()", theirs: FLOOR, kind: "floor", version: process.version, bar: 0.77 },
  { ours: "now()", theirs: FLOOR, kind: "floor", version: process.version },
  { ours: "update()", theirs: FLOOR, kind: "floor", version: process.version },
  { ours: "nowInto() on a coarse clock", theirs: FLOOR, kind: "floor", version: process.version, bar: 2 },
  { ours: "SharedClock now()", theirs: FLOOR, kind: "floor", version: process.version },
];
await withConsento();
await withTinybase();

const times = {};
let kept = 0;
measure(cases);
measure(otherClocks);
const memory = versionMemory();
measure(readCases);
const [read, floorRead] = Object.keys(readCases);
pairings.push({ ours: read, theirs: floorRead, kind: "floor", version: process.version, bar: 0.15, unit: "reads/s", count: READS });

const checkpoint = checkpointCosts();

const rate = (name, count) => Math.round((count / median(times[name])) * 1e9);
const rows = pairings.map(({ ours, theirs, kind, version, bar = 0, unit = "stamps/s", count = STAMPS }) => ({
  name: ours,
  unit,
  better: "higher",
  ours: rate(ours, count),
  against: [{ name: theirs, version, kind, value: rate(theirs, count) }],
  ratio: Number(median(times[theirs].map((time, round) => time / times[ours][round])).toFixed(2)),
  bar,
  command: COMMAND,
}));
rows.push({
  name: "memory of a version",
  unit: "bytes",
  better: "lower",
  ours: memory.ours,
  against: [{ name: floorRead, version: process.version, kind: "floor", value: memory.byHand }],
  ratio: Number((memory.byHand / memory.ours).toFixed(2)),
  bar: 0,
  command: COMMAND,
});
for (const { name, ours, theirs } of checkpoint) {
  rows.push({
    name,
    unit: "ms",
    better: "lower",
    ours: Number(ours.toFixed(2)),
    against: [{ name: "making and hashing every chunk", version: process.version, kind: "floor", value: Number(theirs.toFixed(2)) }],
    ratio: Number((theirs / ours).toFixed(1)),
    bar: name.startsWith("checkpoint") ? 8 : 0,
    command: COMMAND,
  });
}
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, undefined, 2)}\n`);
for (const row of rows) {
  const promised = row.bar === 0 ? "" : `, promised ${row.bar}`;
  console.log(`${row.name}: ${row.ours} ${row.unit}, ${row.ratio} of ${row.against[0].name}${promised}`);
}
if (kept < 0) throw new Error("unreachable: keeps the loops alive");

/** Objects with bigint nanoseconds, no node's name, no reservation; its drift check, off by default, is switched on. */
async function withConsento() {
  const peer = await installed("@consento/hlc");
  if (!peer) return;
  const HLC = peer.module.default;
  const options = { maxOffset: 60_000_000_000n };
  cases["@consento/hlc now()"] = (count) => {
    const clock = new HLC(options);
    let sum = 0;
    for (let index = 0; index < count; index++) sum += clock.now().logical & 1;
    return sum;
  };
  cases["@consento/hlc update()"] = (count) => {
    const clock = new HLC(options);
    const other = new HLC(options);
    const stamps = Array.from({ length: 256 }, () => other.now());
    let sum = 0;
    for (let index = 0; index < count; index++) {
      clock.update(stamps[index & 255]);
      sum += clock.last.logical & 1;
    }
    return sum;
  };
  for (const call of ["now()", "update()"]) {
    pairings.push({ ours: call, theirs: `@consento/hlc ${call}`, kind: "peer", version: peer.version, bar: 1 });
  }
  pairings.push({ ours: "nowInto()", theirs: "@consento/hlc now()", kind: "peer", version: peer.version, bar: 1 });
}

/** Sortable strings of 16 characters; no drift check. */
async function withTinybase() {
  const peer = await installed("tinybase");
  if (!peer) return;
  cases["tinybase getNextHlc(), no drift check"] = (count) => {
    const [next] = peer.module.getHlcFunctions("node_a");
    let sum = 0;
    for (let index = 0; index < count; index++) sum += next().length;
    return sum;
  };
  pairings.push({ ours: "String(now())", theirs: "tinybase getNextHlc(), no drift check", kind: "peer", version: peer.version, bar: 1 });
}

async function installed(name) {
  try {
    const [, folder] = new RegExp(`^(.*/node_modules/${name}/)`).exec(import.meta.resolve(name));
    const { version } = JSON.parse(readFileSync(new URL("package.json", folder), "utf8"));
    return { module: await import(name), version };
  } catch {
    console.log(`skipped ${name}: not installed (npm install --prefix bench)`);
    return undefined;
  }
}

function withClock(body) {
  return (count) => body(new HybridLogicalClock("node_a", durable), count);
}

function measure(runs) {
  const entries = Object.entries(runs);
  for (const [name] of entries) times[name] = [];
  for (let round = -3; round < ROUNDS; round++) {
    for (let index = 0; index < entries.length; index++) {
      const [name, run] = entries[(index + round + 3) % entries.length];
      collect({ type: "minor" });
      const start = process.cpuUsage();
      kept += run(STAMPS);
      const { user, system } = process.cpuUsage(start);
      if (round >= 0) times[name].push((user + system) * 1_000);
    }
  }
}

function median(list) {
  return list.toSorted((a, b) => a - b)[list.length >> 1];
}
