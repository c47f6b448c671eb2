/**
 * Gap and time per flip of `/ising`'s plain `anneal`. Not a race: moving tasks is the way to place them.
 *
 * `node bench/ising.mjs` anneals tori whose ground state is planted, and so known.
 * `node bench/ising.mjs FOLDER` anneals graphs of the G-set too (G1.txt and others of https://web.stanford.edu/~yyye/yyye/Gset/).
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { anneal, fromBQM, fromCoo } from "@void-system/ising-scheduler/ising";
import { randomOf } from "./generators.mjs";

const [WIDTH, HEIGHT, INSTANCES] = [50, 40, 10];
/** Best cuts that are known (AOCoptimizer.jl, data/GSet/reference.csv). */
const CUTS = { G1: 11_624, G22: 13_359, G43: 6_660, G55: 10_299, G70: 9_591 };

/** Median gap to the ground state of tori, and nanoseconds of CPU per flip. */
export function measureIsing() {
  const runs = Array.from({ length: INSTANCES }, (_, at) => {
    const { spins, ground } = torus(at + 1);
    const { energy, nsPerFlip } = timed(spins, { sweeps: 1_000, reads: 8 });
    return { gap: 1 - energy / ground, nsPerFlip };
  });
  return { spins: WIDTH * HEIGHT, gap: median(runs.map(({ gap }) => gap)), nsPerFlip: median(runs.map(({ nsPerFlip }) => nsPerFlip)) };
}

/** Couplings of neighbours on a torus that a hidden state satisfies, all of them (Mattis, 1976). */
function torus(seed) {
  const random = randomOf(seed);
  const hidden = Array.from({ length: WIDTH * HEIGHT }, () => (random() < 0.5 ? -1 : 1));
  const lines = hidden.flatMap((spin, at) => {
    const [x, y] = [at % WIDTH, Math.floor(at / WIDTH)];
    const neighbours = [y * WIDTH + ((x + 1) % WIDTH), ((y + 1) % HEIGHT) * WIDTH + x];
    return neighbours.map((other) => `${at} ${other} ${-spin * hidden[other]}`);
  });
  return { spins: fromBQM(fromCoo(`# vartype=SPIN\n${lines.join("\n")}\n`)), ground: -lines.length };
}

function measureGset(folder) {
  for (const [name, best] of Object.entries(CUTS)) {
    const file = join(folder, `${name}.txt`);
    if (!existsSync(file)) continue;
    const edges = readFileSync(file, "utf8").trim().split("\n").slice(1).map((line) => line.trim().split(/\s+/).map(Number));
    const total = edges.reduce((sum, [, , weight]) => sum + weight, 0);
    const spins = fromBQM(fromCoo(`# vartype=SPIN\n${edges.map(([a, b, weight]) => `${a - 1} ${b - 1} ${weight}`).join("\n")}\n`));
    const { energy, nsPerFlip } = timed(spins, { sweeps: 2_000, reads: 4 });
    const cut = (total - energy) / 2;
    console.log(`${name}: cut ${cut} of ${best}, gap ${percent(1 - cut / best)}, ${nsPerFlip.toFixed(1)} ns a flip`);
  }
}

function timed(spins, options) {
  const began = process.cpuUsage();
  const { energy, flips } = anneal(spins, options);
  const { user, system } = process.cpuUsage(began);
  return { energy, nsPerFlip: ((user + system) * 1_000) / flips };
}

function median(values) {
  return [...values].sort((a, b) => a - b)[values.length >> 1];
}

function percent(part) {
  return `${(100 * part).toFixed(2)} %`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { spins, gap, nsPerFlip } = measureIsing();
  console.log(`torus of ${spins} spins, ${INSTANCES} instances: median gap ${percent(gap)}, ${nsPerFlip.toFixed(1)} ns a flip`);
  if (process.argv[2] !== undefined) measureGset(process.argv[2]);
}
