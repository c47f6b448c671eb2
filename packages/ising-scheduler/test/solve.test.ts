import { describe, expect, test } from "vitest";
import { anytime, compile, explain, InvalidProblemError, IsingScheduler, solve } from "../src/index.ts";
import type { SchedulingProblem, SchedulingResult } from "../src/index.ts";
import { instance } from "./instance.ts";

describe("a compiled problem", () => {
  test("is solved many times, each time the same", () => {
    const given = instance(1, 30, 5);
    const compiled = compile(given);
    expect(compiled).toMatchObject({ tasks: 30, nodes: 5 });
    expect(compiled.bytes).toBeGreaterThan(30 * 2 * 8);
    const result = solve(compiled);
    expect(solve(compiled)).toEqual(result);
    const { tasks, nodes, ...options } = given;
    expect(new IsingScheduler(tasks, nodes, options).result()).toEqual(result);
  });

  test("10,000 tasks on 1,000 nodes with three resources need no large table", () => {
    const tasks = Array.from({ length: 10_000 }, (_, at) => ({ id: `t${at}`, demand: { cpu: 1 + (at % 7), memory: 1 + (at % 5), disk: 1 } }));
    const nodes = Array.from({ length: 1_000 }, (_, at) => ({ id: `n${at}`, capacity: { cpu: 60, memory: 50, disk: 20 } }));
    const compiled = compile({ tasks, nodes });
    expect(compiled.bytes).toBeLessThan(2 ** 21);
    expect(solve(compiled, { moves: 1_000 }).feasible).toBe(true);
  });
});

test("a placement that is none, and a report that comes as a promise, are refused", () => {
  const compiled = compile({ tasks: [{ id: "x", demand: {} }], nodes: [{ id: "a", capacity: {} }] });
  for (const wrong of [null, undefined, "x"]) expect(() => explain(compiled, wrong as never, "x")).toThrow(/placement to be an object/);
  expect(() => explain(compiled, { x: "b" }, "x")).toThrow('placement["x"] to be a node, got "b"');
  expect(() => solve(compiled, { onImprove: async () => undefined })).toThrow(/options.onImprove to be synchronous/);
});

test("what a caller in JavaScript may give instead of options and signals", () => {
  const compiled = compile({ tasks: [{ id: "x", demand: {} }], nodes: [{ id: "a", capacity: {} }] });
  const nothing: unknown = null;
  expect(() => solve(compiled, nothing as object)).toThrow("expected options to be an object, got null");
  expect(() => solve(compiled, { signal: nothing as AbortSignal })).toThrow("expected options.signal to be an AbortSignal, got null");
});

describe("deadline and abort", () => {
  const compiled = compile(instance(2, 60, 8));

  test("without time there is still a complete placement", () => {
    const result = solve(compiled, { deadlineMs: 0 });
    expect([Object.keys(result.placement).length, result.stopped, result.moves]).toEqual([60, "deadline", 0]);
  });

  test("the result of a deadline is given again by its seed and moves", () => {
    const result = solve(compiled, { deadlineMs: 15, seed: 9n });
    expect(result.stopped).toBe("deadline");
    const { placement, energy, moves } = solve(compiled, result.replay);
    expect({ placement, energy, moves }).toEqual({ placement: result.placement, energy: result.energy, moves: result.moves });
  });

  test("an abort inside of a search returns the best placement so far", () => {
    const controller = new AbortController();
    const seen: SchedulingResult[] = [];
    const onImprove = (result: SchedulingResult): void => {
      seen.push(result);
      if (result.moves > 1_000) controller.abort();
    };
    const result = solve(compiled, { moves: 1_000_000, signal: controller.signal, onImprove });
    expect(result.stopped).toBe("abort");
    expect(result.moves).toBeLessThan(1_000_000);
    expect(seen.at(-1)!.energy).toEqual(result.energy);
    const totals = seen.map(({ energy }) => energy.total);
    expect(totals).toEqual([...totals].sort((a, b) => b - a));
  });

  test("anytime yields better and better placements, the last one that of solve", async () => {
    const results: SchedulingResult[] = [];
    for await (const result of anytime(compiled, { moves: 30_000 })) results.push(result);
    expect(results.at(-1)!.energy).toEqual(solve(compiled, { moves: 30_000 }).energy);
    const totals = results.map(({ energy }) => energy.total);
    expect(totals).toEqual([...totals].sort((a, b) => b - a));
    const controller = new AbortController();
    let last: SchedulingResult | undefined;
    for await (const result of anytime(compiled, { deadlineMs: 60_000, signal: controller.signal })) {
      last = result;
      controller.abort();
    }
    expect(Object.keys(last!.placement)).toHaveLength(60);
  });
});

describe("mistakes", () => {
  const compiled = compile({ tasks: [{ id: "x", demand: {} }], nodes: [{ id: "a", capacity: {} }] });

  test.each<[string, object]>([
    ["deadlineMs to be", { deadlineMs: Number.NaN }],
    ["deadlineMs to be", { deadlineMs: "5" }],
    ["options.seed", { seed: 2n ** 32n }],
    ["options.seed", { seed: -1n }],
    ["options.signal", { signal: {} }],
    ["options.onImprove", { onImprove: 1 }],
    ['got "deadline"', { deadline: 5 }],
    ['got "links"', { links: [] }],
  ])("%s %o", (message, options) => {
    expect(() => solve(compiled, options)).toThrow(InvalidProblemError);
    expect(() => solve(compiled, options)).toThrow(message);
  });

  test("what is no compiled problem, what is no problem", () => {
    expect(() => solve({ tasks: 1, nodes: 1, bytes: 1 })).toThrow("from compile()");
    // @ts-expect-error a problem is an object
    expect(() => compile(undefined)).toThrow(InvalidProblemError);
    const wrong: object = { tasks: [], nodes: [], seed: 1 };
    expect(() => compile(wrong as SchedulingProblem)).toThrow('got "seed"');
  });
});
