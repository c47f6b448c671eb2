import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { LinearModel } from "../../src/networks/index.ts";

const VECTORS = JSON.parse(readFileSync(new URL("../vectors/counterfactuals.json", import.meta.url), "utf8")).counterfactual;
const code = (code: string): unknown => expect.objectContaining({ code });

test("agrees with the vectors", () => {
  for (const { id, equations, evidence, do: forced, query, value } of VECTORS.linear) {
    const texts: [string, string][] = Object.entries(equations);
    const model = new LinearModel(
      Object.fromEntries(
        texts.map(([name, text]) => {
          const terms = [...text.matchAll(/(-?[\d.]+)\*(\w+)/gu)].map(([, weight, parent]) => [parent, Number(weight)]);
          return [name, { coefficients: Object.fromEntries(terms) }];
        }),
      ),
    );
    expect(Math.abs(model.counterfactual({ evidence, do: forced, query }).mean - value), id).toBeLessThan(1e-12);
  }
  expect(VECTORS.linear).toHaveLength(1);
});

/** The normal distribution of the last of `count` variables given the first ones, by elimination in the covariance matrix. */
function conditioned(covariance: number[][], means: number[], seen: readonly number[]): { mean: number; variance: number } {
  const matrix = covariance.map((row) => [...row]);
  const expected = [...means];
  for (const [at, value] of seen.entries()) {
    const pivot = matrix[at]!;
    const surprise = value - expected[at]!;
    for (let row = at + 1; row < matrix.length; row++) {
      const slope = matrix[row]![at]! / pivot[at]!;
      expected[row]! += slope * surprise;
      for (let column = at; column < matrix.length; column++) matrix[row]![column]! -= slope * pivot[column]!;
    }
  }
  return { mean: expected.at(-1)!, variance: matrix.at(-1)!.at(-1)! };
}

test("agrees with conditioning the joint normal distribution of both worlds", () => {
  const number = fc.double({ min: -2, max: 2, noNaN: true });
  const parts = fc.record({
    weights: fc.array(number, { minLength: 6, maxLength: 6 }),
    intercepts: fc.array(number, { minLength: 4, maxLength: 4 }),
    variances: fc.array(fc.double({ min: 0.1, max: 2, noNaN: true }), { minLength: 4, maxLength: 4 }),
    seen: fc.array(number, { maxLength: 4 }),
    forced: fc.nat(3),
    value: number,
    query: fc.nat(3),
  });
  fc.assert(
    fc.property(parts, ({ weights, intercepts, variances, seen, forced, value, query }) => {
      const edges = [[0, 1], [0, 2], [1, 2], [0, 3], [1, 3], [2, 3]] as const;
      const names = ["a", "b", "c", "d"];
      const coefficients = names.map((_, to) => Object.fromEntries(edges.flatMap(([from, at], edge) => (at === to ? [[names[from]!, weights[edge]!]] : []))));
      const model = new LinearModel(
        Object.fromEntries(names.map((name, at) => [name, { coefficients: coefficients[at]!, intercept: intercepts[at]!, variance: variances[at]! }])),
      );
      /** Each variable as weights of the four noises, then a constant. */
      const solve = (isForced: (at: number) => boolean): number[][] => {
        const rows: number[][] = [];
        for (const [at, name] of names.entries()) {
          const row = names.map((other) => Number(other === name)).concat(intercepts[at]!);
          for (const [from, to] of edges) if (to === at) rows[from]!.forEach((weight, column) => (row[column]! += weights[edges.findIndex(([a, b]) => a === from && b === to)]! * weight));
          rows.push(isForced(at) ? [0, 0, 0, 0, value] : row);
        }
        return rows;
      };
      const all = [...solve(() => false).slice(0, seen.length), solve((at) => at === forced)[query]!];
      const covariance = all.map((a) => all.map((b) => variances.reduce((sum, variance, at) => sum + variance * a[at]! * b[at]!, 0)));
      const expected = conditioned(covariance, all.map((row) => row[4]!), seen);
      const evidence = Object.fromEntries(seen.map((one, at) => [names[at]!, one]));
      const found = model.counterfactual({ evidence, do: { [names[forced]!]: value }, query: names[query]! });
      expect(found.mean).toBeCloseTo(expected.mean, 8);
      expect(found.variance).toBeCloseTo(Math.max(0, expected.variance), 8);
    }),
  );
});

test("refuses wrong models and questions", () => {
  const model = new LinearModel({ x: { variance: 0 }, y: { coefficients: { x: 2 } } });
  expect(model.counterfactual({ evidence: { x: 0 }, do: { x: 1 }, query: "y" })).toEqual({ mean: 2, variance: 1 });
  expect(() => model.counterfactual({ evidence: { x: 1 }, do: {}, query: "y" })).toThrow(code("ERR_IMPOSSIBLE_EVIDENCE"));
  expect(() => model.counterfactual({ do: {}, query: "z" })).toThrow(code("ERR_UNKNOWN_NODE"));
  expect(() => model.counterfactual({ do: { z: 1 }, query: "y" })).toThrow(code("ERR_UNKNOWN_NODE"));
  expect(() => model.counterfactual({ do: { x: Number.NaN }, query: "y" })).toThrow(code("ERR_INVALID_QUERY"));
  expect(() => new LinearModel({ y: { coefficients: { x: 2 } } })).toThrow(code("ERR_UNKNOWN_NODE"));
  expect(() => new LinearModel({ y: { coefficients: { y: 2 } } })).toThrow(code("ERR_CYCLE"));
  expect(() => new LinearModel({ y: { variance: -1 } })).toThrow(code("ERR_INVALID_MODEL"));
  expect(() => new LinearModel({})).toThrow(code("ERR_INVALID_GRAPH"));
});
