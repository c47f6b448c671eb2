/**
 * Measures effects: an operation with an immediate answer beside floors and other libraries (`fiber-peers.mjs`), and a
 * suspension deep inside a program beside one at its top. The figures are medians of alternating rounds in one process,
 * in CPU time.
 */
import { readFileSync } from "node:fs";
import { call, effect, launch, runSync, suspend } from "@void-system/effects/fibers";
import { floors, OPERATIONS, peers } from "./fiber-peers.mjs";
import { cpuNs, peer } from "../../../scripts/measure.mjs";

const ROUNDS = 9;
const WARM_UP = 4;
const SUSPENSIONS = 30_000;

const Bench = effect()("bench/clock");

function* ours() {
  let sum = 0;
  for (let at = 0; at < OPERATIONS; at += 1) sum += yield* Bench.now();
  return sum;
}

/** A loop that waits at the bottom of a chain of calls, and is answered from outside. */
function suspensions(depth) {
  let answer;
  function* chain(left) {
    if (left > 1) return yield* call(chain(left - 1));
    let sum = 0;
    for (let at = 0; at < SUSPENSIONS; at += 1) sum += yield* suspend((resume) => void (answer = resume));
    return sum;
  }
  let ended = false;
  launch(
    () => chain(depth),
    () => (ended = true)
  );
  const start = cpuNs();
  while (!ended) answer(1);
  return (cpuNs() - start) / SUSPENSIONS;
}

const median = (values) => values.toSorted((x, y) => x - y)[Math.floor(values.length / 2)];
const versionOf = (name) =>
  JSON.parse(readFileSync(new URL(`node_modules/${name}/package.json`, import.meta.url), "utf8")).version;

/** Returns the time of each side in each round, after warm-up rounds. The sides take turns at going first. */
async function rounds(sides) {
  const took = new Map([...sides.keys()].map((name) => [name, []]));
  for (let round = -WARM_UP; round < ROUNDS; round += 1)
    for (const [name, run] of round % 2 ? [...sides].toReversed() : sides) {
      const start = cpuNs();
      const ns = await run();
      if (round >= 0) took.get(name).push(typeof ns === "number" ? ns : (cpuNs() - start) / OPERATIONS);
    }
  return took;
}

/** Returns a row: medians, and the median of the rounds' ratios to the best competitor. */
function row(name, bar, command, took, own, against) {
  const beside = against.map((one) => ({ ...one, value: median(took.get(one.side)) }));
  const best = beside.toSorted((x, y) => x.value - y.value)[0];
  const ratios = best && took.get(own).map((value, at) => took.get(best.side)[at] / value).sort((x, y) => x - y);
  return {
    name,
    unit: "CPU-ns",
    better: "lower",
    ours: median(took.get(own)),
    against: beside.map(({ name: other, version, kind, value }) => ({ name: other, version, kind, value })),
    ratio: ratios ? median(ratios) : null,
    bar,
    ...(ratios && { spread: [ratios[0], ratios.at(-1)] }),
    command,
  };
}

/** Returns the rows for `results.json`. */
export async function fiberRows(command) {
  const sides = new Map([["ours", () => void runSync(() => Bench.handle({ now: () => 1 }, ours))]]);
  for (const [name, make] of Object.entries(floors)) {
    const loop = make();
    sides.set(name, () => void loop());
  }
  const installed = [];
  for (const one of peers) {
    if (!(await peer(() => import(one.library)))) continue;
    installed.push(one);
    const run = await one.make();
    sides.set(one, async () => void (await run()));
  }
  const took = await rounds(sides);
  const floor = Object.keys(floors).map((name) => ({ name, version: process.version, kind: "floor", side: name }));
  const rows = [row("effects, an operation that is answered at once, beside the engine alone", 0.25, command, took, "ours", floor)];
  for (const one of peers) {
    const { library, form, bar } = one;
    const against = installed.includes(one) ? [{ name: `${library}, ${form}`, version: versionOf(library), kind: "peer", side: one }] : [];
    rows.push(row(`effects, an operation that is answered at once, beside ${library}: ${form}`, bar, command, took, "ours", against));
  }
  const deep = await rounds(new Map([1, 100].map((depth) => [depth, () => suspensions(depth)])));
  rows.push(
    row("fibers, a suspension at depth 100", 0.5, command, deep, 100, [
      { name: "at depth 1", version: process.version, kind: "floor", side: 1 },
    ]),
  );
  return rows;
}

// When run directly, the process has run nothing else.
if (import.meta.filename === process.argv[1])
  for (const { name, ours, against, ratio } of await fiberRows("node bench/fibers.mjs")) {
    const beside = against.map(({ name: other, value }) => `${other}: ${value.toFixed(1)}`).join("; ");
    process.stdout.write(`${name}: ${ours.toFixed(1)} ns; ${beside || "not installed"}; ratio ${ratio?.toFixed(2)}\n`);
  }
