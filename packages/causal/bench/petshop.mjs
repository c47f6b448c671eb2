/**
 * How well rankRootCauses does on PetShop (Amazon, CC-BY-4.0; see README.md for how to get it).
 *
 *   node bench/petshop.mjs FOLDER [--split train|test] [--list] [--no-load]
 *
 * FOLDER is one scenario, for example petshop-root-cause-analysis/dataset/low_traffic: graph.csv, noissue/metrics.csv,
 * {train,test}/issue_K/{metrics.csv,target.json}.
 */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CausalGraph, MetricTable, rankRootCauses } from "@void-system/causal";

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

function graphOf(file) {
  const [[, ...callees], ...rows] = rowsOf(file);
  return CausalGraph.fromCalls(
    rows.flatMap(([caller, ...cells]) =>
      callees.flatMap((callee, at) => (Number(cells[at]) > 0 ? [{ caller, callee }] : [])),
    ),
  );
}

const graph = graphOf(join(folder, "graph.csv"));
const normal = tableOf(join(folder, "noissue", "metrics.csv"));
const incidents = ["train", "test"].flatMap((split) =>
  readdirSync(join(folder, split))
    .sort()
    .map((issue) => {
      const { target, root_cause } = JSON.parse(readFileSync(join(folder, split, issue, "target.json"), "utf8"));
      return { split, issue, target, truth: root_cause.node };
    }),
);

const results = incidents
  .filter(({ split }) => !values.split || values.split === split)
  .map(({ split, issue, target, truth }) => {
    const ranked = rankRootCauses({
      graph,
      normal,
      incident: tableOf(join(folder, split, issue, "metrics.csv")),
      target: { node: target.node, metric: target.metric, worse: WORSE[target.metric] },
      ...(values["no-load"] ? {} : { load: "requests" }),
    });
    const rank = ranked.findIndex(({ node }) => node === truth) + 1;
    return { split, issue, metric: target.metric, truth, rank, ranked };
  });

if (values.list) {
  for (const { split, issue, metric, truth, rank, ranked } of results) {
    const top = ranked.slice(0, 3).map(({ node, score }) => `${node} ${score.toFixed(3)}`);
    const verdict = `${truth} is ${rank ? `rank ${rank}` : "not ranked"} of ${ranked.length}`;
    console.log(`${split}/${issue} ${metric}: ${verdict}; ${top.join(", ")}`);
  }
}
const top = (rows, k) => rows.filter(({ rank }) => rank > 0 && rank <= k).length;
const share = (rows, k) => `${top(rows, k)}/${rows.length} (${(top(rows, k) / rows.length).toFixed(3)})`;
const groups = {
  train: ({ split }) => split === "train",
  test: ({ split }) => split === "test",
  all: () => true,
  "all, latency": ({ metric }) => metric === "latency",
  "all, availability": ({ metric }) => metric === "availability",
};
for (const [name, belongs] of Object.entries(groups)) {
  const rows = results.filter(belongs);
  if (rows.length === 0) continue;
  const avg5 = [1, 2, 3, 4, 5].reduce((sum, k) => sum + top(rows, k) / rows.length, 0) / 5;
  console.log(`${name}: top-1 ${share(rows, 1)}, top-3 ${share(rows, 3)}, avg@5 ${avg5.toFixed(3)}`);
}
