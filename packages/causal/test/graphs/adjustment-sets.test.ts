import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Admg, dag, isAdjustmentSet, minimalAdjustmentSets } from "../../src/graphs/index.ts";
import { SCALE } from "../support/scale.ts";
import { descendants, graphs, isDirectedPath, isOpen, minimalOnes, paths, sorted } from "./by-definition.ts";
import { VECTORS } from "./vectors.ts";

/** The adjustment criterion, path by path: no proper non-causal path is open, nothing after a causal path's first step is in the set. */
function meetsCriterion(graph: Admg, x: readonly string[], y: readonly string[], set: readonly string[]): boolean {
  for (const path of paths(graph, x, y)) {
    if (path.slice(1).some(({ to }) => x.includes(to))) continue;
    if (!isDirectedPath(path)) {
      if (isOpen(graph, path, set)) return false;
    } else if (path.slice(1).some(({ to }) => [...descendants(graph, to)].some((node) => set.includes(node)))) return false;
  }
  return true;
}

describe("minimalAdjustmentSets", () => {
  test("lists the sets that dagitty and brute force list", () => {
    expect(VECTORS).toHaveLength(35);
    for (const { id, nodes, edges, latents, exposure, outcome, minimalAdjustmentSets: expected } of VECTORS) {
      const graph = new Admg({ nodes, directed: edges, latent: latents });
      expect(sorted(minimalAdjustmentSets(graph, { x: [exposure], y: [outcome] })), id).toEqual(sorted(expected));
    }
  });

  test("lists the sets that the criterion has, path by path, for several causes and hidden ones", () => {
    const asked = graphs(6).chain((graph) => fc.tuple(fc.constant(graph), fc.shuffledSubarray([...graph.nodes], { minLength: 2, maxLength: Math.min(3, graph.nodes.length) })));
    fc.assert(
      fc.property(asked, ([graph, [a, b, c]]) => {
        const [x, y] = [c === undefined ? [a!] : [a!, c], [b!]];
        const others = graph.nodes.filter((name) => !x.includes(name) && !y.includes(name) && !graph.latent.has(name));
        const found = [...minimalAdjustmentSets(graph, { x, y })];
        expect(sorted(found)).toEqual(sorted(minimalOnes(others, (set) => meetsCriterion(graph, x, y, set))));
      }),
      { numRuns: 75 * SCALE },
    );
  });

  test("a set is judged whether it is minimal or not", () => {
    const asked = graphs(5).chain((graph) => fc.tuple(fc.constant(graph), fc.subarray([...graph.nodes])));
    fc.assert(
      fc.property(asked, ([graph, set]) => {
        const [x, y] = [[graph.nodes[0]!], [graph.nodes[1]!]];
        const may = set.every((name) => !graph.latent.has(name) && !x.includes(name) && !y.includes(name));
        expect(isAdjustmentSet(graph, { x, y }, set)).toBe(may && meetsCriterion(graph, x, y, set));
      }),
    );
  });

  test("the next set does not wait for the last: 2^40 of them, ten taken", () => {
    const ladders = Array.from({ length: 40 }, (_, at) => `x <- a${at} <- b${at} -> c${at} -> y;`).join(" ");
    const sets = minimalAdjustmentSets(dag(`x -> y; ${ladders}`), { x: ["x"], y: ["y"] });
    const taken = Array.from({ length: 10 }, () => sets.next().value);
    expect(new Set(taken.map(String)).size).toBe(10);
    expect(taken.every((set) => set?.length === 40)).toBe(true);
  });
});
