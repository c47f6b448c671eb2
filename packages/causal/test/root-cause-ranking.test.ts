import { describe, expect, test } from "vitest";
import { CausalGraph, InvalidTableError, MetricTable, rankRootCauses, UnknownNodeError } from "../src/index.ts";

const CALLS = [
  ["site", "search"],
  ["site", "pay"],
  ["site", "ads"],
  ["search", "index"],
  ["pay", "gateway"],
  ["gateway", "lambda"],
  ["lambda", "table"],
  ["search", "table"],
  ["client", "search"],
] as const;
const OWN_MS: Readonly<Record<string, number>> = {
  site: 20, search: 5, pay: 30, ads: 8, index: 3, gateway: 2, lambda: 12, table: 4, client: 1,
};
const LOAD: Readonly<Record<string, number>> = {
  site: 400, search: 300, pay: 100, ads: 400, index: 300, gateway: 100, lambda: 100, table: 400, client: 50,
};
const graph = CausalGraph.fromCalls(CALLS.map(([caller, callee]) => ({ caller, callee })));

/** Small, even noise without dice: the golden ratio's multiples spread over -0.5..0.5. */
function noise(row: number, node: string): number {
  const at = row * 7 + [...node].reduce((sum, letter) => sum + letter.charCodeAt(0), 0);
  return (at * 0.618_033_988_749) % 1 - 0.5;
}

/** Latencies of a system where each caller waits for all it calls, in the share of its requests that call. */
function telemetry(rows: number, slowMs: (row: number, node: string) => number): MetricTable {
  const table = new MetricTable(rows);
  const series = new Map<string, number[]>();
  const latency = (row: number, node: string): number => {
    const own = OWN_MS[node]! * (1 + 0.05 * noise(row, node)) + slowMs(row, node);
    const callees = CALLS.filter(([caller]) => caller === node).map(([, callee]) => callee);
    return callees.reduce((sum, callee) => {
      const callers = CALLS.filter(([, other]) => other === callee).reduce((sum, [caller]) => sum + LOAD[caller]!, 0);
      return sum + latency(row, callee) * (LOAD[callee]! / callers);
    }, own);
  };
  for (const node of graph.nodes()) {
    series.set(node, Array.from({ length: rows }, (_, row) => latency(row, node)));
    table.set(node, "latency", series.get(node)!).set(node, "requests", new Float64Array(rows).fill(LOAD[node]!));
  }
  return table;
}

/** A site, its search, and the balancer through which the site calls the search: what was measured of each. */
function measured(search: number[], balancer: number[], site: number[]): MetricTable {
  const loads = { site: 400, search: 700, balancer: 60 };
  const table = new MetricTable(site.length);
  for (const [node, values] of Object.entries({ search, balancer, site })) table.set(node, "latency", values);
  for (const [node, load] of Object.entries(loads)) {
    table.set(node, "requests", new Float64Array(site.length).fill(load));
  }
  return table;
}

/** Ads are slower all the time, and more so than search, which is slow just when the site is. */
function outOfStep(row: number, node: string): number {
  if (node === "ads") return 150;
  return node === "search" && row === 2 ? 90 : 0;
}

const normal = telemetry(60, () => 0);
const target = { node: "site", metric: "latency", worse: "higher" } as const;

