/** Measures for the benches of several packages. */

/** CPU time of this process, in nanoseconds: what the neighbours do counts less. */
export function cpuNs() {
  const { user, system } = process.cpuUsage();
  return (user + system) * 1000;
}

/** Loads a library to compare with: `peer(() => import("effect"))`. Undefined when it is not installed. */
export async function peer(load) {
  try {
    return await load();
  } catch {
    return undefined;
  }
}

/**
 * Each side's best of `rounds`, and the ratios of the rounds. Sides take turns at going first. On a busy machine the
 * best is what is least disturbed; where the rounds' ratios spread across 1, the two cannot be told apart.
 */
export async function compare(rounds, better, ours, floor) {
  const pick = better === "lower" ? Math.min : Math.max;
  const all = { ours: [], floor: [] };
  for (let round = 0; round < rounds; round += 1) {
    const order = [
      ["ours", ours],
      ["floor", floor],
    ];
    for (const [side, run] of round % 2 ? order.toReversed() : order) all[side].push(await run());
  }
  const ratios = all.ours
    .map((value, at) => (better === "lower" ? all.floor[at] / value : value / all.floor[at]))
    .sort((x, y) => x - y);
  return { ours: pick(...all.ours), floor: pick(...all.floor), least: ratios[0], most: ratios.at(-1) };
}

const median = (values) => values.toSorted((x, y) => x - y)[Math.floor(values.length / 2)];

/** Medians of `rounds`, and of the ratios of the rounds, after two that are not counted. For differences of a few percent. */
export async function medians(rounds, better, ours, floor) {
  const took = { ours: [], floor: [] };
  for (let round = -2; round < rounds; round += 1) {
    const order = [
      ["ours", ours],
      ["floor", floor],
    ];
    for (const [side, run] of round % 2 ? order.toReversed() : order) {
      const value = await run();
      if (round >= 0) took[side].push(value);
    }
  }
  const ratios = took.ours.map((value, at) => (better === "lower" ? took.floor[at] / value : value / took.floor[at])).sort((x, y) => x - y);
  return { ours: median(took.ours), floor: median(took.floor), ratio: median(ratios), least: ratios[0], most: ratios.at(-1) };
}

const digits = (value) => (value >= 100 ? Math.round(value).toLocaleString("en") : value.toFixed(2));

/** Rows for a bench's `results.json`, each printed as it comes; `command` is how the reader repeats them. */
export function resultRows(command) {
  const rows = [];
  const row = (name, unit, better, { ours, floor, ratio: ofRounds, least, most }, besideName, bar, peerVersion) => {
    const ratio = ofRounds ?? (better === "lower" ? floor / ours : ours / floor);
    const kind = peerVersion === undefined ? "floor" : "peer";
    const against = [{ name: besideName, version: peerVersion ?? process.version, kind, value: floor }];
    rows.push({ name, unit, better, ours, against, ratio, bar, spread: [least, most], command });
    const rounds = `rounds ${least.toFixed(2)} to ${most.toFixed(2)}`;
    process.stdout.write(`${name}: ${digits(ours)} ${unit}; ${besideName}: ${digits(floor)}; ratio ${ratio.toFixed(2)} (${rounds}; bar ${bar})\n`);
  };
  return { rows, row };
}
