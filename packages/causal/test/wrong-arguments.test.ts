import { expect, test } from "vitest";
import * as graphs from "../src/graphs/index.ts";
import * as identification from "../src/identification/index.ts";
import { CausalError, CausalGraph, CausalInference } from "../src/index.ts";
import * as networks from "../src/networks/index.ts";

const JUNK: readonly unknown[] = [undefined, null, 7, Number.NaN, "", "ab", [], [null], [7], ["a", "b"], {}, { a: null }, { a: 7 }, { a: "b" }, { graph: null }, () => 7, Symbol("s")];

const graph = graphs.dag`a -> b`;
const network = new networks.DiscreteNetwork({ a: { states: ["x", "y"], table: [0.5, 0.5] } });
const tree = network.compile();
const structural = new networks.StructuralModel({ exogenous: { a: 0.5 }, endogenous: {} });
const linear = new networks.LinearModel({ a: {} });
const table = new identification.JointTable({ a: ["x", "y"], b: ["x", "y"] }, [0.25, 0.25, 0.25, 0.25]);
const { estimand } = identification.identify(graph, { y: ["b"], do: ["a"] });
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
  ["findRootCauses", (names) => inference.findRootCauses(names), [["a"]]],
];

test.each(CALLS)("%s answers, or throws a CausalError: nothing else, whatever it is given", (name, call, good) => {
  const run = call as (...all: unknown[]) => unknown;
  expect(() => run(...good)).not.toThrow();
  for (const at of good.keys()) {
    for (const wrong of [...JUNK, ...variants(good[at])]) {
      try {
        run(...good.slice(0, at), wrong, ...good.slice(at + 1));
      } catch (error) {
        if (!(error instanceof CausalError)) throw new Error(`${name}, argument ${at}, given ${describe(wrong)}: ${String(error)}`, { cause: error });
      }
    }
  }
});

/** The same object with one property replaced by junk. */
function variants(good: unknown): unknown[] {
  if (typeof good !== "object" || good === null || Array.isArray(good) || Object.getPrototypeOf(good) !== Object.prototype) return [];
  return Object.keys(good).flatMap((key) => JUNK.map((wrong) => ({ ...good, [key]: wrong })));
}

function describe(value: unknown): string {
  if (typeof value !== "object" || value === null) return String(value);
  return JSON.stringify(value, (_, inner: unknown) => (typeof inner === "symbol" ? String(inner) : inner)).slice(0, 200);
}

function columns(): Record<string, number[]> {
  const rows = Array.from({ length: 60 }, (_, at) => at);
  return { a: rows.map((at) => at % 2), b: rows.map((at) => at % 7) };
}
