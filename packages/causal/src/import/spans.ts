import { InvalidQueryError, quote } from "../errors.ts";
import type { ServiceCall } from "../graph.ts";
import type { MetricSample } from "../metric-table.ts";
import { ImportError } from "./import-error.ts";
import { at, listAt, textAt } from "./json.ts";

/** Contents of spans: the calls, and latency in milliseconds, availability 0..1 and requests of each service. */
export interface SpanTelemetry {
  /** Calls between services. */
  readonly calls: readonly ServiceCall[];
  /** Measurements. */
  readonly samples: readonly MetricSample[];
}

/** Span kinds of requests that a service answers: SERVER and CONSUMER. */
const ANSWERING_KINDS: ReadonlySet<unknown> = new Set([2, 5, "SPAN_KIND_SERVER", "SPAN_KIND_CONSUMER"]);
const STATUS_ERRORS: ReadonlySet<unknown> = new Set([2, "STATUS_CODE_ERROR"]);

/**
 * Reads traces of OTLP/JSON (`resourceSpans`), parsed. A service calls another where a span's parent belongs to it. The
 * spans that answer a request are counted by the interval in which they began.
 *
 * @param intervalMs - length of a row of the table that the samples make; a minute if left out.
 * @throws {@link ImportError} if there are no spans, or a span has no times.
 */
export function readSpans(json: unknown, intervalMs: number = 60_000): SpanTelemetry {
  if (typeof intervalMs !== "number" || !(intervalMs > 0 && intervalMs < Number.POSITIVE_INFINITY)) {
    throw new InvalidQueryError(`expected intervalMs as milliseconds above 0, got ${quote(intervalMs)}`);
  }
  const spans = listAt(json, "resourceSpans").flatMap((resource) => {
    const service = serviceOf(listAt(resource, "resource", "attributes"));
    return listAt(resource, "scopeSpans").flatMap((scope) => listAt(scope, "spans").map((span) => ({ service, span })));
  });
  if (spans.length === 0) throw new ImportError("OTLP/JSON with resourceSpans, and spans in them");
  const serviceById = new Map(spans.map(({ service, span }) => [idOf(span, "spanId"), service]));
  const calls = new Map<string, ServiceCall>();
  const sums = new Map<string, { readonly node: string; readonly timeMs: number; requests: number; failures: number; ms: number }>();
  for (const { service, span } of spans) {
    const caller = serviceById.get(idOf(span, "parentSpanId"));
    if (caller !== undefined && caller !== service) calls.set(JSON.stringify([caller, service]), { caller, callee: service });
    if (!ANSWERING_KINDS.has(at(span, "kind"))) continue;
    const [beganMs, endedMs] = [timeAt(span, "startTimeUnixNano"), timeAt(span, "endTimeUnixNano")];
    const timeMs = Math.floor(beganMs / intervalMs) * intervalMs;
    const key = JSON.stringify([service, timeMs]);
    const sum = sums.get(key) ?? { node: service, timeMs, requests: 0, failures: 0, ms: 0 };
    sum.requests++;
    sum.failures += Number(STATUS_ERRORS.has(at(span, "status", "code")));
    sum.ms += endedMs - beganMs;
    sums.set(key, sum);
  }
  const samples = [...sums.values()].flatMap(({ node, timeMs, requests, failures, ms }) => [
    { node, timeMs, metric: "latency", value: ms / requests },
    { node, timeMs, metric: "availability", value: 1 - failures / requests },
    { node, timeMs, metric: "requests", value: requests },
  ]);
  return { calls: [...calls.values()], samples };
}

function serviceOf(attributes: readonly unknown[]): string {
  const named = attributes.find((attribute) => at(attribute, "key") === "service.name");
  const name = textAt(named, "value", "stringValue");
  if (!name) throw new ImportError("the attribute service.name in each resource");
  return name;
}

function idOf(span: unknown, which: "spanId" | "parentSpanId"): string {
  return `${textAt(span, "traceId") ?? ""}/${textAt(span, which) || which}`;
}

/** Nanoseconds since 1970, a number or its text, as milliseconds. */
function timeAt(span: unknown, name: string): number {
  const nanoseconds = at(span, name);
  const timeMs = (typeof nanoseconds === "string" && nanoseconds !== "") || typeof nanoseconds === "number" ? Number(nanoseconds) / 1e6 : Number.NaN;
  if (!Number.isFinite(timeMs)) throw new ImportError(`${name} of each span in nanoseconds, got ${quote(nanoseconds)}`);
  return timeMs;
}