describe("rankRootCauses", () => {
  test.each(["search", "pay", "ads", "index", "gateway", "lambda", "table"])("finds a slow %s first", (culprit) => {
    const incident = telemetry(5, (row, node) => (node === culprit && (row === 2 || row === 3) ? 60 : 0));
    const ranked = rankRootCauses({ graph, normal, incident, target, load: "requests" });
    expect(ranked[0]!.node).toBe(culprit);
    expect(ranked[0]!.path).toEqual(graph.path(culprit, "site"));
    expect(ranked[0]!.deviation).toBeGreaterThan(3);
    expect(ranked.map(({ node }) => node)).not.toContain("site");
    // It calls search, but nothing that the site waits for waits for it.
    expect(ranked.map(({ node }) => node)).not.toContain("client");
    expect(rankRootCauses({ graph, normal, incident, target, load: "requests" })).toEqual(ranked);
  });

  test("a metric where low is bad, its side inferred from the incident", () => {
    const calls = CausalGraph.fromCalls([
      { caller: "site", callee: "search" },
      { caller: "site", callee: "pay" },
    ]);
    const before = new MetricTable(10);
    for (const node of calls.nodes()) before.set(node, "availability", new Float64Array(10).fill(100));
    const during = new MetricTable(3)
      .set("site", "availability", [100, 97, 100])
      .set("search", "availability", [100, 100, 100])
      .set("pay", "availability", [100, 90, 100]);
    const ranked = rankRootCauses({
      graph: calls, normal: before, incident: during, target: { node: "site", metric: "availability" },
    });
    expect(ranked.map(({ node, score }) => [node, score > 0])).toEqual([["pay", true], ["search", false]]);
  });

  test("load decides between a busy service and a view of it that few requests pass", () => {
    const calls = CausalGraph.fromCalls([
      { caller: "site", callee: "search" },
      { caller: "site", callee: "balancer" },
    ]);
    const question = {
      graph: calls,
      normal: measured([6, 6, 7, 6, 5], [14, 15, 14, 13, 14], [90, 91, 90, 89, 90]),
      incident: measured([6, 16, 6], [14, 54, 14], [90, 110, 90]),
      target,
    };
    expect(rankRootCauses({ ...question, load: "requests" })[0]!.node).toBe("search");
    expect(rankRootCauses(question)[0]!.node).toBe("balancer");
  });

  test("trouble out of step with the target's is no cause of it", () => {
    const site = telemetry(5, (row) => (row === 2 ? 90 : 0)).get("site", "latency")!;
    const incident = telemetry(5, outOfStep).set("site", "latency", site);
    const ranked = rankRootCauses({ graph, normal, incident, target, load: "requests" });
    expect(ranked[0]!.node).toBe("search");
    const ads = ranked.find(({ node }) => node === "ads")!;
    expect(ads.ownExcess).toBeGreaterThan(ranked[0]!.ownExcess);
    expect(ads.correlation).toBeLessThan(0.9);
  });

  test("missing values, nodes without a baseline and nodes never measured do not disturb it", () => {
    const incident = telemetry(5, (row, node) => (node === "pay" && row >= 2 ? 60 : 0));
    incident.set("search", "latency", new Float64Array(5).fill(Number.NaN));
    incident.set("ads", "requests", new Float64Array(5).fill(Number.NaN));
    const holes = telemetry(60, () => 0).set("index", "latency", new Float64Array(60).fill(Number.NaN));
    const wider = CausalGraph.fromCalls([
      ...CALLS.map(([caller, callee]) => ({ caller, callee })),
      { caller: "site", callee: "silent" },
    ]);
    const ranked = rankRootCauses({ graph: wider, normal: holes, incident, target, load: "requests" });
    expect(ranked[0]!.node).toBe("pay");
    expect(ranked.map(({ node }) => node)).not.toContain("index");
    expect(ranked.map(({ node }) => node)).not.toContain("silent");
    for (const { score, excess, ownExcess } of ranked) {
      expect([score, excess, ownExcess].every((value) => Number.isFinite(value))).toBe(true);
    }
  });

  test("refuses a target that it cannot judge", () => {
    const question = { graph, normal, incident: normal };
    const nobody = { node: "nobody", metric: "latency" };
    const humidity = { node: "site", metric: "humidity" };
    expect(() => rankRootCauses({ ...question, target: nobody })).toThrow(UnknownNodeError);
    expect(() => rankRootCauses({ ...question, target: humidity })).toThrow(InvalidTableError);
    expect(() => rankRootCauses({ ...question, target, normal: new MetricTable(0) })).toThrow(InvalidTableError);
    expect(() => rankRootCauses({ ...question, target, incident: new MetricTable(0) })).toThrow(InvalidTableError);
  });
});

describe("MetricTable", () => {
  test("samples in any order, with gaps", () => {
    const table = MetricTable.fromSamples([
      { node: "b", metric: "m", timeMs: 3, value: 30 },
      { node: "a", metric: "m", timeMs: 1, value: 1 },
      { node: "a", metric: "m", timeMs: 1, value: 2 },
    ]);
    expect([table.rows, table.nodes()]).toEqual([2, ["b", "a"]]);
    expect(table.get("a", "m")).toEqual(Float64Array.of(2, Number.NaN));
    expect(table.get("a", "other")).toBeUndefined();
  });

  test("refuses a column of another length and times that are none", () => {
    expect(() => new MetricTable(2).set("a", "m", [1])).toThrow(InvalidTableError);
    expect(() => new MetricTable(-1)).toThrow(InvalidTableError);
    expect(() => MetricTable.fromSamples([{ node: "a", metric: "m", timeMs: Number.NaN, value: 1 }])).toThrow(
      InvalidTableError,
    );
  });
});
