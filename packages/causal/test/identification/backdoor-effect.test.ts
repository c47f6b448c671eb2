import { describe, expect, test } from "vitest";
import { dag } from "../../src/graphs/index.ts";
import { backdoorEffect, INTERVAL_LEVEL, placeboTest } from "../../src/identification/index.ts";
import type { Columns } from "../../src/identification/index.ts";
import { Random } from "../../src/random.ts";

const code = (code: string): unknown => expect.objectContaining({ code });
const graph = dag`z -> {t y}; w -> {t y}; t -> y`;
const question = { graph, treatment: "t", outcome: "y" };

/** Treatment and outcome depend on z and w; the effect is 2. `bend` makes the outcome's dependence not linear. */
function sample(rows: number, seed: number, bend = 0): Record<"z" | "w" | "t" | "y", number[]> {
  const dice = new Random(seed);
  const random = (): number => dice.uniform();
  const normal = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const columns = { z: [] as number[], w: [] as number[], t: [] as number[], y: [] as number[] };
  for (let row = 0; row < rows; row++) {
    const [z, w] = [normal(), Number(random() < 0.4)];
    const t = Number(random() < 1 / (1 + Math.exp(-(0.8 * z - 0.7 * w))));
    columns.z.push(z);
    columns.w.push(w);
    columns.t.push(t);
    columns.y.push(5 + 2 * t + 3 * z - w + bend * z * z + normal());
  }
  return columns;
}

describe("backdoorEffect", () => {
  test("its interval holds the truth as often as it says, and plain differences do not", () => {
    const runs = Array.from({ length: 200 }, (_, seed) => backdoorEffect({ ...question, columns: sample(300, seed + 1) }));
    const covering = runs.filter(({ interval: [low, high] }) => low <= 2 && high >= 2).length / runs.length;
    expect(Math.abs(covering - INTERVAL_LEVEL)).toBeLessThan(0.05);
    const mean = runs.reduce((sum, { effect }) => sum + effect, 0) / runs.length;
    expect(Math.abs(mean - 2)).toBeLessThan(0.05);
    expect(runs[0]!.adjusted).toEqual(["z", "w"]);
    const naive = backdoorEffect({ graph: dag`t -> y`, treatment: "t", outcome: "y", columns: sample(2_000, 1) });
    expect(naive.interval[0]).toBeGreaterThan(3);
  });

  test("a treatment model that fits makes up for an outcome model that does not", () => {
    const { interval } = backdoorEffect({ ...question, columns: sample(5_000, 3, 1) });
    expect(interval[0]).toBeLessThan(2);
    expect(interval[1]).toBeGreaterThan(2);
  });

  test("equals the adjustment formula where covariates are categories", () => {
    const dice = new Random(9);
  const random = (): number => dice.uniform();
    const columns = { z: [] as number[], t: [] as number[], y: [] as number[] };
    for (let row = 0; row < 600; row++) {
      const z = Number(random() < 0.5);
      const t = Number(random() < (z ? 0.7 : 0.2));
      columns.z.push(z);
      columns.t.push(t);
      columns.y.push(Number(random() < 0.2 + 0.3 * t + 0.4 * z - 0.2 * t * z));
    }
    const mean = (z: number, t: number): number => {
      const rows = columns.y.filter((_, row) => columns.z[row] === z && columns.t[row] === t);
      return rows.reduce((sum, y) => sum + y, 0) / rows.length;
    };
    const share = columns.z.reduce((sum, z) => sum + z, 0) / 600;
    const formula = share * (mean(1, 1) - mean(1, 0)) + (1 - share) * (mean(0, 1) - mean(0, 0));
    const { effect } = backdoorEffect({ graph: dag`z -> {t y}; t -> y`, treatment: "t", outcome: "y", columns });
    expect(effect).toBeCloseTo(formula, 6);
  });

  test("takes the set that the data have, leaves out incomplete rows, and refuses what it cannot answer", () => {
    const columns = sample(100, 1);
    const two = dag`v -> z -> t; v -> y; t -> y`;
    expect(backdoorEffect({ graph: two, treatment: "t", outcome: "y", columns }).adjusted).toEqual(["z"]);
    columns.z[3] = Number.NaN;
    expect(backdoorEffect({ ...question, columns }).rows).toBe(99);
    const ask = (change: object) => () => backdoorEffect({ ...question, columns, ...change });
    expect(ask({ graph: dag`t -> y; t <-> y` })).toThrow(code("ERR_NO_ADJUSTMENT_SET"));
    const { w, t, y } = columns;
    expect(ask({ columns: { w, t, y } satisfies Columns })).toThrow(code("ERR_NO_ADJUSTMENT_SET"));
    expect(ask({ adjust: ["z"] })).toThrow(code("ERR_INVALID_QUERY"));
    expect(ask({ adjust: "z" })).toThrow(code("ERR_INVALID_QUERY"));
    expect(ask({ treatment: "z", outcome: "t" })).toThrow(code("ERR_INVALID_TABLE"));
    expect(ask({ columns: { ...columns, y: [1, 2] } })).toThrow(code("ERR_INVALID_TABLE"));
    expect(ask({ columns: sample(15, 1) })).toThrow(code("ERR_INVALID_TABLE"));
    expect(ask({ treatment: "nobody" })).toThrow(code("ERR_UNKNOWN_NODE"));
    expect(ask({ estimator: "ols" })).toThrow(code("ERR_UNKNOWN_OPTION"));
  });
});

describe("placeboTest", () => {
  test("a shuffled treatment has no effect, the real one has", () => {
    const placebo = placeboTest({ ...question, columns: sample(300, 5) }, { rounds: 100, seed: 2 });
    expect(placebo.pValue).toBeCloseTo(1 / 101, 12);
    expect(placebo.coverage).toBeGreaterThan(0.88);
    const mean = placebo.placebos.reduce((sum, effect) => sum + effect, 0) / 100;
    expect(Math.abs(mean)).toBeLessThan(0.1);
    expect(placeboTest({ ...question, columns: sample(300, 5) }, { rounds: 100, seed: 2 })).toEqual(placebo);
    expect(() => placeboTest({ ...question, columns: sample(300, 5) }, { rounds: 0 })).toThrow(code("ERR_INVALID_QUERY"));
  });

  test("an effect that is none is not told from a placebo", () => {
    const columns = sample(300, 6);
    const dice = new Random(4);
  const random = (): number => dice.uniform();
    const { pValue } = placeboTest({ ...question, columns: { ...columns, y: columns.y.map(() => random()) } }, { rounds: 100 });
    expect(pValue).toBeGreaterThan(0.05);
  });
});
