/**
 * What exact inference and the ranking cost beside the obvious ways to do them, and how the ranking does on the incident
 * in examples/petshop (Amazon, CC-BY-4.0). All 26 incidents of that dataset: `petshop.mjs`. CPU time, sides in turn, medians.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { CausalGraph, CausalInference, MetricTable, rankRootCauses } from "../dist/index.js";

const ROUNDS = 15;
const COMMAND = "npm run bench -w packages/causal";
const PETSHOP = new URL("../../../examples/petshop/", import.meta.url);

/** Two rows of nodes, each caused by its left and its upper neighbour: two paths between most pairs. */
function lattice(columns) {
  const graph = new CausalGraph({ prior: 0.3 });
  const strengths = [0.2, 0.5, 0.7, 0.35];
  const edges = [];
  for (let column = 0; column < columns; column++) {
    edges.push([`a${column}`, `b${column}`]);
    if (column > 0) edges.push([`a${column - 1}`, `a${column}`], [`b${column - 1}`, `b${column}`]);
  }
  const weighted = edges.map(([cause, effect], index) => ({ cause, effect, strength: strengths[index % 4] }));
  for (const { cause, effect, strength } of weighted) graph.addEdge(cause, effect, strength);
  return { graph, weighted, nodes: Array.from({ length: columns }, (_, column) => [`a${column}`, `b${column}`]).flat() };
}

/** P(asked | seen) by adding up every assignment of every node. */
function enumerated({ weighted, nodes }, asked, seen) {
  const indexOf = new Map(nodes.map((node, index) => [node, index]));
  const causes = nodes.map((node) => weighted.filter(({ effect }) => effect === node).map(({ cause, strength }) => [indexOf.get(cause), 1 - strength]));
  let both = 0;
  let all = 0;
  for (let bits = 0; bits < 2 ** nodes.length; bits++) {
    if (!((bits >> indexOf.get(seen)) & 1)) continue;
    let probability = 1;
    for (let node = 0; node < nodes.length; node++) {
      let inactive = causes[node].length === 0 ? 0.7 : 1;
      for (const [cause, spared] of causes[node]) if ((bits >> cause) & 1) inactive *= spared;
      probability *= (bits >> node) & 1 ? 1 - inactive : inactive;
    }
    all += probability;
    if ((bits >> indexOf.get(asked)) & 1) both += probability;
  }
  return both / all;
}

function tableOf(name) {
  const [services, metrics, statistics, , ...rows] = readFileSync(new URL(name, PETSHOP), "utf8").trim().split(/\r?\n/).map((line) => line.split(","));
  const wanted = { latency: "Average", availability: "Average", requests: "Sum" };
  const table = new MetricTable(rows.length);
  const columns = [];
  for (let at = 1; at < services.length; at++) {
    if (wanted[metrics[at]] !== statistics[at]) continue;
    const values = rows.map((row) => (row[at] ? Number(row[at]) : Number.NaN));
    table.set(services[at], metrics[at], values);
    columns.push({ service: services[at], metric: metrics[at], values });
  }
  return { table, columns };
}

const [[, ...callees], ...calls] = readFileSync(new URL("graph.csv", PETSHOP), "utf8").trim().split(/\r?\n/).map((line) => line.split(","));
const graph = CausalGraph.fromCalls(calls.flatMap(([caller, ...cells]) => callees.flatMap((callee, at) => (Number(cells[at]) > 0 ? [{ caller, callee }] : []))));
const normal = tableOf("noissue/metrics.csv");
const incident = tableOf("incident/metrics.csv");
const { target, root_cause: truth } = JSON.parse(readFileSync(new URL("incident/target.json", PETSHOP), "utf8"));

const ranking = () => rankRootCauses({ graph, normal: normal.table, incident: incident.table, target: { node: target.node, metric: target.metric }, load: "requests" });

/** Services by how far the target's metric is from its normal median, in robust standard deviations. */
function byDeviation() {
  const scores = incident.columns
    .filter(({ metric }) => metric === target.metric)
    .map(({ service, metric, values }) => {
      const usual = normal.columns.find((column) => column.service === service && column.metric === metric)?.values.filter(Number.isFinite) ?? [];
      const middle = median(usual);
      const spread = 1.4826 * median(usual.map((value) => Math.abs(value - middle))) || Number.MIN_VALUE;
      return { node: service, score: Math.max(...values.filter(Number.isFinite).map((value) => Math.abs(value - middle) / spread), 0) };
    });
  return scores.toSorted((a, b) => b.score - a.score);
}

const rows = [
  posterior(8, 50, 1, 20),
  posterior(3, 200, 200, 0.1),
  timed("ranking of one incident, 34 candidates", ranking, 3, "services by deviation alone", byDeviation, 3, 0.4),
  quality(),
];
writeFileSync(new URL("results.json", import.meta.url), `${JSON.stringify(rows, undefined, 2)}\n`);
for (const { name, unit, ours, against, ratio } of rows) console.log(`${name}: ${ours} ${unit}, ${against[0].name} ${against[0].value} ${unit}, ratio ${ratio}`);

/** The sum doubles with each further node: it is quicker on a handful, and out of the question on 40. */
function posterior(columns, times, floorTimes, bar) {
  const model = lattice(columns);
  const inference = new CausalInference(model.graph);
  const last = `b${columns - 1}`;
  const exact = () => inference.observationalProbability("a0", { [last]: true });
  const summed = () => enumerated(model, "a0", last);
  if (Math.abs(exact() - summed()) > 1e-12) throw new Error(`${exact()} is not ${summed()}`);
  return timed(`exact query, ${2 * columns} nodes with many paths`, exact, times, "sum over all assignments", summed, floorTimes, bar);
}

/** Both in turns; `times` calls a round. */
function timed(name, ours, oursTimes, floorName, floor, floorTimes, bar) {
  const took = { ours: [], floor: [] };
  for (let round = -3; round < ROUNDS; round++) {
    const order = [["ours", ours, oursTimes], ["floor", floor, floorTimes]];
    for (const [side, work, times] of round % 2 === 0 ? order : order.toReversed()) {
      const one = microseconds(work, times);
      if (round >= 0) took[side].push(one);
    }
  }
  return row(name, "CPU us", median(took.ours), floorName, median(took.floor), bar);
}

function quality() {
  const rankIn = (ranked) => ranked.findIndex(({ node }) => node === truth.node) + 1 || ranked.length + 1;
  return row("rank of the true cause of one incident", "rank", rankIn(ranking()), "services by deviation alone", rankIn(byDeviation()), 1);
}

function row(name, unit, ours, floorName, floor, bar) {
  const against = [{ name: floorName, version: "bench.mjs", kind: "floor", value: Number(floor.toPrecision(4)) }];
  return { name, unit, better: "lower", ours: Number(ours.toPrecision(4)), against, ratio: Number((floor / ours).toPrecision(3)), bar, command: COMMAND };
}

function microseconds(work, times) {
  const began = process.cpuUsage();
  for (let index = 0; index < times; index++) work();
  const { user, system } = process.cpuUsage(began);
  return (user + system) / times;
}

function median(values) {
  const sorted = Float64Array.from(values).sort();
  return sorted[sorted.length >> 1];
}
