import * as fc from "fast-check";
import { expect, test } from "vitest";
import { impliedIndependencies } from "../../src/graphs/index.ts";
import { SCALE } from "../support/scale.ts";
import { graphs, minimalOnes, separatedByDefinition, sorted } from "./by-definition.ts";

test("lists every minimal separation of two measured nodes, path by path", () => {
  fc.assert(
    fc.property(graphs(5), (graph) => {
      const found = [...impliedIndependencies(graph)];
      const measured = graph.nodes.filter((name) => !graph.latent.has(name));
      for (const [at, x] of measured.entries()) {
        for (const y of measured.slice(at + 1)) {
          const others = measured.filter((name) => name !== x && name !== y);
          const expected = minimalOnes(others, (set) => separatedByDefinition(graph, [x], [y], set));
          const sets = found.filter((one) => one.x === x && one.y === y).map(({ given }) => given);
          expect(sorted(sets)).toEqual(sorted(expected));
        }
      }
    }),
    { numRuns: 37 * SCALE },
  );
});
