import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Admg, dag, dSeparated } from "../../src/graphs/index.ts";
import { SCALE } from "../support/scale.ts";
import { graphs, separatedByDefinition } from "./by-definition.ts";
import { VECTORS } from "./vectors.ts";

describe("dSeparated", () => {
  test("agrees with dagitty and networkx", () => {
    let count = 0;
    for (const { nodes, edges, dsep, id } of VECTORS) {
      const graph = new Admg({ nodes, directed: edges });
      for (const { x, y, given, dsep: expected } of dsep) {
        expect(dSeparated(graph, { x: [x], y: [y], given }), `${id}: ${x} ${y} | ${given.join()}`).toBe(expected);
        count++;
      }
    }
    expect(count).toBe(490);
  });

  test("agrees with every path looked at, with bidirected edges and sets of nodes", () => {
    const parted = graphs(6, { latent: false }).chain((graph) =>
      fc.tuple(fc.constant(graph), fc.array(fc.nat(3), { minLength: graph.nodes.length, maxLength: graph.nodes.length })),
    );
    fc.assert(
      fc.property(parted, ([graph, parts]) => {
        const [x = [], y = [], given = []] = [0, 1, 2].map((part) => graph.nodes.filter((_, at) => parts[at] === part));
        fc.pre(x.length > 0 && y.length > 0);
        expect(dSeparated(graph, { x, y, given })).toBe(separatedByDefinition(graph, x, y, given));
      }),
      { numRuns: 75 * SCALE },
    );
  });

  test("refuses what is no question", () => {
    const graph = dag`a -> b -> c`;
    const code = (code: string): unknown => expect.objectContaining({ code });
    expect(() => dSeparated(graph, { x: ["a"], y: ["z"] })).toThrow(code("ERR_UNKNOWN_NODE"));
    expect(() => dSeparated(graph, { x: ["a"], y: ["a"] })).toThrow(code("ERR_INVALID_QUERY"));
    expect(() => dSeparated(graph, { x: ["a"], y: ["c"], given: ["c"] })).toThrow(code("ERR_INVALID_QUERY"));
    expect(() => dSeparated(graph, { x: [], y: ["c"] })).toThrow(code("ERR_INVALID_QUERY"));
    // @ts-expect-error a string is no set of names
    expect(() => dSeparated(graph, { x: "a", y: ["c"] })).toThrow(code("ERR_INVALID_QUERY"));
    // @ts-expect-error misspelt option
    expect(() => dSeparated(graph, { x: ["a"], y: ["c"], givn: ["b"] })).toThrow(code("ERR_UNKNOWN_OPTION"));
    // @ts-expect-error a graph that this package did not make
    expect(() => dSeparated({ nodes: ["a", "c"] }, { x: ["a"], y: ["c"] })).toThrow(code("ERR_INVALID_GRAPH"));
  });
});
