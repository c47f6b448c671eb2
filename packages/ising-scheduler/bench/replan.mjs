/**
 * One of ten nodes lost with 100 tasks: CPU time of replan, with and without compile, and the tasks that move.
 * `node bench/replan.mjs` prints, and writes nothing.
 */
import { solve } from "@void-system/ising-scheduler";
import { compile, replan } from "@void-system/ising-scheduler/cluster";
import { instance } from "./generators.mjs";

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const cases = Array.from({ length: 20 }, (_, at) => {
  const one = instance(at % 2 === 0 ? "planted" : "unstructured", at + 1, 100, 10);
  const previous = solve(compile(one)).placement;
  return { ...one, previous, nodes: one.nodes.filter(({ id }) => id !== "n3") };
});
const [alone, whole] = [[], []];
for (let turn = 0; turn < 30; turn++) {
  for (const problem of cases) {
    const began = performance.now();
    const compiled = compile(problem);
    const compiledAt = performance.now();
    replan(compiled);
    if (turn < 10) continue;
    alone.push(performance.now() - compiledAt);
    whole.push(performance.now() - began);
  }
}
console.log(`100x10, one node lost: replan p50 ${median(alone).toFixed(2)} ms, with compile ${median(whole).toFixed(2)} ms (bar 1 ms)`);
const others = cases.map((problem) => {
  const { migrations, feasible } = replan(compile(problem));
  const lost = Object.values(problem.previous).filter((node) => node === "n3").length;
  return { feasible, lost, moved: migrations.length, unexplained: migrations.filter(({ from, reason }) => from !== "n3" && !/^(saves|makes room)/.test(reason)).length };
});
console.log(`feasible ${others.filter(({ feasible }) => feasible).length} of ${others.length}; tasks of the lost node ${median(others.map(({ lost }) => lost))}, moved ${median(others.map(({ moved }) => moved))}, without a reason ${others.reduce((sum, { unexplained }) => sum + unexplained, 0)}`);
