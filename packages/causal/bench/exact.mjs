/**
 * Graphs, identification and networks: what answers cost, and that others give the same ones. Beside them run Debian's
 * networkx, where /usr/bin/python3 has it, and bayesjs from npm: `BENCH_PEERS=FOLDER` says where it is, after
 * `npm install --prefix FOLDER bayesjs@0.6.5`. CPU time of this process; medians of rounds.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import { CausalGraph, CausalInference } from "../dist/index.js";
import { Admg, dag, dSeparated, minimalAdjustmentSets } from "../dist/graphs/index.js";
import { identify } from "../dist/identification/index.js";
import { fromBif } from "../dist/networks/index.js";

const COMMAND = "BENCH_PEERS=FOLDER npm run bench -w packages/causal";
const VECTORS = new URL("../test/vectors/", import.meta.url);
const alarm = fromBif(readFileSync(new URL("bif/alarm.bif", VECTORS), "utf8"));
const evidence = { HRBP: "HIGH", CVP: "LOW", EXPCO2: "LOW" };
const rows = [];

twoLayers(); // first, as it prints the peak of memory
junctionTrees();
separations();
effects();

const file = new URL("results.json", import.meta.url);
const others = JSON.parse(readFileSync(file, "utf8")).filter(({ name }) => !rows.some((row) => row.name === name));
writeFileSync(file, `${JSON.stringify([...others, ...rows], undefined, 2)}\n`);

function junctionTrees() {
  const tree = alarm.compile();
  const bayesjs = installed("bayesjs");
  const network = bayesjs && plain(alarm);
  const target = "HYPOVOLEMIA";
  const ours = tree.posterior(target, { evidence });
  const peerPosterior = () => bayesjs.module.infer(network, { [target]: "TRUE" }, { ...evidence });
  if (bayesjs && Math.abs(peerPosterior() - ours.TRUE) > 1e-6) throw new Error(`bayesjs has ${peerPosterior()}, not ${ours.TRUE}`);
  row("alarm: one posterior, warm", "us", micros(() => tree.posterior(target, { evidence }), 2_000), peer(bayesjs, peerPosterior, 1), 1_000);
  const peerAll = () => bayesjs.module.inferAll(network, { ...evidence });
  if (bayesjs) {
    const [expected, found] = [peerAll(), tree.marginals({ evidence })];
    for (const [name, states] of Object.entries(found)) {
      for (const [state, p] of Object.entries(states)) if (Math.abs(expected[name][state] - p) > 1e-6) throw new Error(`bayesjs differs in ${name} ${state}`);
    }
  }
  row("alarm: all 37 posteriors", "us", micros(() => tree.marginals({ evidence }), 500), peer(bayesjs, peerAll, 1), 1_000);
  row("alarm: compile", "us", micros(() => alarm.compile(), 20));
}

/** Random graphs with as many edges as twice the nodes. */
function separations() {
  const random = generator(1);
  const count = 200;
  const edges = new Set();
  while (edges.size < 2 * count) {
    const [a, b] = [Math.floor(random() * count), Math.floor(random() * count)];
    if (a < b) edges.add(`n${a} n${b}`);
  }
  const directed = [...edges].map((edge) => edge.split(" "));
  const graph = new Admg({ nodes: Array.from({ length: count }, (_, at) => `n${at}`), directed });
  const questions = Array.from({ length: 200 }, () => {
    const [x, y, ...given] = new Set(Array.from({ length: 7 }, () => `n${Math.floor(random() * count)}`));
    return { x: [x], y: [y], given };
  });
  let at = 0;
  const ours = micros(() => dSeparated(graph, questions[at++ % questions.length]), 2_000);
  const networkx = besideNetworkx(graph, questions);
  row("d-separation, 200 nodes, 400 edges", "us", ours, networkx && { name: "networkx", version: networkx.version, value: networkx.micros }, 20);
  const pairs = Array.from({ length: 40 }, () => ({ x: [`n${Math.floor(random() * 80)}`], y: [`n${120 + Math.floor(random() * 80)}`] }));
  let sets = 0;
  const spent = micros(() => {
    sets = 0;
    for (const pair of pairs) {
      const listed = minimalAdjustmentSets(graph, pair);
      for (let taken = 0; taken < 100 && !listed.next().done; taken++) sets++;
    }
  }, 1);
  row("the next minimal adjustment set, 200 nodes", "us", spent / sets);
}

