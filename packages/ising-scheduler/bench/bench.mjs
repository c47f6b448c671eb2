/**
 * Placement of 50 tasks on 10 nodes: warm CPU time of a whole schedule() and energy of its result, beside best-fit
 * decreasing, the usual greedy packer. Median of 20 random instances. Writes results.json.
 */
import { writeFileSync } from "node:fs";
import { IsingScheduler } from "@void-system/ising-scheduler";

const TASKS = 50;
const NODES = 10;
const LINKS = 150;
const INSTANCES = 20;
const ROUNDS = 5;
const FILL = 0.7;

/** mulberry32: instances are the same on every run. */
function randomOf(seed) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let z = Math.imul(state ^ (state >>> 15), state | 1);
    z ^= z + Math.imul(z ^ (z >>> 7), z | 61);
    return ((z ^ (z >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Tasks in communities that mostly talk among themselves, on nodes of one size. */
function instance(seed) {
  const random = randomOf(seed);
  const tasks = Array.from({ length: TASKS }, (_, at) => ({
    id: `t${at}`,
    demand: { cpu: Math.round(50 + 350 * random()) / 100, memory: Math.round(50 + 750 * random()) / 100 },
  }));
  const size = (resource) =>
    Math.ceil((100 * tasks.reduce((sum, { demand }) => sum + demand[resource], 0)) / NODES / FILL) / 100;
  const capacity = { cpu: size("cpu"), memory: size("memory") };
  const pick = () => Math.floor(random() * TASKS);
  const links = Array.from({ length: LINKS }, () => {
    const a = pick();
    const b = random() < 0.8 ? (a + NODES * Math.floor(random() * (TASKS / NODES))) % TASKS : pick();
    return { a: `t${a}`, b: `t${b}`, weight: Math.round(10 + 90 * random()) / 100 };
  });
  return { tasks, nodes: Array.from({ length: NODES }, (_, at) => ({ id: `n${at}`, capacity })), links };
}

/** Largest task first, on the fullest node where it fits. */
function bestFit({ tasks, nodes }) {
  const free = nodes.map(({ capacity }) => ({ ...capacity }));
  const room = (at, { demand }) =>
    Math.min(...Object.keys(demand).map((r) => (free[at][r] - demand[r]) / nodes[at].capacity[r]));
  const size = ({ demand }) => Math.max(...Object.keys(demand).map((r) => demand[r] / nodes[0].capacity[r]));
  const placement = {};
  for (const task of [...tasks].sort((a, b) => size(b) - size(a))) {
    let chosen = -1;
    for (let at = 0; at < nodes.length; at++) {
      if (room(at, task) >= 0 && (chosen < 0 || room(at, task) < room(chosen, task))) chosen = at;
    }
    for (const r of Object.keys(task.demand)) free[chosen][r] -= task.demand[r];
    placement[task.id] = nodes[chosen].id;
  }
  return placement;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[Math.floor((sorted.length - 1) / 2)] + sorted[Math.floor(sorted.length / 2)]) / 2;
}

/** CPU milliseconds. */
function timed(run) {
  const begin = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1_000;
}

const instances = Array.from({ length: INSTANCES }, (_, at) => instance(at + 1));
const scheduler = (one) => new IsingScheduler(one.tasks, one.nodes, { links: one.links });
const energies = instances.map((one) => ({
  ours: scheduler(one).result().energy.total,
  greedy: scheduler(one).energy(bestFit(one)).total,
}));
// Both take turns, instance by instance, after a warm-up round that is not counted.
const times = { ours: [], greedy: [] };
for (let round = 0; round <= ROUNDS; round++) {
  for (const one of instances) {
    const sides = [["ours", () => scheduler(one).schedule()], ["greedy", () => bestFit(one)]];
    for (const [side, run] of round % 2 === 0 ? sides : sides.toReversed()) {
      const took = timed(run);
      if (round > 0) times[side].push(took);
    }
  }
}

const command = "npm run bench -w packages/ising-scheduler";
const against = (value) => [{ name: "best-fit decreasing", version: "bench.mjs", kind: "floor", value }];
const round = (value) => Number(value.toPrecision(4));
const row = (name, unit, ours, greedy, bar) => ({
  name,
  unit,
  better: "lower",
  ours: round(ours),
  against: against(round(greedy)),
  ratio: round(greedy / ours),
  bar,
  command,
});
const medianOf = (who) => median(energies.map((energy) => energy[who]));
const rows = [
  row("50 tasks on 10 nodes, energy", "energy", medianOf("ours"), medianOf("greedy"), 1.5),
  row("50 tasks on 10 nodes, warm p50", "CPU ms", median(times.ours), median(times.greedy), 0.002),
];
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, null, 2)}\n`);
for (const { name, unit, ours, against, ratio } of rows) {
  console.log(`${name}: ${ours} ${unit}, best-fit ${against[0].value} ${unit}, ratio ${ratio}`);
}
