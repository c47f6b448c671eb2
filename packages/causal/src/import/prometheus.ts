import { readOptions } from "../arguments.ts";
import { InvalidQueryError, quote } from "../errors.ts";
import type { ServiceCall } from "../graph.ts";
import type { MetricSample } from "../metric-table.ts";
import { ImportError } from "./import-error.ts";
import { at, listAt, textAt } from "./json.ts";

/** Options by which series of Prometheus become measurements. */
export interface PrometheusOptions {
  /** The label that names the node. @defaultValue the first that is there of service, job, instance */
  readonly node?: string;
  /** The name of the metric. @defaultValue the series' own, `__name__` */
  readonly metric?: string;
}

const NODE_LABELS = ["service", "job", "instance"];

/**
 * Reads the answer of Prometheus to `query_range` (status success, result type matrix), as parsed JSON. `NaN` is a missing
 * value.
 *
 * @throws {@link ImportError} for another answer, or a series without a node or a name.
 */
export function readPrometheus(json: unknown, options: PrometheusOptions = {}): readonly MetricSample[] {
  readOptions("options", options, ["node", "metric"]);
  for (const text of [options.node, options.metric]) {
    if (text !== undefined && typeof text !== "string") throw new InvalidQueryError(`expected a label and a metric as text, got ${quote(text)}`);
  }
  return seriesIn(json).flatMap(({ labels, values }) => {
    const node = textAt(labels, options.node ?? NODE_LABELS.find((label) => textAt(labels, label)) ?? "service");
    const metric = options.metric ?? textAt(labels, "__name__");
    if (!node || typeof metric !== "string" || metric === "") throw new ImportError(`a label for the node and a name in each series, got ${quote(labels)}`);
    return values.map(([timeMs, value]) => ({ node, metric, timeMs, value }));
  });
}

/**
 * Reads who calls whom from the service graph of the OpenTelemetry collector: series of
 * `traces_service_graph_request_total` with the labels client and server, of an answer to `query` or `query_range`.
 *
 * @throws {@link ImportError} if no series has both labels.
 */
export function readServiceGraph(json: unknown): readonly ServiceCall[] {
  const calls = listAt(json, "data", "result").flatMap((series): ServiceCall[] => {
    const [caller, callee] = [textAt(series, "metric", "client"), textAt(series, "metric", "server")];
    return caller && callee ? [{ caller, callee }] : [];
  });
  if (calls.length === 0) throw new ImportError("an answer of Prometheus with series that have the labels client and server");
  return calls;
}

function seriesIn(json: unknown): readonly { readonly labels: unknown; readonly values: readonly (readonly [number, number])[] }[] {
  if (textAt(json, "status") !== "success" || textAt(json, "data", "resultType") !== "matrix") {
    throw new ImportError('the answer to query_range: status "success", resultType "matrix"');
  }
  return listAt(json, "data", "result").map((series) => ({
    labels: at(series, "metric"),
    values: listAt(series, "values").map((pair) => {
      const [seconds, text] = Array.isArray(pair) ? pair : [];
      const value = typeof text === "string" && text !== "NaN" ? Number(text) : Number.NaN;
      if (typeof seconds !== "number" || typeof text !== "string" || (Number.isNaN(value) && text !== "NaN")) {
        throw new ImportError(`pairs of seconds and a number as text, got ${quote(pair)}`);
      }
      return [seconds * 1_000, Number.isFinite(value) ? value : Number.NaN] as const;
    }),
  }));
}
