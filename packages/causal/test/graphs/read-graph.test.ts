import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { CausalError, CausalGraph } from "../../src/index.ts";
import { Admg, cpdagOf, dag, fromDagitty, fromDot, GRAPH_TEXT_LENGTH_MAX, toDagitty, toDot } from "../../src/graphs/index.ts";
import { InvalidTextError } from "../../src/errors.ts";
import { SCALE } from "../support/scale.ts";
import { graphs } from "./by-definition.ts";

/** A graph as plain values. */
function plain({ nodes, directed, bidirected, latent }: Admg): object {
  return { nodes, directed, bidirected, latent: [...latent] };
}

describe("the literal", () => {
  test("has chains, groups, arrows of every direction, comments and names in quotes", () => {
    const graph = dag`
      load -> {api "the db"} -> front;  // a comment
      front <- cache  # another
      db <-> front
      ${"a;b"} -> load /* and one
      more */ alone`;
    expect(graph.nodes).toEqual(["load", "api", "the db", "front", "cache", "db", "a;b", "alone"]);
    expect(graph.directed).toEqual([["load", "api"], ["load", "the db"], ["api", "front"], ["the db", "front"], ["cache", "front"], ["a;b", "load"]]);
    expect(graph.bidirected).toEqual([["db", "front"]]);
  });

  test("says what is wrong, and in which line", () => {
    for (const [text, line] of [["a ->", 1], ["a -> b\n-> c ->;", 2], ["a -> {b\n\nc", 3], ["a -- b", 1], ["a [x", 1], ["}", 1], ["a -> \"b", 1]] as const) {
      expect(() => dag(text), text).toThrow(expect.objectContaining({ code: "ERR_INVALID_TEXT", line }));
    }
    expect(() => dag("a -> b -> a")).toThrow(expect.objectContaining({ code: "ERR_CYCLE", cycle: expect.arrayContaining(["a", "b"]) }));
    expect(() => dag("")).toThrow(expect.objectContaining({ code: "ERR_INVALID_GRAPH" }));
    expect(() => dag("a -> b; a -> b")).toThrow(expect.objectContaining({ code: "ERR_INVALID_GRAPH" }));
    expect(() => dag("x".repeat(GRAPH_TEXT_LENGTH_MAX + 1))).toThrow(InvalidTextError);
    expect(() => dag("{".repeat(100_000))).toThrow(InvalidTextError);
  });
});

describe("DOT", () => {
  test("reads what Graphviz writes", () => {
    const graph = fromDot(`/* made by hand */ strict digraph "calls" {
      rankdir=LR; node [shape=box, style="rounded"];
      subgraph cluster_0 { label="a;b"; a -> b -> c [weight=0.7] }
      { rank=same; d }
      b -> d [dir="both"]; "e f" [label="E -> F", latent=""];
    }`);
    expect(plain(graph)).toEqual({
      nodes: ["a", "b", "c", "d", "e f"],
      directed: [["a", "b"], ["b", "c"]],
      bidirected: [["b", "d"]],
      latent: ["e f"],
    });
    expect(() => fromDot("digraph { a [label=<b>b</b>] }")).toThrow(InvalidTextError);
    expect(() => fromDot("graph { a -- b }")).toThrow(/DOT.*direction/u);
  });

  test("writes a CPDAG with lines that have no direction", () => {
    expect(toDot(cpdagOf(dag`a -> c; b -> c; c -> d; e -> f`))).toContain("c -> d;\n  e -> f [dir=none];");
  });
});

describe("dagitty", () => {
  test("reads what dagitty writes", () => {
    const text = `dag {
bb="-2.5,-2,2.5,2"
U [latent,pos="0.5,-1"]
X [exposure,pos="-1,0"]
Y [outcome,pos="1,0"]
Z [adjusted,pos="0,1.25"]
U -> Y [pos="1,-1"]
X <- U
X -> Y
Z <-> Y
}
`;
    const model = fromDagitty(text);
    expect(model).toMatchObject({ exposures: ["X"], outcomes: ["Y"] });
    expect(plain(model.graph)).toEqual({
      nodes: ["U", "X", "Y", "Z"],
      directed: [["U", "Y"], ["U", "X"], ["X", "Y"]],
      bidirected: [["Z", "Y"]],
      latent: ["U"],
    });
    const again = fromDagitty(toDagitty(model));
    expect({ ...again, graph: plain(again.graph) }).toEqual({ ...model, graph: plain(model.graph) });
    expect(() => toDagitty({ graph: model.graph, exposures: ["nobody"] })).toThrow(expect.objectContaining({ code: "ERR_UNKNOWN_NODE" }));
  });
});

test("both formats give back what was written, whatever the names are", () => {
  const named = fc.tuple(graphs(5), fc.uniqueArray(fc.oneof(fc.string({ minLength: 1 }), fc.constantFrom("graph", "a b", '"', "\\", "-1", "a--b")), { minLength: 5, maxLength: 5 }));
  fc.assert(
    fc.property(named, ([graph, names]) => {
      const rename = (name: string): string => names[graph.nodes.indexOf(name)]!;
      const edges = (list: Admg["directed"]): [string, string][] => list.map(([a, b]) => [rename(a), rename(b)]);
      const renamed = new Admg({
        nodes: graph.nodes.map(rename),
        directed: edges(graph.directed),
        bidirected: edges(graph.bidirected),
        latent: [...graph.latent].map(rename),
      });
      expect(plain(fromDot(toDot(renamed)))).toEqual(plain(renamed));
      expect(plain(fromDagitty(toDagitty({ graph: renamed })).graph)).toEqual(plain(renamed));
    }),
  );
});

test("any other text is refused by a CausalError and nothing else", () => {
  const piece = fc.constantFrom("a", "b", "->", "<->", "--", "{", "}", "[", "]", "=", ";", '"', "\\", "digraph {", "subgraph", "\n", "/*", "#");
  fc.assert(
    fc.property(fc.oneof(fc.array(piece).map((pieces) => pieces.join(" ")), fc.string()), (text) => {
      for (const read of [dag, fromDot, fromDagitty]) {
        try {
          read(text);
        } catch (error) {
          expect(error).toBeInstanceOf(CausalError);
        }
      }
    }),
    { numRuns: 75 * SCALE },
  );
});

test("a CausalGraph is a graph too", () => {
  expect(plain(Admg.fromCausalGraph(new CausalGraph().addEdge("a", "b", 0.5).addNode("c")))).toEqual({
    nodes: ["a", "b", "c"],
    directed: [["a", "b"]],
    bidirected: [],
    latent: [],
  });
});
