import { describe, expect, test } from "vitest";
import {
  CallGraph, CausalGraph, diagnose, type DiagnosisQuestion, InvalidQueryError, InvalidTableError, MetricTable, NormalTooShortError,
  type RankerName, UnknownNodeError, UnknownOptionError,
} from "../../src/index.ts";
import { generateIncident } from "../support/incidents.ts";

const CALLS = [
  ["site", "search"], ["site", "pay"], ["search", "table"], ["pay", "bank"], ["bank", "pay"], ["bank", "bank"], ["robot", "table"],
].map(([caller = "", callee = ""]) => ({ caller, callee }));
const OWN_MS: Readonly<Record<string, number>> = { table: 5, search: 10, bank: 40, pay: 15, site: 20, robot: 30 };

/** Even noise without dice, different for each node: the golden ratio's multiples spread over -0.5..0.5. */
function noise(row: number, node: string): number {
  return (((row * 7 + node.length * 31 + node.charCodeAt(0)) * 0.618_033_988_749) % 1) - 0.5;
}

/** Latencies where each caller waits for each of its callees once. */
function telemetry(from: number, rows: number, slowMs: (row: number, node: string) => number = () => 0): MetricTable {
  const table = new MetricTable(Array.from({ length: rows }, (_, row) => (from + row) * 60_000));
  const own = (row: number, node: string): number => OWN_MS[node]! * (1 + 0.1 * noise(from + row, node)) + slowMs(row, node);
  const series: Record<string, number[]> = {};
  const add = (node: string, ...callees: readonly string[]): void => {
    series[node] = Array.from({ length: rows }, (_, row) => callees.reduce((sum, callee) => sum + series[callee]![row]!, own(row, node)));
    table.set(node, "latency", series[node]).set(node, "requests", new Float64Array(rows).fill(100));
  };
  add("table");
  add("search", "table");
  add("bank");
  add("pay", "bank");
  add("site", "search", "pay");
  add("robot", "table");
  return table;
}

const normal = telemetry(0, 300);
const graph = new CallGraph(CALLS);
const target = { node: "site", metric: "latency", worse: "higher" } as const;
const ask = (slowMs: (row: number, node: string) => number, more: Partial<DiagnosisQuestion> = {}) =>
  diagnose({ graph, normal, incident: telemetry(300, 12, slowMs), target, ...more });

