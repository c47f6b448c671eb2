import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { ImportError, readCallRows, readCsv, readHeaderRows, readLongRows, readPrometheus, readServiceGraph, readSpans, tableOfSeries, why } from "../../src/import/index.ts";
import { MetricTable } from "../../src/index.ts";

const petshop = (name: string): string => readFileSync(new URL(`../../../../examples/petshop/${name}`, import.meta.url), "utf8");

describe("CSV", () => {
  test("long rows, in any order of columns, after a byte order mark; empty values and NaN are missing", async () => {
    const rows = await readCsv("\uFEFFnode,time,value,metric\nweb,1700000000,0.5,latency\nweb,2023-11-14T22:14:20Z,,latency\nweb,1700000120, nan,latency\n");
    expect(readLongRows(rows)).toEqual([{ node: "web", metric: "latency", timeMs: 1_700_000_000_000, value: 0.5 }]);
  });

  test("header rows, with and without the row that names the index", async () => {
    const head = "microservice,api,api\nmetric,latency,latency\nstatistic,Average,p95\n";
    for (const index of ["", "unix_timestamp,,\n"]) {
      const read = readHeaderRows(await readCsv(`${head}${index}10,1,2\n20,,4\n`));
      expect(read).toMatchObject({ timesMs: [10_000, 20_000], rows: [[1, 2], [undefined, 4]] });
      const table = tableOfSeries(read);
      expect([...table.get("api", "latency")!, ...table.timesMs!]).toEqual([1, Number.NaN, 10_000, 20_000]);
    }
  });

  test("calls as pairs and as a matrix", async () => {
    expect(readCallRows(await readCsv("caller,callee\nweb,db\n"))).toEqual([{ caller: "web", callee: "db" }]);
    expect(readCallRows(await readCsv(",web,db\nweb,0,1\ndb,0,0\n"))).toEqual([{ caller: "web", callee: "db" }]);
  });
});

describe("Prometheus", () => {
  const answer = (metric: object, values: unknown): unknown => ({ status: "success", data: { resultType: "matrix", result: [{ metric, values }] } });

  test("series of query_range; NaN is missing", () => {
    expect(readPrometheus(answer({ __name__: "latency", job: "api" }, [[10.5, "0.25"], [20.5, "NaN"]]))).toEqual([
      { node: "api", metric: "latency", timeMs: 10_500, value: 0.25 },
      { node: "api", metric: "latency", timeMs: 20_500, value: Number.NaN },
    ]);
    expect(readPrometheus(answer({ pod: "p1" }, [[1, "2"]]), { node: "pod", metric: "cpu" })).toMatchObject([{ node: "p1", metric: "cpu" }]);
  });

  test("calls of the service graph", () => {
    const json = answer({ __name__: "traces_service_graph_request_total", client: "web", server: "db" }, [[1, "5"]]);
    expect(readServiceGraph(json)).toEqual([{ caller: "web", callee: "db" }]);
  });

  test.each<[string, () => unknown]>([
    ["a failure", () => readPrometheus({ status: "error" })],
    ["a vector", () => readPrometheus({ status: "success", data: { resultType: "vector", result: [] } })],
    ["a series without a node", () => readPrometheus(answer({ __name__: "x" }, []))],
    ["values that are numbers", () => readPrometheus(answer({ __name__: "x", job: "a" }, [[1, 2]]))],
    ["words as values", () => readPrometheus(answer({ __name__: "x", job: "a" }, [[1, "many"]]))],
    ["no calls", () => readServiceGraph(answer({ __name__: "x" }, []))],
    ["null", () => readPrometheus(null)],
  ])("refuses %s", (_, read) => {
    expect(read).toThrow(ImportError);
  });
});

