import { describe, expect, test } from "vitest";
import { CausalError, CausalGraph, CycleError, NODE_NAME_LENGTH_MAX } from "../src/index.ts";

function caught(run: () => unknown): CausalError {
  try {
    run();
  } catch (error) {
    if (error instanceof CausalError) return error;
    throw error;
  }
  throw new Error("expected a CausalError, got none");
}

describe("CausalGraph", () => {
  test("keeps nodes, edges and strengths in the order of their mention", () => {
    const graph = new CausalGraph().addEdge("Database", "Cache", 0.7).addEdge("Cache", "API", 0.8).addNode("Alone");
    expect(graph.nodes()).toEqual(["Database", "Cache", "API", "Alone"]);
    expect(graph.edges()).toEqual([
      { cause: "Database", effect: "Cache", strength: 0.7 },
      { cause: "Cache", effect: "API", strength: 0.8 },
    ]);
    expect(graph.descendants("Database")).toEqual(["Cache", "API"]);
    expect(graph.path("Database", "API")).toEqual(["Database", "Cache", "API"]);
    expect(graph.path("API", "Database")).toBeUndefined();
    expect([...graph.causes("API")]).toEqual([["Cache", 0.8]]);
  });

  test("a root has the prior, a node with causes the leak, and addNode overrides both", () => {
    const graph = new CausalGraph({ prior: 0.3, leak: 0.02 }).addEdge("a", "b").addEdge("b", "c");
    graph.addNode("c", { prior: 0.5 });
    expect(["a", "b", "c"].map((node) => graph.prior(node))).toEqual([0.3, 0.02, 0.5]);
  });

  test("refuses a cycle, names it, and stays as it was", () => {
    const graph = new CausalGraph().addEdge("a", "b").addEdge("b", "c").addEdge("a", "x");
    const error = caught(() => graph.addEdge("c", "a"));
    expect(error).toBeInstanceOf(CycleError);
    expect(error).toMatchObject({ code: "ERR_CYCLE", cycle: ["a", "b", "c", "a"] });
    expect(error.message).toContain('"a" -> "b" -> "c" -> "a"');
    expect(graph.edges()).toHaveLength(3);
    expect(caught(() => graph.addEdge("new", "new"))).toMatchObject({ cycle: ["new", "new"] });
    expect(graph.has("new")).toBe(false);
  });

  test("refuses what it cannot hold by typed errors", () => {
    const graph = new CausalGraph().addEdge("a", "b", 0.5).addNode("a", { prior: 0.1 });
    expect(caught(() => graph.addEdge("a", "b", 0.6)).code).toBe("ERR_INVALID_GRAPH");
    expect(caught(() => graph.addNode("a", { prior: 0.2 })).code).toBe("ERR_INVALID_GRAPH");
    expect(caught(() => graph.addNode("")).code).toBe("ERR_INVALID_GRAPH");
    expect(caught(() => graph.addNode("x".repeat(NODE_NAME_LENGTH_MAX + 1))).message.length).toBeLessThan(300);
    for (const bad of [-0.1, 1.1, Number.NaN]) {
      expect(caught(() => graph.addEdge("b", "c", bad)).code).toBe("ERR_INVALID_PROBABILITY");
      expect(caught(() => new CausalGraph({ prior: bad })).code).toBe("ERR_INVALID_PROBABILITY");
    }
    expect(graph.has("c")).toBe(false);
    expect(caught(() => graph.causes("nobody")).code).toBe("ERR_UNKNOWN_NODE");
    expect(caught(() => graph.path("a", "nobody")).code).toBe("ERR_UNKNOWN_NODE");
  });

  test("reverses calls and counts repeated ones once", () => {
    const graph = CausalGraph.fromCalls([
      { caller: "site", callee: "search" },
      { caller: "site", callee: "search" },
      { caller: "search", callee: "__proto__" },
    ]);
    expect(graph.ancestors("site")).toEqual(["search", "__proto__"]);
  });

  test("a chain of ten thousand nodes does not exhaust the stack", () => {
    const graph = new CausalGraph();
    for (let at = 9_999; at > 0; at--) graph.addEdge(`n${at - 1}`, `n${at}`);
    expect(graph.ancestors("n9999")).toHaveLength(9_999);
  });
});
