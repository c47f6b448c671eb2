import * as fc from "fast-check";
import { expect, test } from "vitest";
import * as graphs from "../src/graphs/index.ts";
import * as identification from "../src/identification/index.ts";
import * as imports from "../src/import/index.ts";
import { CallGraph, CausalError, CausalGraph, CausalInference, diagnose, FailureCounts, MetricTable, rankRootCauses } from "../src/index.ts";
import * as networks from "../src/networks/index.ts";
import * as pictures from "../src/pictures/index.ts";
import { SCALE } from "./support/scale.ts";

const JUNK: readonly unknown[] = [undefined, null, 7, Number.NaN, "", "ab", [], [null], [7], ["a", "b"], {}, { a: null }, { a: 7 }, { a: "b" }, { graph: null }, () => 7, Symbol("s"), Number.POSITIVE_INFINITY, -1, 1n, true,
  "__proto__", ["__proto__"], JSON.parse('{"__proto__": 1}'), Object.create(null), [Object.create(null)], { a: Object.create(null) }, new Map([["a", "b"]]), [[]], [[[]]],
  { toString: () => { throw new RangeError("no text"); } }];

const graph = graphs.dag`a -> b`;
const network = new networks.DiscreteNetwork({ a: { states: ["x", "y"], table: [0.5, 0.5] } });
const tree = network.compile();
const structural = new networks.StructuralModel({ exogenous: { a: 0.5 }, endogenous: {} });
const linear = new networks.LinearModel({ a: {} });
const table = new identification.JointTable({ a: ["x", "y"], b: ["x", "y"] }, [0.25, 0.25, 0.25, 0.25]);
const { estimand } = identification.identify(graph, { y: ["b"], do: ["a"] });
const calls = [{ caller: "a", callee: "b" }];
const metrics = new MetricTable(30);
for (const node of ["a", "b"]) metrics.set(node, "ms", Array.from({ length: 30 }, (_, row) => (row * 7) % 5)).set(node, "load", new Float64Array(30).fill(1));
const incident = new MetricTable(5).set("a", "ms", [1, 2, 3, 4, 9]).set("b", "ms", [1, 2, 3, 4, 9]).set("b", "load", [1, 1, 1, 1, 1]);
const question = { graph: new CallGraph(calls), normal: metrics, incident, target: { node: "a", metric: "ms" }, load: "load" };
const found = diagnose({ ...question, falseAlarmRate: 0.5 });
const suspect = found.candidates[0]!;
const matrix = (metric: object): object => ({ status: "success", data: { resultType: "matrix", result: [{ metric, values: [[1, "2"]] }] } });
const span = { traceId: "t", spanId: "1", kind: 2, startTimeUnixNano: "1", endTimeUnixNano: "2" };
const resource = { resource: { attributes: [{ key: "service.name", value: { stringValue: "a" } }] }, scopeSpans: [{ spans: [span] }] };
const bucket = { origin: "a", startMs: 0, version: 1, patterns: [{ node: "a", failedCauses: ["b"], failed: 1, healthy: 1 }] };
const inference = new CausalInference(new CausalGraph().addEdge("a", "b", 0.5));