/** The same questions, and all of the vectors, asked of networkx. */
function besideNetworkx(graph, questions) {
  const { dags } = JSON.parse(readFileSync(new URL("graphs.json", VECTORS), "utf8"));
  const asked = [
    ...dags.map(({ nodes, edges, dsep }) => ({ graph: new Admg({ nodes, directed: edges }), questions: dsep.map(({ x, y, given }) => ({ x: [x], y: [y], given })) })),
    { graph, questions },
  ];
  const program = `
import json, sys, time
import networkx as nx
answers, spent = [], 0
for graph in json.load(sys.stdin):
    g = nx.DiGraph()
    g.add_nodes_from(graph["nodes"])
    g.add_edges_from(graph["edges"])
    began = time.process_time()
    answers.append([nx.d_separated(g, set(q["x"]), set(q["y"]), set(q["given"])) for q in graph["questions"]])
    spent = (time.process_time() - began) * 1e6 / len(graph["questions"])
print(json.dumps({"version": nx.__version__, "answers": answers, "micros": spent}))`;
  const input = JSON.stringify(asked.map(({ graph: { nodes, directed }, questions: list }) => ({ nodes, edges: directed, questions: list })));
  let found;
  try {
    found = JSON.parse(execFileSync("/usr/bin/python3", ["-c", program], { input, encoding: "utf8", stdio: ["pipe", "pipe", "ignore"] }));
  } catch {
    process.stdout.write("skipped networkx: not installed (apt-get install python3-networkx)\n");
    return undefined;
  }
  let compared = 0;
  for (const [at, { graph: one, questions: list }] of asked.entries()) {
    for (const [index, question] of list.entries()) {
      if (dSeparated(one, question) !== found.answers[at][index]) throw new Error(`networkx differs: ${JSON.stringify(question)}`);
      compared++;
    }
  }
  process.stdout.write(`networkx ${found.version} agrees on ${compared} d-separations\n`);
  return found;
}

function effects() {
  const { identification } = JSON.parse(readFileSync(new URL("identification.json", VECTORS), "utf8"));
  const large = identification.filter(({ vars }) => vars.length === 7);
  const asked = large.map(({ vars, directed, bidirected, y, x, z }) => ({ graph: new Admg({ nodes: vars, directed, bidirected }), question: { y, do: x, given: z } }));
  let at = 0;
  const next = () => {
    const { graph, question } = asked[at++ % asked.length];
    return identify(graph, question);
  };
  if (asked.length > 0) row(`ID and IDC, 7 nodes (${asked.length} effects)`, "us", micros(next, 100 * asked.length));
  const napkin = dag`W -> Z -> X -> Y; W <-> X; W <-> Y`;
  row("ID, the napkin graph", "us", micros(() => identify(napkin, { y: ["Y"], do: ["X"] }), 500));
}

function twoLayers() {
  const random = generator(12_345);
  const graph = new CausalGraph({ leak: 0.01 });
  for (let cause = 0; cause < 2_000; cause++) graph.addNode(`d${cause}`, { prior: 0.001 + 0.02 * random() });
  for (let finding = 0; finding < 10; finding++) {
    for (let cause = 0; cause < 2_000; cause++) graph.addEdge(`d${cause}`, `f${finding}`, 0.1 + 0.8 * random());
  }
  const seen = Object.fromEntries(Array.from({ length: 10 }, (_, finding) => [`f${finding}`, true]));
  const inference = new CausalInference(graph);
  row("2,000 causes of 10 findings, all edges, all seen", "ms", micros(() => inference.observationalProbability("d0", seen), 1) / 1_000);
  process.stdout.write(`peak of memory: ${Math.round(process.resourceUsage().maxRSS / 1_000)} MB\n`);
}

/** The network as bayesjs takes it. */
function plain({ variables }) {
  const network = {};
  for (const { name, states, parents, table } of variables) {
    const rowOf = (row) => Object.fromEntries(states.map((state, at) => [state, table[row * states.length + at]]));
    const cpt = Array.from({ length: table.length / states.length }, (_, row) => {
      let rest = row;
      const when = {};
      for (const parent of parents.toReversed()) {
        const { name: key, states: all } = variables[parent];
        when[key] = all[rest % all.length];
        rest = Math.floor(rest / all.length);
      }
      // oxlint-disable-next-line unicorn/no-thenable -- bayesjs calls it so
      return { when, then: rowOf(row) };
    });
    network[name] = { id: name, states, parents: parents.map((parent) => variables[parent].name), cpt: parents.length > 0 ? cpt : rowOf(0) };
  }
  return network;
}

function peer(found, work, times) {
  return found && { name: found.name, version: found.version, value: micros(work, times, 3) };
}

/** Median of rounds, in CPU microseconds a call, after one that is not counted. */
function micros(work, times, rounds = 9) {
  const took = [];
  for (let round = -1; round < rounds; round++) {
    const began = process.cpuUsage();
    for (let time = 0; time < times; time++) work();
    const { user, system } = process.cpuUsage(began);
    if (round >= 0) took.push((user + system) / times);
  }
  return took.sort((a, b) => a - b)[rounds >> 1];
}

function row(name, unit, value, beside, bar = 0) {
  const ours = Number(value.toPrecision(3));
  const against = beside ? [{ name: beside.name, version: beside.version, kind: "peer", value: Number(beside.value.toPrecision(3)) }] : [];
  const ratio = beside ? Number((beside.value / value).toPrecision(3)) : null;
  rows.push({ name, unit: `CPU ${unit}`, better: "lower", ours, against, ratio, bar, command: COMMAND });
  process.stdout.write(`${name}: ${ours} CPU ${unit}${beside ? `, ${beside.name} ${against[0].value}, ratio ${ratio}` : ""}\n`);
}

function installed(name) {
  const require = createRequire(resolve(process.env.BENCH_PEERS ?? import.meta.dirname, "bench.mjs"));
  try {
    const { version } = JSON.parse(readFileSync(require.resolve(`${name}/package.json`), "utf8"));
    return { name, version, module: require(name) };
  } catch {
    process.stdout.write(`skipped ${name}: not installed (BENCH_PEERS=FOLDER; npm install --prefix FOLDER ${name})\n`);
    return undefined;
  }
}

function generator(seed) {
  let state = seed;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
