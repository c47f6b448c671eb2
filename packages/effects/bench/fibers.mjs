/**
 * What an effect costs: an operation that is answered at once, beside the same in the libraries people know; and a
 * suspension deep inside of a program, beside one at its top. Medians of rounds in turns, in one process, in CPU time.
 */
import { readFileSync } from "node:fs";
import { cpuNs } from "./measure.mjs";
import { call, effect, launch, runSync, suspend } from "@void-system/effects/fibers";

const ROUNDS = 7;
const OPERATIONS = 300_000;
const SLOW_OPERATIONS = 30_000;
const SUSPENSIONS = 30_000;

const Bench = effect()("bench/clock");

function* ours() {
  let sum = 0;
  for (let at = 0; at < OPERATIONS; at += 1) sum += yield* Bench.now();
  return sum;
}

/** Each gives how many operations it performed; `undefined` where the library is not installed. */
const sides = {
  ours: () => {
    runSync(() => Bench.handle({ now: () => 1 }, ours));
    return OPERATIONS;
  },
  effect: await withEffect(),
  effection: await withEffection(),
  "redux-saga": await withSaga(),
};

/** The service is fetched once; each operation is one of its methods, which answers at once. */
async function withEffect() {
  const library = await imported("effect");
  if (!library) return undefined;
  const { Context, Effect } = library;
  class Clock extends Context.Service()("bench/clock") {}
  const program = Effect.gen(function* () {
    const clock = yield* Clock;
    let sum = 0;
    for (let at = 0; at < OPERATIONS; at += 1) sum += yield* clock.now();
    return sum;
  });
  return () => {
    Effect.runSync(Effect.provideService(program, Clock, { now: () => Effect.sync(() => 1) }));
    return OPERATIONS;
  };
}

async function withEffection() {
  const library = await imported("effection");
  if (!library) return undefined;
  return async () => {
    await library.run(function* () {
      let sum = 0;
      for (let at = 0; at < SLOW_OPERATIONS; at += 1) sum += yield* library.call(() => 1);
      return sum;
    });
    return SLOW_OPERATIONS;
  };
}

async function withSaga() {
  const [library, effects] = [await imported("redux-saga"), await imported("redux-saga/effects")];
  if (!library || !effects) return undefined;
  return async () => {
    const task = library.runSaga({ dispatch: () => undefined, getState: () => undefined }, function* () {
      let sum = 0;
      for (let at = 0; at < SLOW_OPERATIONS; at += 1) sum += yield effects.call(() => 1);
      return sum;
    });
    await task.toPromise();
    return SLOW_OPERATIONS;
  };
}

async function imported(name) {
  try {
    return await import(name);
  } catch {
    return undefined;
  }
}

/** A loop that waits, at the bottom of a chain of calls; whoever answers does so from outside. */
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

/** Rows for `results.json`. */
export async function fiberRows(command) {
  const rows = [];
  const took = Object.fromEntries(Object.keys(sides).map((name) => [name, []]));
  const deep = { 1: [], 100: [] };
  for (let round = -2; round < ROUNDS; round += 1) {
    for (const [name, run] of round % 2 ? Object.entries(sides).toReversed() : Object.entries(sides)) {
      if (!run) continue;
      const start = cpuNs();
      const operations = await run();
      if (round >= 0) took[name].push((cpuNs() - start) / operations);
    }
    for (const depth of round % 2 ? [1, 100] : [100, 1]) {
      const ns = suspensions(depth);
      if (round >= 0) deep[depth].push(ns);
    }
  }
  for (const [name, bar] of [
    ["effect", 3],
    ["effection", 15],
    ["redux-saga", 5],
  ]) {
    const ratios = took[name].map((theirs, round) => theirs / took.ours[round]).sort((x, y) => x - y);
    rows.push({
      name: `effects, an operation that is answered at once, beside ${name}`,
      unit: "CPU-ns",
      better: "lower",
      ours: median(took.ours),
      against: sides[name] ? [{ name, version: versionOf(name), kind: "peer", value: median(took[name]) }] : [],
      ratio: sides[name] ? median(ratios) : null,
      bar,
      ...(sides[name] && { spread: [ratios[0], ratios.at(-1)] }),
      command,
    });
  }
  const ratios = deep[1].map((shallow, round) => shallow / deep[100][round]).sort((x, y) => x - y);
  rows.push({
    name: "fibers, a suspension at depth 100",
    unit: "CPU-ns",
    better: "lower",
    ours: median(deep[100]),
    against: [{ name: "at depth 1", version: process.version, kind: "floor", value: median(deep[1]) }],
    ratio: median(ratios),
    bar: 0.5,
    spread: [ratios[0], ratios.at(-1)],
    command,
  });
  return rows;
}

// On its own: in a process that has run nothing else.
if (import.meta.filename === process.argv[1])
  for (const { name, ours, against, ratio } of await fiberRows("node bench/fibers.mjs"))
    process.stdout.write(`${name}: ${ours.toFixed(1)} ns; ${against[0]?.value.toFixed(1)} ns; ratio ${ratio?.toFixed(2)}\n`);
