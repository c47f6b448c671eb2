/**
 * The Alibaba trace openb (1,523 nodes, 8,152 pods): pods placed, beside best fit and dot product by the same rule of slots,
 * in the order of the trace and largest first.
 *
 * `node bench/openb.mjs FOLDER`, the folder with openb_node_list_gpu_node.csv or openb_nodes.csv, and
 * openb_pod_list_default.csv or openb_pods_default.csv, of https://github.com/alibaba/clusterdata/tree/master/cluster-trace-gpu-v2023.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { solve } from "@void-system/ising-scheduler";
import { compile } from "@void-system/ising-scheduler/cluster";
import { fromOpenb, readCsv } from "@void-system/ising-scheduler/import";

const TOTAL_MS = 2_000;
const folder = process.argv[2];
if (folder === undefined) throw new Error("expected the folder of the trace, got none; see the head of this file");
const table = (...names) => readCsv(readFileSync(names.map((name) => join(folder, name)).find(existsSync), "utf8"));
const problem = fromOpenb(
  await table("openb_nodes.csv", "openb_node_list_gpu_node.csv"),
  await table("openb_pods_default.csv", "openb_pod_list_default.csv"),
);

for (let turn = 0; turn < 5; turn++) {
  const began = performance.now();
  const compiled = compile(problem);
  const compiledAt = performance.now();
  const result = solve(compiled, { deadlineMs: Math.max(0, TOTAL_MS - (compiledAt - began) - 100) });
  const tookMs = performance.now() - began;
  console.log(`placed ${Object.keys(result.placement).length} of ${problem.tasks.length} in ${Math.round(tookMs)} ms, of which compile ${Math.round(compiledAt - began)} ms; feasible ${result.feasible}`);
}

const largest = {};
for (const { capacity } of problem.nodes) for (const r in capacity) largest[r] = Math.max(largest[r] ?? 0, capacity[r]);
const size = ({ demand }) => Math.max(...Object.keys(demand).map((r) => demand[r] / largest[r]));
const orders = { "in the order of the trace": problem.tasks, "largest first": [...problem.tasks].sort((a, b) => size(b) - size(a)) };
const rules = {
  "best fit": (_, room) => -Object.keys(largest).reduce((sum, r) => sum + room[r] / largest[r], 0),
  "dot product": ({ demand }, room) => Object.keys(demand).reduce((sum, r) => sum + (demand[r] * room[r]) / largest[r] ** 2, 0),
};
for (const [order, tasks] of Object.entries(orders)) {
  for (const [rule, score] of Object.entries(rules)) console.log(`${rule}, ${order}: placed ${packed(tasks, score)}`);
}

/** Packs one pod after the other; a share takes the slot that it fits best. */
function packed(tasks, score) {
  const nodes = problem.nodes.map(({ capacity, labels }) => ({ room: { ...capacity }, slots: Array(capacity.gpu).fill(1), labels }));
  let placed = 0;
  for (const task of tasks) {
    const { cpu, memory, gpu = 0 } = task.demand;
    const fits = ({ room, slots, labels }) =>
      cpu <= room.cpu && memory <= room.memory && (!task.requires || task.requires.gpu.includes(labels?.gpu)) &&
      (gpu >= 1 ? slots.filter((free) => free > 1 - 1e-9).length >= gpu : gpu === 0 || slots.some((free) => free + 1e-9 >= gpu));
    let [chosen, best] = [undefined, -Infinity];
    for (const node of nodes) {
      if (!fits(node)) continue;
      const value = score(task, node.room);
      if (value > best) [chosen, best] = [node, value];
    }
    if (!chosen) continue;
    placed++;
    chosen.room.cpu -= cpu;
    chosen.room.memory -= memory;
    chosen.room.gpu -= gpu;
    for (let left = gpu; left > 1e-9; left -= 1) {
      const open = chosen.slots.flatMap((free, at) => (free + 1e-9 >= Math.min(1, left) ? [at] : []));
      const slot = open.reduce((a, b) => (chosen.slots[b] < chosen.slots[a] ? b : a));
      chosen.slots[slot] -= Math.min(1, left);
    }
  }
  return placed;
}
