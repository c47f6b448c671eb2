/**
 * Counts how often a search of 10 ms finds the optimum of small problems, against proofs kept in optima.json, and prints the
 * gain of longer searches on large ones.
 *
 * `node bench/optima.mjs`: about a minute; prints, and writes nothing. `node bench/optima.mjs prove` makes optima.json
 * again, some minutes: with default weights all placements are tried (43 million of 16x3), without balance npm `highs` proves.
 * `node bench/optima.mjs long` compares 1 s with 60 s on 1,000x50.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { compile, solve } from "@void-system/ising-scheduler";
import { instance } from "./generators.mjs";

const KINDS = ["planted", "unstructured", "three sizes"];
const SIZES = [8, 12, 16];
const INSTANCES = 10;
const SEEDS = 20;
const DEADLINE_MS = 10;
const FILE = new URL("optima.json", import.meta.url);
const WEIGHTS = { optimum: {}, withoutBalance: { balance: 0 } };

const mode = process.argv[2];
if (mode === "prove") await prove();
else if (mode === "long") compareLong(60);
else {
  compareWithProofs();
  compareLong(10);
}

async function prove() {
  const { solveExactly } = await import("@void-system/ising-scheduler/exact");
  const proofs = [];
  for (const tasks of SIZES) {
    for (const kind of KINDS) {
      for (let seed = 1; seed <= INSTANCES; seed++) {
        const one = instance(kind, seed, tasks, 3);
        const all = solve(compile(one), { exhaustiveMax: 3 ** tasks });
        if (!all.proved || !all.feasible) throw new Error(`expected a proof of ${kind} ${seed}, ${tasks}x3, got none`);
        const exact = await solveExactly(compile({ ...one, weights: WEIGHTS.withoutBalance }), { timeLimitMs: 60_000 });
        proofs.push({ kind, seed, tasks, optimum: all.energy.total, withoutBalance: exact.status === "optimal" ? exact.energy : null });
      }
      console.log(`${kind}, ${tasks}x3: proved`);
    }
  }
  writeFileSync(FILE, `[\n${proofs.map((proof) => `  ${JSON.stringify(proof)}`).join(",\n")}\n]\n`);
}

function compareWithProofs() {
  const proofs = JSON.parse(readFileSync(FILE, "utf8"));
  solve(compile(instance("planted", 99, 16, 3)), { deadlineMs: 500 }); // warm
  for (const tasks of SIZES) {
    for (const [name, weights] of Object.entries(WEIGHTS)) {
      const mine = proofs.filter((proof) => proof.tasks === tasks && proof[name] !== null);
      const found = mine.map((proof) => {
        const compiled = compile({ ...instance(proof.kind, proof.seed, tasks, 3), weights });
        const runs = Array.from({ length: SEEDS }, (_, at) => solve(compiled, { deadlineMs: DEADLINE_MS, seed: at + 1 }));
        return runs.filter(({ feasible, energy }) => feasible && energy.total === proof[name]).length;
      });
      const always = found.filter((count) => count === SEEDS).length;
      const runs = found.reduce((a, b) => a + b, 0);
      console.log(`${tasks}x3, ${name}: the proved optimum in ${DEADLINE_MS} ms in every seed of ${always}/${mine.length} instances, in ${runs}/${mine.length * SEEDS} runs`);
    }
  }
}

function compareLong(seconds) {
  for (const kind of ["planted", "unstructured"]) {
    const compiled = compile(instance(kind, 1, 1_000, 50));
    const [short, long] = [1, seconds].map((time) => solve(compiled, { deadlineMs: 1_000 * time }).energy.total);
    console.log(`${kind}, 1000x50: 1 s ${short.toFixed(1)}, ${seconds} s ${long.toFixed(1)}, ratio ${(short / long).toFixed(3)}`);
  }
}
