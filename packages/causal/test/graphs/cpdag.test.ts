import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Admg, cpdagOf, dag } from "../../src/graphs/index.ts";
import type { Edge } from "../../src/graphs/index.ts";
import { SCALE } from "../support/scale.ts";
import { graphs } from "./by-definition.ts";
import { VECTORS } from "./vectors.ts";

function written({ directed, undirected }: { directed: readonly Edge[]; undirected: readonly Edge[] }): string[] {
  return [...directed.map(([a, b]) => `${a} -> ${b}`), ...undirected.map((edge) => edge.toSorted().join(" -- "))].sort();
}

/** Unshielded colliders, by name. */
function colliders(edges: readonly Edge[]): string {
  const linked = (a: string, b: string): boolean => edges.some((edge) => edge.includes(a) && edge.includes(b));
  return edges
    .flatMap(([a, to]) => edges.flatMap(([b, other]) => (to === other && a < b && !linked(a, b) ? [`${a},${b},${to}`] : [])))
    .sort()
    .join(";");
}

test("is the graph that dagitty and an own program of Meek's rules have", () => {
  for (const { id, nodes, edges, cpdag } of VECTORS) {
    const expected = cpdag.map((edge) => (edge.includes("--") ? edge.split(" -- ").sort().join(" -- ") : edge)).sort();
    expect(written(cpdagOf(new Admg({ nodes, directed: edges }))), id).toEqual(expected);
  }
});

test("an edge is directed exactly if all equivalent DAGs agree on it", () => {
  fc.assert(
    fc.property(graphs(5, { bidirected: false, latent: false }), ({ nodes, directed }) => {
      fc.pre(directed.length <= 8);
      const kept = directed.map(() => new Set<boolean>());
      for (let flips = 0; flips < 2 ** directed.length; flips++) {
        const edges = directed.map(([a, b], at): Edge => ((flips >> at) & 1 ? [b, a] : [a, b]));
        if (colliders(edges) !== colliders(directed) || isCyclic(nodes, edges)) continue;
        edges.forEach(([a], at) => kept[at]!.add(a === directed[at]![0]));
      }
      const expected = directed.filter((_, at) => kept[at]!.size === 1);
      expect(cpdagOf(new Admg({ nodes, directed })).directed).toEqual(expected);
    }),
    { numRuns: 50 * SCALE },
  );
});

test("refuses hidden causes, which no CPDAG shows", () => {
  for (const graph of [dag`a <-> b`, dag`u [latent]; u -> {a b}`]) {
    expect(() => cpdagOf(graph)).toThrow(expect.objectContaining({ code: "ERR_INVALID_GRAPH" }));
  }
});

function isCyclic(nodes: readonly string[], edges: readonly Edge[]): boolean {
  try {
    return new Admg({ nodes, directed: edges }).nodes.length === 0;
  } catch {
    return true;
  }
}
