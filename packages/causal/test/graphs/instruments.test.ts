import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Admg, dag, instruments } from "../../src/graphs/index.ts";
import { SCALE } from "../support/scale.ts";
import { descendants, graphs, isDirectedPath, paths, separatedByDefinition } from "./by-definition.ts";
import { VECTORS } from "./vectors.ts";

test("finds the instruments that dagitty finds", () => {
  let count = 0;
  for (const { id, nodes, edges, latents, exposure, outcome, instruments: expected } of VECTORS) {
    const graph = new Admg({ nodes, directed: edges, latent: latents });
    const found = instruments(graph, { x: [exposure], y: [outcome] });
    expect(found.map(({ instrument }) => instrument).toSorted(), id).toEqual(expected.map(({ iv }) => iv).toSorted());
    count += found.length;
  }
  expect(count).toBeGreaterThan(20);
});

test("each one meets the definition, path by path", () => {
  let count = 0;
  fc.assert(
    fc.property(graphs(6), (graph) => {
      const [x, y] = [graph.nodes[0]!, graph.nodes[1]!];
      const causal = [...paths(graph, [x], [y])].filter(isDirectedPath).map((path) => path[1]!.to);
      const cut = { ...graph, directed: graph.directed.filter(([from, to]) => from !== x || !causal.includes(to)) };
      for (const { instrument, given } of instruments(graph, { x: [x], y: [y] })) {
        count++;
        const after = new Set([y, ...causal].flatMap((name) => [...descendants(graph, name)]));
        expect(given.some((name) => graph.latent.has(name) || name === x || after.has(name))).toBe(false);
        expect(separatedByDefinition(cut, [instrument], [y], given)).toBe(true);
        expect(separatedByDefinition(cut, [instrument], [x], given)).toBe(false);
      }
    }),
    { numRuns: 50 * SCALE, seed: 3 },
  );
  expect(count).toBeGreaterThan(10);
});

test("refuses sets of causes", () => {
  expect(() => instruments(dag`z -> {a b} -> y`, { x: ["a", "b"], y: ["y"] })).toThrow(
    expect.objectContaining({ code: "ERR_INVALID_QUERY" }),
  );
});
