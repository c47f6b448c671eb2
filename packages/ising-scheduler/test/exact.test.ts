import { describe, expect, test } from "vitest";
import { compile as compileCluster } from "../src/cluster/index.ts";
import { ExactError, solveExactly } from "../src/exact.ts";
import { compile, solve } from "../src/index.ts";
import { clusterInstance } from "./cluster-instance.ts";
import { instance } from "./instance.ts";

describe("solveExactly", () => {
  test("has the optimum that trying all has", async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const problem = { ...instance(seed, 7, 3, 0.75), weights: { balance: 0, migration: 0.25 } };
      const all = solve(compile(problem));
      const exact = await solveExactly(compile(problem));
      expect([seed, exact.status, exact.energy]).toEqual([seed, all.feasible ? "optimal" : "infeasible", all.feasible ? all.energy.total : undefined]);
    }
  });

  test("with the rules of clusters, too", async () => {
    for (let seed = 1; seed <= 6; seed++) {
      const { distance: _d, slots: _s, spread = [], ...rest } = clusterInstance(seed, 7, 3, 0.6, false);
      const problem = { ...rest, spread: spread.filter(({ weight }) => weight === undefined), weights: { balance: 0 }, maxMigrations: 1 };
      const all = solve(compileCluster(problem));
      const exact = await solveExactly(compileCluster(problem));
      expect([seed, all.proved, exact.status, exact.energy]).toEqual([seed, true, all.feasible ? "optimal" : "infeasible", all.feasible ? all.energy.total : undefined]);
    }
  });

  test("with balance it is a bound", async () => {
    const problem = instance(2, 7, 3, 0.7);
    const { status, bound, energy } = await solveExactly(compile(problem));
    const optimum = solve(compile(problem)).energy.total;
    expect(status).toBe("bound");
    expect(bound).toBeLessThan(optimum);
    expect(energy).toBeGreaterThanOrEqual(optimum);
  });

  test("refuses what is no integer program by name", async () => {
    const compiled = compileCluster(clusterInstance(1, 7, 3, 1));
    await expect(solveExactly(compiled)).rejects.toThrow(ExactError);
    await expect(solveExactly(compiled)).rejects.toThrow("tasks that may wait, slots, distances, spreads with a weight");
    const wrong: object = { gap: 1 };
    await expect(solveExactly(compile(instance(1, 4, 2)), wrong)).rejects.toThrow('got "gap"');
  });
});
