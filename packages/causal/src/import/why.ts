import { readNames } from "../arguments.ts";
import { CallGraph } from "../call-graph.ts";
import { diagnose, type DiagnosisQuestion } from "../diagnosis/diagnose.ts";
import type { Diagnosis } from "../diagnosis/diagnosis.ts";
import { InvalidQueryError, quote } from "../errors.ts";
import type { ServiceCall } from "../graph.ts";
import { type MetricSample, MetricTable } from "../metric-table.ts";
import { timeText } from "../pictures/markup.ts";
import { readCallRows } from "./call-rows.ts";
import { timeIn } from "./cell.ts";
import { readCsv } from "./csv.ts";
import { readHeaderRows, tableOfSeries } from "./header-rows.ts";
import { at, parseJson } from "./json.ts";
import { COLUMNS, readLongRows } from "./long-rows.ts";
import { readPrometheus, readServiceGraph } from "./prometheus.ts";
import { readSpans } from "./spans.ts";

/** Telemetry as text, and a question about it. */
export interface WhyQuestion extends Pick<DiagnosisQuestion, "load" | "falseAlarmRate" | "seed"> {
  /** Contents of files: CSV (long, or with header rows), Prometheus `query_range` JSON, or OTLP/JSON spans. */
  readonly metrics: readonly string[];
  /** CSV (pairs, or an adjacency matrix) or service-graph metrics; not needed where spans tell it. */
  readonly graph?: string;
  /** `NODE:METRIC`; the last colon divides. */
  readonly target: string;
  /** The bad side of the metric. */
  readonly worse?: "higher" | "lower";
  /**
   * `FROM..TO`, both as seconds since 1970 or ISO 8601; the incident is all after it, or all before it if nothing is after it.
   * @defaultValue the first nine tenths
   */
  readonly normal?: string;
}

/** Diagnosis of {@link why}, and the tables that it read. */
export interface WhyAnswer {
  /** The diagnosis. */
  readonly diagnosis: Diagnosis;
  /** Table of the normal period. */
  readonly normal: MetricTable;
  /** Table of the incident. */
  readonly incident: MetricTable;
}

const NORMAL_PART = 0.9;

/**
 * Reads telemetry as it comes, and diagnoses it: what `npx @void-system/causal why` does.
 *
 * @throws {@link ImportError} for text that cannot be read, {@link MissingPeerError} for CSV without csv-parse, and what
 * {@link diagnose} throws.
 */
export async function why({ metrics, graph, target, worse, normal, ...question }: WhyQuestion): Promise<WhyAnswer> {
  const optional = [graph, normal].filter((text) => text !== undefined);
  for (const text of [...readNames("metrics", metrics), target, ...optional]) {
    if (typeof text !== "string") throw new InvalidQueryError(`expected metrics, graph, target and normal as text, got ${quote(text)}`);
  }
  const read = await Promise.all(metrics.map(readMetrics));
  const calls = graph === undefined ? read.flatMap(({ calls }) => calls) : await readCalls(graph);
  const all = MetricTable.fromSamples(read.flatMap(({ samples }) => samples));
  const [first, last] = rangeOf(all, normal);
  const colon = target.lastIndexOf(":");
  if (colon < 1 || colon === target.length - 1) throw new InvalidQueryError(`expected the target as NODE:METRIC, got ${quote(target)}`);
  const tables = { normal: cut(all, first, last), incident: last < all.rows ? cut(all, last, all.rows) : cut(all, 0, first) };
  const asked = { node: target.slice(0, colon), metric: target.slice(colon + 1), ...(worse ? { worse } : {}) };
  return { ...tables, diagnosis: diagnose({ ...question, ...tables, graph: new CallGraph(calls, all.nodes()), target: asked }) };
}

async function readMetrics(text: string): Promise<{ readonly samples: readonly MetricSample[]; readonly calls: readonly ServiceCall[] }> {
  if (isJson(text)) {
    const json = parseJson(text);
    return at(json, "resourceSpans") === undefined ? { samples: readPrometheus(json), calls: [] } : readSpans(json);
  }
  const rows = await readCsv(text);
  // One name may be missing or misspelt, which the reader of long rows says; header rows begin with one of them at most.
  if (COLUMNS.filter((name) => rows[0]?.includes(name)).length > 1) return { samples: readLongRows(rows), calls: [] };
  return { samples: samplesOf(tableOfSeries(readHeaderRows(rows))), calls: [] };
}

async function readCalls(text: string): Promise<readonly ServiceCall[]> {
  return isJson(text) ? readServiceGraph(parseJson(text)) : readCallRows(await readCsv(text));
}

function isJson(text: string): boolean {
  return /^\s*[{[]/.test(text);
}

function samplesOf(table: MetricTable): readonly MetricSample[] {
  return table.nodes().flatMap((node) =>
    table.metrics(node).flatMap((metric) =>
      [...(table.get(node, metric) ?? [])].map((value, row) => ({ node, metric, timeMs: table.timesMs?.[row] ?? row, value })),
    ),
  );
}

/** First row of the normal period, and the row after its last one. */
function rangeOf({ rows, timesMs }: MetricTable, range: string | undefined): readonly [number, number] {
  if (range === undefined) return [0, Math.floor(rows * NORMAL_PART)];
  const [from, to, ...rest] = range.split("..");
  if (!from || !to || rest.length > 0) throw new InvalidQueryError(`expected the normal period as FROM..TO, got ${quote(range)}`);
  const [fromMs, toMs] = [timeIn(from), timeIn(to)];
  const inside = [...(timesMs ?? [])].flatMap((timeMs, row) => (timeMs >= fromMs && timeMs <= toMs ? [row] : []));
  if (inside.length === 0 || inside.length === rows) {
    const [first, last] = [timeText(timesMs?.[0], 0), timeText(timesMs?.[rows - 1], rows - 1)];
    throw new InvalidQueryError(`expected some rows in the normal period and some outside, got ${inside.length} of ${rows} in ${quote(range)}; the rows are from ${first} to ${last}`);
  }
  return [inside[0] ?? 0, (inside.at(-1) ?? -1) + 1];
}

function cut(table: MetricTable, from: number, to: number): MetricTable {
  const part = new MetricTable(table.timesMs?.slice(from, to) ?? to - from);
  for (const node of table.nodes()) {
    for (const metric of table.metrics(node)) part.set(node, metric, table.get(node, metric)?.slice(from, to) ?? []);
  }
  return part;
}
