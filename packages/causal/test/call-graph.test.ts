import { expect, test } from "vitest";
import { CallGraph, InvalidGraphError, UnknownNodeError } from "../src/index.ts";

const calls = (...pairs: readonly string[]): CallGraph => new CallGraph(pairs.map((pair) => ({ caller: pair[0]!, callee: pair[1]! })));

test("groups are circles, callees first; self-calls are no circle", () => {
  expect(calls("ab", "bc", "cb", "cd", "dd", "ae").groups()).toEqual([["d"], ["b", "c"], ["e"], ["a"]]);
  expect(calls("ab", "bc", "ca").groups()).toEqual([["a", "b", "c"]]);
  expect([...calls("ab", "ab").causes("a")]).toEqual(["b"]);
});

test("a chain of 20,000 needs no stack", () => {
  const chain = new CallGraph(Array.from({ length: 20_000 }, (_, at) => ({ caller: `${at}`, callee: `${at + 1}` })));
  expect(chain.groups()).toHaveLength(20_001);
});

test("takes services without calls", () => {
  const graph = new CallGraph([{ caller: "a", callee: "b" }], ["c", "a"]);
  expect(graph.nodes()).toEqual(["a", "b", "c"]);
  expect([graph.causes("c").size, graph.effects("c").size]).toEqual([0, 0]);
});

test("refuses names that are none", () => {
  expect(() => new CallGraph([{ caller: "", callee: "a" }])).toThrow(InvalidGraphError);
  expect(() => calls("ab").causes("z")).toThrow(UnknownNodeError);
});
