import { expect, test } from "vitest";
import { DiscreteNetwork } from "../../src/networks/index.ts";
import type { DiscreteVariable } from "../../src/networks/index.ts";

const code = (code: string): unknown => expect.objectContaining({ code });
const coin = { states: ["yes", "no"], table: [0.5, 0.5] };

test("refuses what is no network", () => {
  const make = (variables: Record<string, unknown>) => () => new DiscreteNetwork(variables as Record<string, DiscreteVariable>);
  expect(make({})).toThrow(code("ERR_INVALID_MODEL"));
  // @ts-expect-error nothing at all
  expect(() => new DiscreteNetwork()).toThrow(code("ERR_INVALID_MODEL"));
  expect(make({ a: { ...coin, parents: ["b"] } })).toThrow(code("ERR_UNKNOWN_NODE"));
  expect(make({ a: { ...coin, parents: ["a"], table: [[0.5, 0.5], [0.5, 0.5]] } })).toThrow(code("ERR_CYCLE"));
  expect(make({ a: { ...coin, parents: "bc" } })).toThrow(code("ERR_INVALID_MODEL"));
  expect(make({ a: { ...coin, states: ["x", "x"] } })).toThrow(code("ERR_INVALID_MODEL"));
  expect(make({ a: { ...coin, states: [] } })).toThrow(code("ERR_INVALID_MODEL"));
  expect(make({ a: { ...coin, cpt: [] } })).toThrow(code("ERR_UNKNOWN_OPTION"));
  expect(make({ a: null })).toThrow(code("ERR_INVALID_QUERY"));
  expect(make({ "": coin })).toThrow(code("ERR_INVALID_GRAPH"));
  for (const table of [[0.5], [0.5, 0.5, 0], [0.5, 0.499998], [1.5, -0.5], [0.5, Number.NaN], [0.5, "0.5"]]) {
    expect(make({ a: { ...coin, table } }), String(table)).toThrow(code("ERR_INVALID_MODEL"));
  }
  const parents = Array.from({ length: 20 }, (_, at) => `p${at}`);
  const wide = Object.fromEntries(parents.map((name) => [name, coin]));
  expect(make({ ...wide, hub: { ...coin, parents } })).toThrow(code("ERR_QUERY_TOO_LARGE"));
});

test("a row may be rounded by 1e-6", () => {
  expect(new DiscreteNetwork({ a: { states: ["x", "y"], table: [0.5, 0.4999991] } }).graph.nodes).toEqual(["a"]);
});
