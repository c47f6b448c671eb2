import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { CausalGraph, CausalInference, QUERY_NODES_MAX } from "../src/index.ts";

/** Database -> Cache -> API, as a user would write it. */
function chain(): CausalInference {
  const graph = new CausalGraph();
  graph.addEdge("Database", "Cache", 0.7);
  graph.addEdge("Cache", "API", 0.8);
  return new CausalInference(graph);
}

/** Any error with this code. */
function code(code: string): unknown {
  return expect.objectContaining({ code });
}

describe("CausalInference", () => {
  test("answers the user's example", () => {
    const inference = chain();
    expect(inference.observationalProbability("API", { Cache: true })).toBeCloseTo(0.8, 12);
    expect(inference.interventionalProbability("API", { Cache: true })).toBeCloseTo(0.8, 12);
    expect(inference.observationalProbability("API")).toBeCloseTo(0.1 * 0.7 * 0.8, 12);
    expect(inference.findRootCauses(new Set(["Database", "Cache", "API"]))).toEqual(["Database"]);
  });

  test("seeing is not doing where a common cause confounds", () => {
    const graph = new CausalGraph({ prior: 0.2 });
    graph.addEdge("Database", "Cache", 0.7).addEdge("Database", "API", 0.6).addEdge("Cache", "API", 0.8);
    const inference = new CausalInference(graph);
    // Seeing the cache fail means that the database failed (the cache has no leak); doing it says nothing of it.
    expect(inference.observationalProbability("API", { Cache: true })).toBeCloseTo(1 - 0.2 * 0.4, 12);
    expect(inference.interventionalProbability("API", { Cache: true })).toBeCloseTo(1 - 0.2 * (1 - 0.2 * 0.6), 12);
    expect(inference.observationalProbability("Database", { Cache: true })).toBeCloseTo(1, 12);
    expect(inference.interventionalProbability("Database", { Cache: true })).toBeCloseTo(0.2, 12);
  });

  test("explaining away: a second cause lowers the first", () => {
    const graph = new CausalGraph({ prior: 0.1 }).addEdge("Disk", "API", 0.9).addEdge("Network", "API", 0.9);
    const inference = new CausalInference(graph);
    const one = inference.observationalProbability("Disk", { API: true });
    const both = inference.observationalProbability("Disk", { API: true, Network: true });
    expect(one).toBeGreaterThan(both);
    expect(both).toBeGreaterThan(0.1);
  });

  test("agrees with enumeration by an independent program", () => {
    const vectors = JSON.parse(readFileSync(new URL("vectors/noisy-or.json", import.meta.url), "utf8"));
    const graph = new CausalGraph();
    vectors.priors.forEach((prior: number, d: number) => graph.addNode(`d${d}`, { prior }));
    vectors.weights.forEach((weights: number[], f: number) => {
      graph.addNode(`f${f}`, { prior: vectors.leak[f] });
      weights.forEach((weight, d) => weight > 0 && graph.addEdge(`d${d}`, `f${f}`, weight));
    });
    const inference = new CausalInference(graph);
    expect(vectors.queries).toHaveLength(6);
    for (const { evidence, posterior, pEvidence } of vectors.queries) {
      const seen = Object.fromEntries(Object.entries(evidence).map(([node, value]) => [node, value === 1]));
      expect(inference.evidenceProbability(seen)).toBeCloseTo(pEvidence, 12);
      posterior.forEach((p: number, d: number) =>
        expect(inference.observationalProbability(`d${d}`, seen)).toBeCloseTo(p, 12),
      );
    }
  });

  test("a node with sixty causes is no problem: its table is never made", () => {
    const graph = new CausalGraph({ prior: 0.5 });
    for (let at = 0; at < 60; at++) graph.addEdge(`cause${at}`, "effect", 0.1);
    const inference = new CausalInference(graph);
    expect(inference.observationalProbability("effect")).toBeCloseTo(1 - 0.95 ** 60, 12);
    expect(inference.observationalProbability("cause7", { effect: false })).toBeCloseTo(0.45 / 0.95, 12);
  });

  test("does not lose evidence so improbable that its product underflows", () => {
    const graph = new CausalGraph({ prior: 1e-3 });
    const evidence: Record<string, boolean> = {};
    for (let at = 0; at < 200; at++) evidence[`rare${at}`] = graph.addEdge(`rare${at}`, "sum", 0.5).has("sum");
    expect(new CausalInference(graph).observationalProbability("sum", evidence)).toBeCloseTo(1, 12);
  });

  test("refuses by typed errors: unknown names, impossible evidence, bad values, too large a query", () => {
    const inference = chain();
    expect(() => inference.observationalProbability("Nobody")).toThrow(code("ERR_UNKNOWN_NODE"));
    expect(() => inference.observationalProbability("API", { Nobody: true })).toThrow(code("ERR_UNKNOWN_NODE"));
    expect(() => inference.interventionalProbability("API", { Nobody: true })).toThrow(code("ERR_UNKNOWN_NODE"));
    expect(() => inference.findRootCauses(["Nobody"])).toThrow(code("ERR_UNKNOWN_NODE"));
    const impossible = { Database: false, Cache: true };
    expect(() => inference.observationalProbability("API", impossible)).toThrow(code("ERR_IMPOSSIBLE_EVIDENCE"));
    expect(() => inference.observationalProbability("Cache", impossible)).toThrow(code("ERR_IMPOSSIBLE_EVIDENCE"));
    expect(() => inference.interventionalProbability("API", { Cache: true }, { Cache: false })).toThrow(
      code("ERR_EVIDENCE_AGAINST_DO"),
    );
    expect(() => inference.findRootCauses("API")).toThrow(code("ERR_INVALID_QUERY"));
    expect(() => new CausalInference(new CausalGraph()).findRootCauses([])).toThrow(code("ERR_INVALID_GRAPH"));
    // @ts-expect-error null is no evidence
    expect(() => inference.observationalProbability("API", null)).toThrow(code("ERR_INVALID_QUERY"));
    // @ts-expect-error values are booleans
    expect(() => inference.observationalProbability("API", { Cache: 1 })).toThrow(code("ERR_INVALID_ASSIGNMENT"));
    const wide = new CausalGraph();
    for (let at = 0; at < QUERY_NODES_MAX; at++) wide.addEdge(`c${at}`, "hub", 0.5);
    expect(() => new CausalInference(wide).observationalProbability("hub")).toThrow(code("ERR_QUERY_TOO_LARGE"));
    const dense = new CausalGraph({ leak: 0.1 });
    for (let a = 0; a < 30; a++) for (let b = 0; b < 30; b++) dense.addEdge(`cause${a}`, `effect${b}`, 0.5);
    const seen = Object.fromEntries(Array.from({ length: 30 }, (_, b) => [`effect${b}`, true]));
    expect(() => new CausalInference(dense).observationalProbability("cause0", seen)).toThrow(
      code("ERR_QUERY_TOO_LARGE"),
    );
  });

  test("five hundred causes of eight findings that all were seen are summed finding by finding", () => {
    const graph = new CausalGraph({ leak: 0.01 });
    for (let at = 0; at < 500; at++) graph.addNode(`d${at}`, { prior: 0.0001 * (at % 7) });
    for (let f = 0; f < 8; f++) for (let at = 0; at < 500; at++) graph.addEdge(`d${at}`, `f${f}`, ((at * 7 + f * 3) % 10) / 10);
    const inference = new CausalInference(graph);
    const seen = Object.fromEntries(Array.from({ length: 8 }, (_, f) => [`f${f}`, true]));
    const [p, q] = [inference.observationalProbability("d6", seen), inference.observationalProbability("d5", seen)];
    const none = inference.observationalProbability("d7", seen);
    expect(none).toBe(0);
    // Heckerman's sum with signs, which is exact enough here: the findings are not rare.
    const term = (set: number, clamp: number | undefined): number => {
      let product = 1;
      for (let f = 0; f < 8; f++) if ((set >> f) & 1) product *= -0.99;
      for (let at = 0; at < 500; at++) {
        let pass = 1;
        for (let f = 0; f < 8; f++) if ((set >> f) & 1) pass *= 1 - ((at * 7 + f * 3) % 10) / 10;
        const prior = 0.0001 * (at % 7);
        product *= at === clamp ? prior * pass : 1 - prior + prior * pass;
      }
      return product;
    };
    const sum = (clamp?: number): number => Array.from({ length: 256 }, (_, set) => term(set, clamp)).reduce((a, b) => a + b, 0);
    const all = sum();
    expect(p).toBeCloseTo(sum(6) / all, 9);
    expect(q).toBeCloseTo(sum(5) / all, 9);
    expect(inference.evidenceProbability(seen)).toBeCloseTo(all, 9);
  });

  test("root causes: several, those that explain most first; a healthy node in between screens off", () => {
    const graph = new CausalGraph().addEdge("Auth", "API").addEdge("Disk", "Database").addEdge("Database", "API");
    graph.addEdge("Noise", "API", 0);
    const inference = new CausalInference(graph);
    expect(inference.findRootCauses(["API", "Database", "Disk", "Auth"])).toEqual(["Disk", "Auth"]);
    expect(inference.findRootCauses(["API", "Disk"])).toEqual(["API", "Disk"]);
    expect(inference.findRootCauses(["API", "Noise"])).toEqual(["API", "Noise"]);
    expect(inference.findRootCauses([])).toEqual([]);
  });
});
