import { describe, expect, test } from "vitest";
import { explore, NotAFunctionOfItsSeedError, type Scenario, shrink, simulate } from "../src/index.ts";

function messageOf(scenario: Scenario, seeds = 20): string {
  try {
    const finding = explore(scenario, { seeds });
    return finding === undefined ? "passed" : `found ${finding.smallest.failure.name}`;
  } catch (error) {
    expect(error).toBeInstanceOf(NotAFunctionOfItsSeedError);
    return (error as Error).message;
  }
}

describe("a run that does not repeat", () => {
  test("is not returned as a finding: its verdict differs", () => {
    let runs = 0;
    const scenario: Scenario = () => {
      runs += 1;
      const isUnlucky = runs % 7 === 0;
      return { until: 20, nodes: { a: ({ clock }, { check }) => void clock.schedule(1, () => check("x", !isUnlucky)) } };
    };
    expect(messageOf(scenario)).toMatch(
      /two runs of seed 5 to be the same, got one that fails \(violation "x" in event 2\) and one that passes; their events are the same up to number 2, at 1 ms, and the verdicts differ there/
    );
  });

  test("is shown with the first event that differs, in the first seed", () => {
    let runs = 0;
    const scenario: Scenario = () => {
      runs += 1;
      const laterMs = runs;
      return { nodes: { a: ({ clock }) => { clock.schedule(1, () => undefined); clock.schedule(1 + laterMs, () => undefined); } } };
    };
    expect(messageOf(scenario)).toContain("the first event that differs is number 3: a timer at 2 ms, or a timer at 3 ms");
  });

  test("is shown with the first event that differs, in a later seed", () => {
    let runs = 0;
    const scenario: Scenario = () => {
      runs += 1;
      // From the fifth run on, each differs.
      const laterMs = runs < 5 ? 1 : runs;
      return { nodes: { a: ({ clock }, { check }) => void clock.schedule(laterMs, () => check("x", laterMs < 5)) } };
    };
    expect(messageOf(scenario)).toMatch(/seed 3 .*the first event that differs is number 2: a timer at \d+ ms, or a timer at \d+ ms/);
  });

  test("once is said to be so if further repetitions agree", () => {
    let runs = 0;
    const scenario: Scenario = () => {
      runs += 1;
      const laterMs = runs === 4 ? 9 : 1;
      return { nodes: { a: ({ clock }, { check }) => void clock.schedule(laterMs, () => check("x", laterMs === 1)) } };
    };
    expect(messageOf(scenario)).toContain("6 further repetitions were the same, so something outside of the run changes it now and then");
  });
});

test("a run that ends earlier than its repetition differs in the first event that is missing", () => {
  let runs = 0;
  const scenario: Scenario = () => {
    runs += 1;
    const timers = runs;
    return { nodes: { a: ({ clock }) => { for (let at = 1; at <= timers; at += 1) clock.schedule(at, () => undefined); } } };
  };
  expect(messageOf(scenario)).toContain("the first event that differs is number 3: none, or a timer at 2 ms");
});

test("a finding that repeats is returned", () => {
  expect(messageOf(() => ({ nodes: { a: ({ clock }, { check }) => void clock.schedule(1, () => check("x", false)) } }))).toBe("found x");
});

test("shrinking does not return a run that does not repeat", () => {
  let runs = 0;
  const scenario: Scenario = () => {
    runs += 1;
    const isUnlucky = runs % 7 === 0;
    return { until: 20, nodes: { a: ({ clock }, { check }) => void clock.schedule(1, () => check("x", !isUnlucky)) } };
  };
  const failed = Array.from({ length: 7 }, (_, seed) => simulate({ ...scenario(), seed })).find(({ ok }) => !ok);
  if (!failed || failed.ok) throw new Error("expected a failure");
  expect(() => shrink(scenario, failed, { runsMax: 3 })).toThrow(NotAFunctionOfItsSeedError);
});
