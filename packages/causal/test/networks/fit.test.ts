import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dag } from "../../src/graphs/index.ts";
import { fitNetwork } from "../../src/networks/index.ts";
import type { DiscreteNetwork, Row, States } from "../../src/networks/index.ts";
import { SCALE } from "../support/scale.ts";
import { mass, worlds } from "./by-definition.ts";

const code = (code: string): unknown => expect.objectContaining({ code });
const STATES = { a: ["n", "y"], b: ["n", "y"], c: ["n", "y"] };
const graph = dag`a -> b; {a b} -> c`;

function known(row: Row): States {
  return Object.fromEntries(Object.entries(row).flatMap(([name, state]) => (typeof state === "string" ? [[name, state]] : [])));
}

/** One round of expectation and maximisation over all worlds. */
function roundByDefinition(network: DiscreteNetwork, rows: readonly Row[], pseudocount: number): number[][] {
  const all = worlds(network);
  return network.variables.map(({ states, parents, table, name }) => {
    const counts = [...table].map(() => pseudocount);
    for (const row of rows) {
      const total = mass(all, known(row));
      for (const world of all) {
        if (!Object.entries(known(row)).every(([key, state]) => world.states[key] === state)) continue;
        const at = [...parents.map((parent) => network.variables[parent]!), { name, states }].reduce(
          (before, { name: key, states: list }) => before * list.length + list.indexOf(world.states[key]!),
          0,
        );
        counts[at]! += world.p / total;
      }
    }
    return counts.map((count, at) => {
      const from = at - (at % states.length);
      return count / counts.slice(from, from + states.length).reduce((x, y) => x + y, 0);
    });
  });
}

const value = fc.constantFrom("y", "n", "n", null, undefined);
const rows = fc.array(fc.record({ a: value, b: value, c: value }), { minLength: 1, maxLength: 15 });

describe("fitNetwork", () => {
  test("counts complete rows", () => {
    const complete = [...Array.from({ length: 6 }, () => ({ a: "y", b: "y", c: "n" })), { a: "y", b: "n", c: "y" }, { a: "n", b: "n", c: "n" }];
    const { network, rounds, converged, logLikelihood } = fitNetwork(graph, complete, { pseudocount: 0 });
    expect([rounds, converged]).toEqual([0, true]);
    expect([...network.variables[0]!.table]).toEqual([1 / 8, 7 / 8]);
    expect([...network.variables[1]!.table]).toEqual([1, 0, 1 / 7, 6 / 7]);
    // No row has a = n and b = y: uniform.
    expect([...network.variables[2]!.table]).toEqual([1, 0, 0.5, 0.5, 0, 1, 1, 0]);
    expect(logLikelihood).toBeCloseTo(6 * Math.log(6 / 8) + 2 * Math.log(1 / 8), 12);
    expect([...fitNetwork(graph, complete).network.variables[0]!.table]).toEqual([2 / 10, 8 / 10]);
  });

  test("each round is the one that all worlds give, and none loses likelihood", () => {
    fc.assert(
      fc.property(rows, (list) => {
        let before = fitNetwork(graph, list, { states: STATES, roundsMax: 1, tolerance: 0 });
        for (let round = 2; round < 6; round++) {
          const after = fitNetwork(graph, list, { states: STATES, roundsMax: round, tolerance: 0 });
          if (after.rounds < round) return;
          const expected = roundByDefinition(before.network, list, 1);
          after.network.variables.forEach(({ table }, at) => table.forEach((p, entry) => expect(p).toBeCloseTo(expected[at]![entry]!, 9)));
          before = after;
        }
      }),
      { numRuns: 8 * SCALE },
    );
    fc.assert(
      fc.property(rows, (list) => {
        const logs = [1, 2, 4, 8].map((roundsMax) => fitNetwork(graph, list, { states: STATES, pseudocount: 0, roundsMax, tolerance: 0 }).logLikelihood);
        logs.slice(1).forEach((log, at) => expect(log).toBeGreaterThanOrEqual(logs[at]! - 1e-9));
      }),
      { numRuns: 8 * SCALE },
    );
  });

  test("finds a hidden cause that rows show only by its effects, the same one each time", () => {
    const model = dag`h -> {p q r}`;
    const list: Row[] = [
      ...Array.from({ length: 40 }, () => ({ p: "1", q: "1", r: "1" })),
      ...Array.from({ length: 40 }, () => ({ p: "0", q: "0", r: "0" })),
      ...["p", "q", "r"].map((odd) => ({ p: "0", q: "0", r: "0", [odd]: "1" })),
    ];
    const options = { states: { h: ["up", "down"] }, seed: 5 };
    const fit = fitNetwork(model, list, options);
    expect(fit.converged).toBe(true);
    const tree = fit.network.compile();
    const { up: shown } = tree.posterior("h", { evidence: { p: "1", q: "1", r: "1" } });
    const { up: hidden } = tree.posterior("h", { evidence: { p: "0", q: "0", r: "0" } });
    expect(Math.abs(shown! - hidden!)).toBeGreaterThan(0.99);
    expect(fitNetwork(model, list, options)).toEqual(fit);
  });

  test("refuses what cannot be fitted", () => {
    expect(() => fitNetwork(graph, [])).toThrow(code("ERR_INVALID_MODEL"));
    expect(() => fitNetwork(graph, [{ a: "y", b: "y" }])).toThrow(code("ERR_INVALID_MODEL"));
    expect(() => fitNetwork(graph, [{ a: "y", z: "y" }])).toThrow(code("ERR_UNKNOWN_NODE"));
    expect(() => fitNetwork(graph, [{ a: "y", b: "y", c: "?" }], { states: STATES })).toThrow(code("ERR_UNKNOWN_STATE"));
    expect(() => fitNetwork(dag`a <-> b`, [{ a: "y", b: "y" }])).toThrow(code("ERR_INVALID_MODEL"));
    expect(() => fitNetwork(graph, [{ a: "y", b: "y", c: "y" }], { pseudocount: -1 })).toThrow(code("ERR_INVALID_QUERY"));
    // @ts-expect-error misspelt
    expect(() => fitNetwork(graph, [{ a: "y", b: "y", c: "y" }], { pseudocounts: 1 })).toThrow(code("ERR_UNKNOWN_OPTION"));
  });
});