describe("spans of OTLP/JSON", () => {
  const span = (spanId: string, parentSpanId: string, kind: number, beganMs: number, endedMs: number, code = 0): object => ({
    traceId: "t", spanId, parentSpanId, kind, startTimeUnixNano: `${beganMs}000000`, endTimeUnixNano: `${endedMs}000000`, status: { code },
  });
  const resource = (service: string, ...spans: readonly object[]): object => ({
    resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] }, scopeSpans: [{ spans }],
  });

  test("calls between services, and latency, availability and requests a minute", () => {
    const found = readSpans({ resourceSpans: [
      resource("web", span("1", "", 2, 0, 100), span("2", "1", 3, 10, 60), span("4", "", 2, 30_000, 30_300, 2)),
      resource("db", span("3", "2", 2, 20, 50)),
    ] });
    expect(found.calls).toEqual([{ caller: "web", callee: "db" }]);
    expect(MetricTable.fromSamples(found.samples).get("web", "latency")![0]).toBe(200);
    expect(found.samples).toContainEqual({ node: "web", timeMs: 0, metric: "availability", value: 0.5 });
    expect(found.samples).toContainEqual({ node: "db", timeMs: 0, metric: "requests", value: 1 });
  });

  test("refuses no spans, no name and no times", () => {
    expect(() => readSpans({})).toThrow(ImportError);
    expect(() => readSpans({ resourceSpans: [{ scopeSpans: [{ spans: [{}] }] }] })).toThrow(/service.name/);
    expect(() => readSpans({ resourceSpans: [resource("web", { traceId: "t", spanId: "1", kind: 2 })] })).toThrow(/startTimeUnixNano/);
  });
});

describe("why", () => {
  const question = { metrics: [petshop("noissue/metrics.csv"), petshop("incident/metrics.csv")], graph: petshop("graph.csv"), load: "requests" };
  const { target, root_cause: truth } = JSON.parse(petshop("incident/target.json"));
  const normal = (): string => {
    const times = petshop("noissue/metrics.csv").trim().split(/\r?\n/).slice(4).map((row) => row.split(",")[0]!);
    return `${times[0]}..${times.at(-1)}`;
  };

  test("finds the cause of PetShop's incident from its files", async () => {
    const { diagnosis } = await why({ ...question, target: `${target.node}:${target.metric}`, normal: normal() });
    expect([diagnosis.verdict, diagnosis.candidates[0]!.node]).toEqual(["cause", truth.node]);
  });

  const long = `time,node,metric,value\n${Array.from({ length: 30 }, (_, row) => `${row},web,latency,${row % 7}`).join("\n")}\n`;
  const small = { metrics: [long], graph: "caller,callee\nweb,db\n", falseAlarmRate: 0.1 };

  test.each<[string, object, string]>([
    ["a target without a metric", { target: "web" }, "ERR_INVALID_QUERY"],
    ["a range that is none", { target: "web:latency", normal: "yesterday" }, "ERR_INVALID_QUERY"],
    ["a range of words", { target: "web:latency", normal: "a..b" }, "ERR_IMPORT"],
    ["a range without rows", { target: "web:latency", normal: "900..999" }, "ERR_INVALID_QUERY"],
    ["a range of all rows", { target: "web:latency", normal: "0..999" }, "ERR_INVALID_QUERY"],
    ["a service that is not there", { target: "nobody:latency" }, "ERR_UNKNOWN_NODE"],
    ["an option that is not there", { target: "web:latency", speed: 1 }, "ERR_UNKNOWN_OPTION"],
    ["text that is no CSV", { target: "web:latency", metrics: ['a,"b\n'] }, "ERR_IMPORT"],
    ["text that is no JSON", { target: "web:latency", metrics: ["{"] }, "ERR_IMPORT"],
    ["no text", { target: "web:latency", metrics: [] }, "ERR_INVALID_TABLE"],
  ])("refuses %s", async (_, wrong, code) => {
    await expect(why({ ...small, target: "web:latency", ...wrong })).rejects.toMatchObject({ code });
  });

  test("says which column is missing, and from when to when the rows are", async () => {
    await expect(why({ ...small, target: "web:latency", metrics: [long.replace("time", "timestamp")] })).rejects.toThrow("time, node, metric, value");
    await expect(why({ ...small, target: "web:latency", normal: "900..999" })).rejects.toThrow("from 1970-01-01T00:00:00.000Z to 1970-01-01T00:00:29.000Z");
  });
});
