/**
 * Counts how often a search of 40,000 moves finds the optimum of small problems, and the gain of longer searches on large ones.
 * 8x3 and 12x3 are proved by trying all placements. 16x3 is held against three searches of 300,000 moves, which proves nothing.
 *
 * `node bench/optima.mjs`: about two minutes; prints, and writes nothing.
 */
import { compile, solve } from "@void-system/ising-scheduler";
import { instance } from "./generators.mjs";

const INSTANCES = 30;
const SEEDS = 20;
const MOVES = 40_000;

const energyOf = ({ feasible, energy }) => (feasible ? energy.total : Infinity);

for (const tasks of [8, 12, 16]) {
  for (const kind of ["planted", "unstructured", "three sizes"]) {
    const found = Array.from({ length: INSTANCES }, (_, at) => hits(compile(instance(kind, at + 1, tasks, 3)), tasks <= 12));
    const always = found.filter((count) => count === SEEDS).length;
    const runs = found.reduce((a, b) => a + b, 0);
    console.log(`${kind}, ${tasks}x3: optimum in every seed of ${always}/${INSTANCES} instances, in ${runs}/${INSTANCES * SEEDS} runs`);
  }
}
for (const kind of ["planted", "unstructured"]) {
  const compiled = compile(instance(kind, 1, 1_000, 50));
  const energies = [1, 10].map((seconds) => energyOf(solve(compiled, { deadlineMs: 1_000 * seconds })));
  console.log(`${kind}, 1000x50: 1 s ${energies[0].toFixed(1)}, 10 s ${energies[1].toFixed(1)}, ratio ${(energies[0] / energies[1]).toFixed(3)}`);
}

function hits(compiled, provable) {
  const references = provable
    ? [solve(compiled, { exhaustiveMax: 1_000_000 })]
    : [1, 2, 3].map((seed) => solve(compiled, { moves: 300_000, seed: 1_000 + seed }));
  const best = Math.min(...references.map(energyOf));
  const runs = Array.from({ length: SEEDS }, (_, at) => solve(compiled, { moves: MOVES, seed: at + 1, exhaustiveMax: 0 }));
  return runs.filter((run) => energyOf(run) === best).length;
}
