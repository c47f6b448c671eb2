/**
 * Scores of rankRootCauses and diagnose on PetShop (Amazon, CC-BY-4.0; see README.md for how to get it).
 *
 *   node bench/petshop.mjs FOLDER [--split train|test] [--list] [--no-load]
 *
 * FOLDER is one scenario, for example petshop-root-cause-analysis/dataset/low_traffic: graph.csv, noissue/metrics.csv,
 * {train,test}/issue_K/{metrics.csv,target.json}.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CallGraph, CausalGraph, diagnose, MetricTable, rankRootCauses } from "@void-system/causal";

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { split: { type: "string" }, list: { type: "boolean" }, "no-load": { type: "boolean" } },
});
const [folder] = positionals;
if (!folder) {
  console.error("expected a folder: node bench/petshop.mjs FOLDER [--split train|test] [--list] [--no-load]");
  process.exit(2);
}
const WORSE = { latency: "higher", availability: "lower" };
const STATISTIC = { latency: "Average", availability: "Average", requests: "Sum" };

/** Names here have no commas, quotes or line ends in them, so splitting is enough. */
function rowsOf(file) {
  return readFileSync(file, "utf8")
    .trim()
    .split(/\r?\n/)
    .map((line) => line.split(","));
}

/** Three header rows (service, metric, statistic), the row that names the index, then one row a time. */
function tableOf(file) {
  const [services, metrics, statistics, , ...rows] = rowsOf(file);
  const table = new MetricTable(rows.length);
  for (let at = 1; at < services.length; at++) {
    if (STATISTIC[metrics[at]] !== statistics[at]) continue;
    table.set(services[at], metrics[at], rows.map((row) => (row[at] ? Number(row[at]) : Number.NaN)));
  }
  return table;
}

function callsOf(file) {
  const [[, ...callees], ...rows] = rowsOf(file);
  return rows.flatMap(([caller, ...cells]) => callees.flatMap((callee, at) => (Number(cells[at]) > 0 ? [{ caller, callee }] : [])));
}

const calls = callsOf(join(folder, "graph.csv"));
const normal = tableOf(join(folder, "noissue", "metrics.csv"));
const incidents = ["train", "test"].flatMap((split) =>
  readdirSync(join(folder, split))
    .sort()
    .map((issue) => {
      const { target, root_cause } = JSON.parse(readFileSync(join(folder, split, issue, "target.json"), "utf8"));
      return { split, issue, target, truth: root_cause.node };
    }),
);

const wanted = incidents.filter(({ split }) => !values.split || values.split === split);
const load = values["no-load"] ? {} : { load: "requests" };
const graph = new CallGraph(calls);
const results = wanted.map(({ split, issue, target, truth }) => {
  const incident = tableOf(join(folder, split, issue, "metrics.csv"));
  const question = { normal, incident, target: { node: target.node, metric: target.metric, worse: WORSE[target.metric] }, ...load };
  const ranked = rankRootCauses({ ...question, graph: CausalGraph.fromCalls(calls) });
  const found = diagnose({ ...question, graph });
  const bare = diagnose({ ...question, graph, ranker: "correlation" });
  const rankIn = (list) => list.findIndex(({ node }) => node === truth) + 1;
  return { split, issue, metric: target.metric, truth, question, found, ranks: { rankRootCauses: rankIn(ranked), diagnose: rankIn(found.candidates), correlation: rankIn(bare.candidates) } };
});

if (values.list) {
  for (const { split, issue, metric, truth, found, ranks } of results) {
    console.log(`${split}/${issue} ${metric}: ${truth} is rank ${ranks.diagnose}; ${found.verdict} at ${found.falseAlarmRate.toFixed(4)}; ${found.sentence}`);
  }
}

/** A count with its 95 % interval (Wilson, 1927). */
function share(count, of) {
  const [z, part] = [1.96, count / of];
  const middle = (part + z ** 2 / (2 * of)) / (1 + z ** 2 / of);
  const half = (z * Math.sqrt((part * (1 - part)) / of + z ** 2 / (4 * of ** 2))) / (1 + z ** 2 / of);
  return `${count}/${of} (${Math.max(0, middle - half).toFixed(2)}..${Math.min(1, middle + half).toFixed(2)})`;
}
const top = (rows, ranker, most) => rows.filter(({ ranks }) => ranks[ranker] > 0 && ranks[ranker] <= most).length;
for (const split of ["train", "test", "all"]) {
  const rows = results.filter((row) => split === "all" || row.split === split);
  if (rows.length === 0) continue;
  for (const ranker of ["rankRootCauses", "diagnose", "correlation"]) {
    console.log(`${split}, ${ranker}: top-1 ${share(top(rows, ranker, 1), rows.length)}, top-3 ${share(top(rows, ranker, 3), rows.length)}`);
  }
  const right = rows.filter(({ found, truth }) => found.verdict === "cause" && found.candidates[0].node === truth).length;
  const unusual = rows.filter(({ found }) => found.verdict !== "nothing-unusual").length;
  console.log(`${split}, verdicts at 1 %: unusual ${share(unusual, rows.length)}, cause named and right ${share(right, rows.length)}`);
}

/** Calibrates on the first half of the normal period, and asks about the windows of the second one. */
const RATES = [0.01, 0.02, 0.05, 0.1];
const WINDOW_ROWS = 5;
const half = normal.rows >> 1;
const cut = (from, to) => {
  const table = new MetricTable(to - from);
  for (const node of normal.nodes()) for (const metric of normal.metrics(node)) table.set(node, metric, normal.get(node, metric).slice(from, to));
  return table;
};
const firstHalf = cut(0, half);
for (const metric of ["latency", "availability"]) {
  const rates = [];
  for (let from = half; from + WINDOW_ROWS <= normal.rows; from += WINDOW_ROWS) {
    const target = { node: results[0].question.target.node, metric, worse: WORSE[metric] };
    rates.push(diagnose({ graph, normal: firstHalf, incident: cut(from, from + WINDOW_ROWS), target, ...load }).falseAlarmRate);
  }
  const seen = RATES.map((rate) => `${rate} -> ${(rates.filter((value) => value <= rate).length / rates.length).toFixed(3)}`);
  console.log(`quiet windows, ${metric}, rate asked -> seen: ${seen.join(", ")} of ${rates.length} windows`);
}

/** A third of the calls removed at random: is the cause among the first three by score, listed apart or not? */
const SEEDS = 20;
const services = [...new Set(calls.flatMap(({ caller, callee }) => [caller, callee]))].map((name) => ({ caller: name, callee: name }));
const kept = Array.from({ length: SEEDS }, (_, seed) => {
  let state = seed + 1;
  const isKept = () => (state = (state * 48_271) % 2_147_483_647) % 3 !== 0;
  for (let warm = 0; warm < 10; warm++) isKept();
  const thinner = new CallGraph([...calls.filter(isKept), ...services]);
  return results.filter(({ question, truth }) => {
    const { candidates, apart } = diagnose({ ...question, graph: thinner });
    return [...candidates, ...apart].toSorted((a, b) => b.score - a.score).slice(0, 3).some(({ node }) => node === truth);
  }).length;
}).toSorted((a, b) => a - b);
console.log(`a third of the calls removed, ${SEEDS} seeds: cause among the first three in ${kept[SEEDS >> 1]} (median) of ${results.length}, ${kept[0]} at worst`);