/** Each way in, with good arguments. A name is the function, `new` a class. */
const CALLS: readonly (readonly [name: string, call: (...all: never[]) => unknown, good: readonly unknown[]])[] = [
  ["new Admg", (parts) => new graphs.Admg(parts), [{ directed: [["a", "b"]] }]],
  ["dag", graphs.dag, ["a -> b"]],
  ["fromDot", graphs.fromDot, ["digraph { a -> b }"]],
  ["toDot", graphs.toDot, [graph]],
  ["fromDagitty", graphs.fromDagitty, ["dag { a -> b }"]],
  ["toDagitty", graphs.toDagitty, [{ graph }]],
  ["dSeparated", graphs.dSeparated, [graph, { x: ["a"], y: ["b"] }]],
  ["minimalAdjustmentSets", (...all: Parameters<typeof graphs.minimalAdjustmentSets>) => [...graphs.minimalAdjustmentSets(...all)], [graph, { x: ["a"], y: ["b"] }]],
  ["isAdjustmentSet", graphs.isAdjustmentSet, [graph, { x: ["a"], y: ["b"] }, []]],
  ["frontDoorSet", graphs.frontDoorSet, [graph, { x: ["a"], y: ["b"] }]],
  ["instruments", graphs.instruments, [graph, { x: ["a"], y: ["b"] }]],
  ["impliedIndependencies", (one: typeof graph) => [...graphs.impliedIndependencies(one)], [graph]],
  ["cpdagOf", graphs.cpdagOf, [graph]],
  ["identify", identification.identify, [graph, { y: ["b"], do: ["a"] }]],
  ["isHedge", identification.isHedge, [graph, identification.identify(graphs.dag`a -> b; a <-> b`, { y: ["b"], do: ["a"] }).hedge]],
  ["new JointTable", (...all: ConstructorParameters<typeof identification.JointTable>) => new identification.JointTable(...all), [{ a: ["x"] }, [1]]],
  ["JointTable.fromRows", (rows) => identification.JointTable.fromRows(rows), [[{ a: "x" }]]],
  ["states of a JointTable", (name) => table.states(name), ["a"]],
  ["evaluate", (one: typeof table) => estimand?.evaluate(one), [table]],
  ["backdoorEffect", identification.backdoorEffect, [{ graph, columns: columns(), treatment: "a", outcome: "b" }]],
  ["placeboTest", identification.placeboTest, [{ graph, columns: columns(), treatment: "a", outcome: "b" }, { rounds: 2 }]],
  ["new DiscreteNetwork", (variables) => new networks.DiscreteNetwork(variables), [{ a: { states: ["x"], table: [1] } }]],
  ["fromBif", networks.fromBif, [networks.toBif(network)]],
  ["posterior", (...all: Parameters<typeof tree.posterior>) => tree.posterior(...all), ["a", { evidence: { a: "x" } }]],
  ["joint", (...all: Parameters<typeof tree.joint>) => tree.joint(...all), [["a"], { do: { a: "x" } }]],
  ["marginals", (knowledge) => tree.marginals(knowledge), [{}]],
  ["probability", (knowledge) => tree.probability(knowledge), [{ evidence: { a: "x" } }]],
  ["mostProbable", (knowledge) => tree.mostProbable(knowledge), [{}]],
  ["fitNetwork", networks.fitNetwork, [graph, [{ a: "x", b: "y" }], { pseudocount: 1 }]],
  ["new StructuralModel", (parts) => new networks.StructuralModel(parts), [{ exogenous: { a: 0.5 }, endogenous: {} }]],
  ["counterfactual", networks.counterfactual, [structural, { do: { a: true }, query: { a: true } }]],
  ["causation", networks.causation, [structural, { cause: ["a", true, false], effect: ["a", true, false] }]],
  ["causationBounds", networks.causationBounds, [{ observed: [0.25, 0.25, 0.25, 0.25], experimental: [0.5, 0.5] }]],
  ["new LinearModel", (equations) => new networks.LinearModel(equations), [{ a: {} }]],
  ["LinearModel.counterfactual", (question) => linear.counterfactual(question), [{ do: { a: 1 }, query: "a" }]],
  ["observationalProbability", (...all: Parameters<typeof inference.observationalProbability>) => inference.observationalProbability(...all), ["a", { b: true }]],
  ["interventionalProbability", (...all: Parameters<typeof inference.interventionalProbability>) => inference.interventionalProbability(...all), ["b", { a: true }, {}]],
  ["new CausalGraph", (options) => new CausalGraph(options), [{ prior: 0.1, leak: 0 }]],
  ["addNode", (...all: Parameters<CausalGraph["addNode"]>) => new CausalGraph().addNode(...all), ["a", { prior: 0.1 }]],
  ["addEdge", (...all: Parameters<CausalGraph["addEdge"]>) => new CausalGraph().addEdge(...all), ["a", "b", 0.5]],
  ["fromCalls", (list) => CausalGraph.fromCalls(list), [calls]],
  ["learn", (...all: Parameters<CausalGraph["learn"]>) => new CausalGraph().addEdge("a", "b").learn(...all), [[{ timeMs: 0, failed: ["a"] }], { nowMs: 0, halfLifeMs: 1 }]],
  ["learn from one event", (event) => new CausalGraph().addEdge("a", "b").learn([event]), [{ timeMs: 0, failed: ["a"] }]],
  ["new CallGraph", (list) => new CallGraph(list), [calls]],
  ["new CallGraph of one call", (call) => new CallGraph([call]), [calls[0]]],
  ["new CallGraph with nodes", (nodes) => new CallGraph([], nodes), [["a"]]],
  ["has, causes and effects of a CallGraph", (name) => [question.graph.has(name), question.graph.causes(name), question.graph.effects(name)], ["a"]],
  ["columns of a MetricTable", (...all: Parameters<MetricTable["get"]>) => [metrics.get(...all), metrics.metrics(all[0])], ["a", "ms"]],
  ["toSvg", pictures.toSvg, [found, incident]],
  ["toMermaid", pictures.toMermaid, [found]],
  ["toHtml", pictures.toHtml, [found, { normal: metrics, incident }]],
  ["pictures of a target", (target) => pictured({ ...found, target }), [{ ...found.target }]],
  ["pictures of a candidate", (candidate) => pictured({ ...found, candidates: [candidate], apart: [candidate] }), [{ ...suspect }]],
  ["pictures of a share", (share) => pictured({ ...found, candidates: [{ ...suspect, share }] }), [{ ...suspect.share }]],
  ["pictures of a moved metric", (moved) => pictured({ ...found, candidates: [{ ...suspect, moved: [moved] }] }), [{ metric: "ms", direction: "up", ratio: 2, sinceRow: 0, sinceMs: 0 }]],
  ["new MetricTable", (rows) => new MetricTable(rows), [2]],
  ["set", (...all: Parameters<MetricTable["set"]>) => new MetricTable(1).set(...all), ["a", "ms", [1]]],
  ["fromSamples", (samples) => MetricTable.fromSamples(samples), [[{ node: "a", metric: "ms", timeMs: 0, value: 1 }]]],
  ["fromSamples of one", (sample) => MetricTable.fromSamples([sample]), [{ node: "a", metric: "ms", timeMs: 0, value: 1 }]],
  ["rankRootCauses", rankRootCauses, [question]],
  ["diagnose", diagnose, [{ ...question, falseAlarmRate: 0.5, ranker: "share", seed: 1 }]],
  ["the target of diagnose", (target) => diagnose({ ...question, target, falseAlarmRate: 0.5 }), [{ node: "a", metric: "ms", worse: "higher" }]],
  ["new FailureCounts", (options) => new FailureCounts(options), [{ origin: "a", bucketMs: 1 }]],
  ["record", (...all: Parameters<FailureCounts["record"]>) => new FailureCounts().record(...all), ["a", true, ["b"], 0]],
  ["version and patternsOf", (...all: Parameters<FailureCounts["patternsOf"]>) => [new FailureCounts().version(all[0], 0), new FailureCounts().patternsOf(...all)], ["a", { nowMs: 0, halfLifeMs: 1 }]],
  ["merge", (buckets) => new FailureCounts().merge(buckets), [[bucket]]],
  ["merge one", (one) => new FailureCounts().merge([one]), [bucket]],
  ["merge one pattern", (pattern) => new FailureCounts().merge([{ ...bucket, patterns: [pattern] }]), [bucket.patterns[0]]],
  ["readCallRows", imports.readCallRows, [[["caller", "callee"], ["a", "b"]]]],
  ["readHeaderRows", imports.readHeaderRows, [[["", "a"], ["", "ms"], ["", "Average"], ["1", "2"]]]],
  ["readLongRows", imports.readLongRows, [[["time", "node", "metric", "value"], ["1", "a", "ms", "2"]]]],
  ["readPrometheus", imports.readPrometheus, [matrix({ __name__: "ms", job: "a" }), { node: "job", metric: "ms" }]],
  ["readServiceGraph", imports.readServiceGraph, [matrix({ client: "a", server: "b" })]],
  ["readSpans", imports.readSpans, [{ resourceSpans: [resource] }, 60_000]],
  ["readSpans of one", (one) => imports.readSpans({ resourceSpans: [{ ...resource, scopeSpans: [{ spans: [one] }] }] }), [span]],
  ["toBif", networks.toBif, [network]],
  ["Admg.fromCausalGraph", (one) => graphs.Admg.fromCausalGraph(one), [new CausalGraph().addEdge("a", "b")]],
  ["relatives in an Admg", (name) => [graph.has(name), graph.parents(name), graph.children(name), graph.siblings(name), graph.ancestors(name), graph.descendants(name)], ["a"]],
  ["relatives in a CausalGraph", (name) => ((one) => [one.has(name), one.prior(name), one.causes(name), one.effects(name), one.ancestors(name), one.descendants(name)])(new CausalGraph().addEdge("a", "b")), ["a"]],
  ["evidenceProbability", (...all: Parameters<typeof inference.evidenceProbability>) => inference.evidenceProbability(...all), [{ b: true }, { a: true }]],
  ["new CausalInference", (one) => new CausalInference(one).observationalProbability("a"), [new CausalGraph().addNode("a")]],
  ["findRootCauses", (names) => inference.findRootCauses(names), [["a"]]],
];

