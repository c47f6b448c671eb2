/** Measures the CPU time of several pieces of work, in turn, with medians of 7 rounds. */
const ROUNDS = 7;
export const COMMAND = "npm run bench --workspace packages/linear";

/** Returns the CPU nanoseconds per turn of each. `work` returns its number of turns if its results were right. */
export function inTurn(sides) {
  const entries = Object.entries(sides);
  const times = Object.fromEntries(entries.map(([name]) => [name, []]));
  for (let round = -1; round < ROUNDS; round++) {
    for (const [name, { work, turns }] of round % 2 === 0 ? entries : entries.toReversed()) {
      const start = process.cpuUsage();
      if (work() !== turns) throw new Error(`${name} did not do its work`);
      const { user, system } = process.cpuUsage(start);
      if (round >= 0) times[name].push(((user + system) * 1_000) / turns); // the first is a warm-up
    }
  }
  return Object.fromEntries(Object.entries(times).map(([name, all]) => [name, median(all)]));
}

export function median(values) {
  return values.toSorted((a, b) => a - b)[values.length >> 1];
}

/** Returns a row of results. The ratio is to the best peer, above 1 if ours is faster. */
export function row(name, ours, against, bar) {
  const best = Math.min(...against.map(({ value }) => value));
  const ratio = against.length === 0 ? null : best / ours;
  return { name, unit: "CPU ns", better: "lower", ours, against, ratio, bar: ratio === null ? 0 : bar, command: COMMAND };
}
