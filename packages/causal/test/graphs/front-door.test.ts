import * as fc from "fast-check";
import { expect, test } from "vitest";
import { Admg, dag, frontDoorSet } from "../../src/graphs/index.ts";
import { SCALE } from "../support/scale.ts";
import { graphs, isDirectedPath, isOpen, paths, subsets } from "./by-definition.ts";

/** Pearl's three conditions (2009, definition 3.3.3), path by path. */
function isFrontDoor(graph: Admg, x: string, y: string, set: readonly string[]): boolean {
  const open = (from: string, to: string, given: readonly string[], passes: (name: string) => boolean): boolean =>
    [...paths(graph, [from], [to])].some(
      (path) => path[1]?.headAtStart === true && path.slice(1).every(({ to: name }) => passes(name)) && isOpen(graph, path, given),
    );
  const intercepts = [...paths(graph, [x], [y])].every((path) => !isDirectedPath(path) || path.some(({ to }) => set.includes(to)));
  return (
    intercepts &&
    set.every((z) => !open(x, z, [], () => true)) &&
    // A backdoor path from a set is one that does not leave by an edge out of another of its nodes.
    [...paths(graph, set, [y])].every((path) => {
      const backdoor = path.slice(0, -1).every(({ to }, at) => !set.includes(to) || path[at + 1]?.headAtStart === true);
      const intoSet = path.slice(1).every((step) => step.headAtEnd || !set.includes(step.to));
      return !backdoor || !intoSet || !isOpenWithout(graph, set, path, [x]);
    })
  );
}

/** Open in the graph without the edges out of the set, where colliders have fewer descendants. */
function isOpenWithout(graph: Admg, set: readonly string[], path: Parameters<typeof isOpen>[1], given: readonly string[]): boolean {
  const { nodes, bidirected } = graph;
  return isOpen({ nodes, bidirected, directed: graph.directed.filter(([from]) => !set.includes(from)) }, path, given);
}

/** Without an edge from x = n0 to y = n4, and with a hidden cause of both: else front doors are rare. */
const confounded = graphs(5)
  .filter(({ nodes }) => nodes.length === 5)
  .map(({ directed, bidirected, ...rest }) => {
    const others = (edges: Admg["directed"]): Admg["directed"] => edges.filter(([a, b]) => a !== "n0" || b !== "n4");
    return new Admg({ nodes: rest.nodes, latent: rest.latent, directed: others(directed), bidirected: [...others(bidirected), ["n0", "n4"]] });
  });

test("finds a set if there is one, and none of its parts is one", () => {
  let found = 0;
  fc.assert(
    fc.property(confounded, (graph) => {
      const [x, y] = ["n0", "n4"];
      const others = graph.nodes.filter((name) => name !== x && name !== y).filter((name) => !graph.latent.has(name));
      const all = subsets(others).filter((set) => isFrontDoor(graph, x, y, set));
      const set = frontDoorSet(graph, { x: [x], y: [y] });
      expect(set === undefined).toBe(all.length === 0);
      if (!set) return;
      found += Number(set.length > 0);
      expect(isFrontDoor(graph, x, y, set)).toBe(true);
      expect(all.filter((other) => other.every((name) => set.includes(name)))).toHaveLength(1);
    }),
    { numRuns: 45 * SCALE, seed: 7 },
  );
  expect(found).toBeGreaterThan(10);
});

test("takes both of two mediators, and neither if one of them is confounded with y", () => {
  expect(frontDoorSet(dag`x -> {a b} -> y; x <-> y`, { x: ["x"], y: ["y"] })).toEqual(["a", "b"]);
  expect(frontDoorSet(dag`x -> {a b} -> y; x <-> y; a <-> y`, { x: ["x"], y: ["y"] })).toBeUndefined();
});