test.each(CALLS)("%s answers, or throws a CausalError: nothing else, whatever it is given", (name, call, good) => {
  expect(() => (call as (...all: unknown[]) => unknown)(...good)).not.toThrow();
  for (const at of good.keys()) {
    for (const wrong of [...JUNK, ...variants(good[at])]) {
      attempt(`${name}, argument ${at}`, call, good, at, wrong);
    }
  }
});

function attempt(where: string, call: (...all: never[]) => unknown, good: readonly unknown[], at: number, wrong: unknown): void {
  try {
    (call as (...all: unknown[]) => unknown)(...good.slice(0, at), wrong, ...good.slice(at + 1));
  } catch (error) {
    if (!(error instanceof CausalError)) throw new Error(`${where}, given ${describe(wrong)}: ${String(error)}`, { cause: error });
  }
}

test("any JSON in any place gives an answer or a CausalError", () => {
  const judge = (junk: unknown): void => {
    for (const [name, call, good] of CALLS) {
      for (const at of good.keys()) attempt(`${name}, argument ${at}`, call, good, at, junk);
    }
  };
  expect(fc.check(fc.property(fc.jsonValue({ maxDepth: 3 }), judge), { numRuns: 30 * SCALE })).toMatchObject({ failed: false });
});

/** The same value with one thing in it, however deep, replaced by junk. */
function variants(good: unknown): unknown[] {
  if (Array.isArray(good)) return good.slice(0, 3).flatMap((inner, at) => [...JUNK, ...variants(inner)].map((wrong) => good.with(at, wrong)));
  if (typeof good !== "object" || good === null || Object.getPrototypeOf(good) !== Object.prototype) return [];
  return Object.entries(good).flatMap(([key, inner]) => [...JUNK, ...variants(inner)].map((wrong) => ({ ...good, [key]: wrong })));
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return JSON.stringify(value, (_, inner: unknown) => (["symbol", "function", "bigint"].includes(typeof inner) ? String(inner) : inner)).slice(0, 200);
}

function pictured(one: typeof found): unknown {
  return [pictures.toSvg(one, incident), pictures.toMermaid(one), pictures.toHtml(one, { normal: metrics, incident })];
}

function columns(): Record<string, number[]> {
  const rows = Array.from({ length: 60 }, (_, at) => at);
  return { a: rows.map((at) => at % 2), b: rows.map((at) => at % 7) };
}

test.each(["metrics", "graph", "target", "worse", "normal", "load", "falseAlarmRate", "seed"])("why refuses any %s by a CausalError", async (key) => {
  const rows = Array.from({ length: 30 }, (_, row) => `${row},web,latency,${row % 7}`);
  const good = { metrics: [`time,node,metric,value\n${rows.join("\n")}\n`], graph: "caller,callee\nweb,db\n", target: "web:latency", falseAlarmRate: 0.1 };
  await expect(imports.why(good)).resolves.toHaveProperty("diagnosis");
  for (const wrong of [...JUNK, ...JUNK.map((one) => [one])]) {
    await imports.why({ ...good, [key]: wrong }).catch((error: unknown) => {
      if (!(error instanceof CausalError)) throw new Error(`${key}, given ${describe(wrong)}: ${String(error)}`, { cause: error });
    });
  }
});
