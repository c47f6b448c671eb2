/**
 * Many services, and many failures: what a ranking and a diagnosis of 5,000 services cost, one count of a failure, and a
 * fit of the weights. CPU time of this process; medians of rounds.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { CallGraph, CausalGraph, diagnose, FailureCounts, MetricTable, rankRootCauses } from "../dist/index.js";

const COMMAND = "npm run bench -w packages/causal";
const [SERVICES, NORMAL_ROWS, INCIDENT_ROWS, ROUNDS] = [5_000, 600, 20, 5];
const EVENTS = 200_000;
const rows = [];

let state = 1;
const uniform = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
const before = (at) => `s${Math.floor(uniform() * at)}`;
const calls = [];
for (let at = 1; at < SERVICES; at++) {
  calls.push({ caller: before(at), callee: `s${at}` });
  if (uniform() < 0.5) calls.push({ caller: before(at), callee: `s${at}` });
}

/** Noise everywhere; a slow service makes the target slow, too. */
function table(length, slow) {
  const measured = new MetricTable(length);
  for (let at = 0; at < SERVICES; at++) {
    const extra = slow.includes(at) ? 200 : 0;
    measured.set(`s${at}`, "latency", Array.from({ length }, (_, row) => 20 + 10 * uniform() + (row > 4 ? extra : 0)));
    measured.set(`s${at}`, "requests", new Float64Array(length).fill(100));
  }
  return measured;
}

const question = { normal: table(NORMAL_ROWS, []), incident: table(INCIDENT_ROWS, [0, 4_000]), target: { node: "s0", metric: "latency" }, load: "requests" };
const [tree, graph] = [CausalGraph.fromCalls(calls), new CallGraph(calls)];
const { verdict, candidates } = diagnose({ ...question, graph });
if (verdict !== "cause" || candidates[0].node !== "s4000") throw new Error(`${verdict}: ${candidates[0]?.node}`);
row("5,000 services ranked", "ms", median(() => rankRootCauses({ ...question, graph: tree })) / 1_000);
row("5,000 services diagnosed", "ms", median(() => diagnose({ ...question, graph })) / 1_000);

const failed = Array.from({ length: 64 }, (_, at) => Array.from({ length: at % 4 }, (_, cause) => `c${(at + 3 * cause) % 8}`));
const counts = new FailureCounts();
row("one count of a failure", "us", median(() => {
  for (let event = 0; event < EVENTS; event++) counts.record("api", event % 3 === 0, failed[event % 64], event);
}) / EVENTS);
const unlearned = new CausalGraph();
for (let cause = 0; cause < 8; cause++) unlearned.addEdge(`c${cause}`, "api");
row("weights of 8 edges, fitted with intervals", "ms", median(() => unlearned.learn(counts)) / 1_000);

const file = new URL("results.json", import.meta.url);
const others = JSON.parse(readFileSync(file, "utf8")).filter(({ name }) => !rows.some((one) => one.name === name));
writeFileSync(file, `${JSON.stringify([...others, ...rows], undefined, 2)}\n`);

/** CPU microseconds, after two rounds that are not counted. */
function median(work) {
  const took = [];
  for (let round = -2; round < ROUNDS; round++) {
    const began = process.cpuUsage();
    work();
    const { user, system } = process.cpuUsage(began);
    if (round >= 0) took.push(user + system);
  }
  return took.sort((a, b) => a - b)[ROUNDS >> 1];
}

function row(name, unit, value) {
  const ours = Number(value.toPrecision(3));
  rows.push({ name, unit: `CPU ${unit}`, better: "lower", ours, against: [], ratio: null, bar: 0, command: COMMAND });
  process.stdout.write(`${name}: ${ours} CPU ${unit}\n`);
}
