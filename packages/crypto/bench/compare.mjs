/** Measures pairs in CPU time, which excludes other work on the machine, with interleaved rounds and medians of ratios. */
const ROUNDS = 15;
const WARM_UPS = 3;
export const COMMAND = "npm run bench --workspace packages/crypto";

/** Returns the CPU microseconds per turn of `work`. */
export function cost(turns, work) {
  const before = process.cpuUsage();
  for (let turn = 0; turn < turns; turn += 1) work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / turns;
}

/** Returns the microseconds per turn for which this thread's event loop was busy. */
export async function busy(turns, work) {
  const before = performance.eventLoopUtilization();
  await work(turns);
  return (performance.eventLoopUtilization(before).active * 1_000) / turns;
}

export const median = (values) => values.toSorted((a, b) => a - b)[values.length >> 1];

/** Returns one row: ours against one or more others. A missing peer (`work` undefined) is reported and does not count. */
export async function compare(name, { turns, bar, unit = "CPU us", measure = cost }, ours, ...others) {
  const present = others.filter(({ work }) => work !== undefined);
  for (const { name: missing, work } of others)
    if (work === undefined) console.log(`${name}: ${missing} is not installed`);
  const all = [{ work: ours }, ...present];
  const costs = all.map(() => []);
  for (let round = 1 - WARM_UPS; round <= ROUNDS; round += 1) {
    const order = all.map((_, index) => (index + round + WARM_UPS) % all.length);
    const got = [];
    for (const index of order) got[index] = await measure(turns, all[index].work);
    if (round > 0) got.forEach((value, index) => costs[index].push(value));
  }
  const own = median(costs[0]);
  const against = present.map(({ name: other, version, kind }, index) => ({
    name: other,
    version,
    kind,
    value: median(costs[index + 1]),
  }));
  const ratios = present.map((_, index) => median(costs[0].map((value, round) => costs[index + 1][round] / value)));
  const ratio = Math.min(...ratios);
  const beside = against
    .map((other, index) => `${other.name} ${other.value.toFixed(2)} (${ratios[index].toFixed(2)}x)`)
    .join(", ");
  console.log(`${name}: ${own.toFixed(2)} ${unit}, ${beside}; bar ${bar}`);
  return { name, unit, better: "lower", ours: own, against, ratio, bar, command: COMMAND };
}

export const bare = (work) => ({ name: "bare node:crypto", version: process.version, kind: "floor", work });
