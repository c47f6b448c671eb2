import { describe, expect, test } from "vitest";
import { Admg, dag, GRAPH_NODES_MAX } from "../../src/graphs/index.ts";

const code = (code: string): unknown => expect.objectContaining({ code });

describe("Admg", () => {
  test("knows its families", () => {
    const graph = dag`load -> api -> front; db -> api; db <-> front; u [latent]`;
    expect(graph.parents("api")).toEqual(["load", "db"]);
    expect(graph.children("api")).toEqual(["front"]);
    expect(graph.siblings("front")).toEqual(["db"]);
    expect(graph.ancestors("front")).toEqual(["load", "api", "db"]);
    expect(graph.descendants("load")).toEqual(["api", "front"]);
    expect([graph.isDag, graph.has("u"), graph.has("v"), [...graph.latent]]).toEqual([false, true, false, ["u"]]);
    for (const ask of [graph.parents, graph.children, graph.siblings, graph.ancestors, graph.descendants]) {
      expect(() => ask.call(graph, "nobody")).toThrow(code("ERR_UNKNOWN_NODE"));
    }
  });

  test("names the cycle in causal order", () => {
    const directed = [["a", "b"], ["b", "c"], ["c", "d"], ["d", "b"], ["d", "e"]] as const;
    expect(() => new Admg({ directed })).toThrow(code("ERR_CYCLE"));
    try {
      new Admg({ directed });
    } catch (error) {
      const { cycle } = error as { cycle: string[] };
      expect(cycle).toHaveLength(4);
      cycle.slice(1).forEach((to, at) => expect(directed).toContainEqual([cycle[at], to]));
    }
  });

  test("refuses what it cannot hold", () => {
    expect(() => new Admg({})).toThrow(code("ERR_INVALID_GRAPH"));
    expect(() => new Admg({ nodes: [""] })).toThrow(code("ERR_INVALID_GRAPH"));
    expect(() => new Admg({ bidirected: [["a", "a"]] })).toThrow(code("ERR_INVALID_GRAPH"));
    expect(() => new Admg({ bidirected: [["a", "b"], ["b", "a"]] })).toThrow(code("ERR_INVALID_GRAPH"));
    expect(() => new Admg({ directed: [["a", "a"]] })).toThrow(code("ERR_CYCLE"));
    expect(() => new Admg({ nodes: ["a"], latent: ["b"] })).toThrow(code("ERR_UNKNOWN_NODE"));
    expect(() => new Admg({ nodes: Array.from({ length: GRAPH_NODES_MAX + 1 }, (_, at) => `n${at}`) })).toThrow(code("ERR_INVALID_GRAPH"));
    // @ts-expect-error a string is no set of names
    expect(() => new Admg({ nodes: "abc" })).toThrow(code("ERR_INVALID_QUERY"));
    // @ts-expect-error an edge has two ends
    expect(() => new Admg({ directed: [["a"]] })).toThrow(code("ERR_INVALID_GRAPH"));
    // @ts-expect-error misspelt
    expect(() => new Admg({ edges: [["a", "b"]] })).toThrow(code("ERR_UNKNOWN_OPTION"));
    // @ts-expect-error nothing at all
    expect(() => new Admg()).toThrow(code("ERR_INVALID_QUERY"));
  });
});