describe("diagnose", () => {
  test("names the cause: its share, since when, its way, and the target without it", () => {
    const { verdict, candidates, target: symptom, sentence, falseAlarmRate, windows } = ask((row, node) => (node === "table" && row >= 5 ? 30 : 0));
    expect([verdict, candidates[0]!.node]).toEqual(["cause", "table"]);
    expect(sentence).toContain('"table" is behind "latency" of "site"');
    expect(candidates[0]!.path).toEqual(["table", "search", "site"]);
    expect([candidates[0]!.sinceRow, candidates[0]!.sinceMs, symptom.sinceRow, symptom.toRow]).toEqual([5, 305 * 60_000, 5, 12]);
    const { value, low, high } = candidates[0]!.share;
    expect(value).toBeGreaterThan(0.9);
    expect(low).toBeLessThanOrEqual(value);
    expect(high).toBeGreaterThanOrEqual(value);
    expect(symptom.excess).toBeGreaterThan(27);
    expect(symptom.excess).toBeLessThan(33);
    for (const row of [0, 6, 11]) expect(Math.abs(candidates[0]!.targetWithout[row]! - symptom.normal)).toBeLessThan(6);
    expect(candidates[0]!.moved).toMatchObject([{ metric: "latency", direction: "up", sinceRow: 5 }]);
    expect(falseAlarmRate).toBeLessThan(0.01);
    expect(windows).toBe(289);
  });

  test("names the target when its own time grew, though a neighbour trembles in step with it", () => {
    const { verdict, candidates, target: symptom } = ask((row, node) => (row < 5 ? 0 : node === "site" ? 70 : node === "search" ? 1 : 0));
    expect(verdict).toBe("target-itself");
    expect(symptom.share.low).toBeGreaterThan(0.9);
    expect(candidates.every(({ share }) => share.high < 0.1)).toBe(true);
  });

  test("says that nothing is unusual, of noise and of a trifle", () => {
    expect(ask(() => 0).verdict).toBe("nothing-unusual");
    expect(ask((row, node) => (node === "table" && row >= 5 ? 0.1 : 0)).verdict).toBe("nothing-unusual");
    expect(ask(() => 0).sentence).toMatch(/^Nothing unusual about "latency" of "site"/);
  });

  test("says that it cannot tell when what is unusual is too scattered to be named", () => {
    const { verdict } = ask((row, node) => (row >= 5 && node === "site" ? 30 : 0), { ranker: ({ contributions }) => new Float64Array(contributions.length) });
    expect(verdict).toBe("cannot-tell");
  });

  test("services in a circle are one candidate", () => {
    const { candidates, verdict } = ask((row, node) => (node === "bank" && row >= 4 ? 50 : 0));
    expect([verdict, candidates[0]!.members]).toEqual(["cause", ["bank", "pay"]]);
    expect(candidates.filter(({ members }) => members.includes("pay"))).toHaveLength(1);
    const ring = new CallGraph([...CALLS, { caller: "table", callee: "site" }]);
    const itself = diagnose({ graph: ring, normal, incident: telemetry(300, 12, (row, node) => (node === "site" && row > 3 ? 50 : 0)), target });
    expect([itself.verdict, itself.target.members]).toEqual(["target-itself", ["search", "site", "table"]]);
    expect(itself.sentence).toContain("within its group of 3 services");
  });

  test("lists apart who moved with the target without a way to it", () => {
    const cut = new CallGraph(CALLS.filter(({ callee }) => callee !== "table").concat({ caller: "robot", callee: "table" }));
    const { apart, candidates } = diagnose({ graph: cut, normal, incident: telemetry(300, 12, (row, node) => (node === "table" && row >= 5 ? 30 : 0)), target });
    expect(apart.map(({ node, path }) => [node, path])).toContainEqual(["table", []]);
    expect(candidates.map(({ node }) => node)).not.toContain("table");
  });

  test("lists nobody apart who only trembles, though the target no longer hides it", () => {
    const table = (from: number, rows: number, slow: number): MetricTable => {
      const wave = Array.from({ length: rows }, (_, row) => Math.sin((from + row) * 2.4));
      return new MetricTable(rows).set("site", "latency", wave.map((value) => 60 + value + slow)).set("search", "latency", wave.map((value) => 20 + value + slow)).set("pay", "latency", wave.map((value) => 30 - value));
    };
    const { apart } = diagnose({ graph: new CallGraph([], ["site", "search", "pay"]), normal: table(0, 200, 0), incident: table(200, 10, 40), target });
    expect(apart.map(({ node }) => node)).toEqual(["search"]);
  });

  test("a service that never fails has no share of a target that fails for the first time", () => {
    const table = (rows: number, failed: number): MetricTable => new MetricTable(rows).set("site", "errors", Array.from({ length: rows }, (_, row) => (row > 4 ? failed : 0))).set("search", "errors", new Float64Array(rows));
    const found = diagnose({ graph, normal: table(150, 0), incident: table(12, 9), target: { node: "site", metric: "errors", worse: "higher" } });
    expect([found.verdict, found.candidates[0]!.share]).toEqual(["target-itself", { value: 0, low: 0, high: 0 }]);
  });

  test.each<RankerName>(["share", "excess", "correlation", "robust-score"])("ranker %s finds a slow table among the first two", (ranker) => {
    const { candidates } = ask((row, node) => (node === "table" && row >= 5 ? 30 : 0), { ranker, load: "requests" });
    expect(candidates.slice(0, 2).map(({ node }) => node)).toContain("table");
  });

  test("a target that calls nobody is at fault itself, or nothing is", () => {
    const lone = (slowMs: number) => ask((row, node) => (node === "site" && row >= 5 ? slowMs : 0), { graph: new CallGraph([], ["site"]) });
    expect([lone(70).verdict, lone(70).candidates]).toEqual(["target-itself", []]);
    expect(lone(0).verdict).toBe("nothing-unusual");
  });

  test("the same question gives the same bytes, another seed other intervals", () => {
    const slow = (row: number, node: string): number => (node === "table" && row >= 5 ? 8 : 0);
    const [first, again, other] = [ask(slow, { seed: 7 }), ask(slow, { seed: 7 }), ask(slow, { seed: 8 })].map((found) => JSON.stringify(found));
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test("refuses too short a normal period, and says how long it must be", () => {
    const slow = (row: number, node: string): number => (node === "table" && row >= 5 ? 30 : 0);
    expect(() => ask(slow, { normal: telemetry(0, 110) })).toThrow(NormalTooShortError);
    expect(() => ask(slow, { normal: telemetry(0, 110) })).toThrow(/at least 111 rows/);
    expect(ask(slow, { normal: telemetry(0, 111) }).verdict).toBe("cause");
    expect(() => ask(slow, { normal: telemetry(0, 10), falseAlarmRate: 0.5 })).toThrow(NormalTooShortError);
  });

  test.each<[string, object, new (...args: never[]) => Error]>([
    ["an option", { speed: 1 }, UnknownOptionError],
    ["a rate", { falseAlarmRate: 0 }, InvalidQueryError],
    ["a rate as text", { falseAlarmRate: "0.01" }, InvalidQueryError],
    ["a ranker", { ranker: "best" }, InvalidQueryError],
    ["a ranker that answers later", { ranker: async () => new Float64Array(6) }, InvalidQueryError],
    ["a ranker of too few scores", { ranker: () => new Float64Array(1) }, InvalidQueryError],
    ["a ranker of Object", { ranker: "toString" }, InvalidQueryError],
    ["a seed", { seed: 1.5 }, InvalidQueryError],
    ["a graph", { graph: CALLS }, InvalidQueryError],
    ["a table", { normal: {} }, InvalidQueryError],
    ["an empty table", { normal: new MetricTable(0) }, InvalidTableError],
    ["a side", { target: { ...target, worse: "up" } }, InvalidQueryError],
    ["an option of the target", { target: { ...target, weight: 1 } }, UnknownOptionError],
    ["a target", { target: { ...target, node: "nobody" } }, UnknownNodeError],
    ["a metric", { target: { ...target, metric: "latancy" } }, InvalidTableError],
    ["a load", { load: "request" }, InvalidTableError],
    ["a target without values", { incident: telemetry(300, 12).set("site", "latency", new Float64Array(12).fill(Number.NaN)) }, InvalidTableError],
    ["an empty graph", { graph: new CausalGraph() }, UnknownNodeError],
  ])("refuses %s that cannot be meant", (_, wrong, expected) => {
    expect(() => ask(() => 0, wrong)).toThrow(expected);
  });

  test("of 6 generated incidents, nearly all verdicts are right and no quiet window is called unusual", () => {
    const seen = { right: 0, wrong: 0, missed: 0, falseAlarms: 0 };
    for (let seed = 2_000; seed < 2_006; seed++) {
      const { calls, truth, ...tables } = generateIncident(seed);
      const { verdict, candidates } = diagnose({ graph: new CallGraph(calls), normal: tables.normal, incident: tables.incident, target: tables.target, load: "requests" });
      if (truth.kind === "none") seen.falseAlarms += Number(verdict !== "nothing-unusual");
      else if (verdict === "nothing-unusual" || verdict === "cannot-tell") seen.missed++;
      else if (verdict === truth.kind && (verdict === "target-itself" || candidates[0]!.members.includes(truth.node!))) seen.right++;
      else seen.wrong++;
    }
    expect(seen.falseAlarms).toBe(0);
    expect(seen.wrong).toBeLessThanOrEqual(1);
    expect(seen.right).toBeGreaterThan(2 * seen.missed);
  });
});
