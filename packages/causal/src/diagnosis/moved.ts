import type { MetricTable } from "../metric-table.ts";
import { baseline } from "../statistics.ts";
import { BASELINE_VALUES_MIN } from "./evidence.ts";
import type { MovedMetric } from "./diagnosis.ts";
import { scan, usualLargest, WindowScan } from "./scan.ts";

/** Windows of the normal period that a metric is compared with; a longer period is sampled evenly. */
const WINDOWS_MAX = 500;

/** The metrics of a node that left their normal range in the incident, the furthest first. */
export function movedMetrics(normal: MetricTable, incident: MetricTable, node: string): readonly MovedMetric[] {
  const moved: MovedMetric[] = [];
  for (const metric of incident.metrics(node)) {
    const [before, now] = [normal.get(node, metric), incident.get(node, metric)];
    const base = before && baseline(before, BASELINE_VALUES_MIN);
    if (!base || !now) continue;
    const windowScan = new WindowScan(before.length, now.length, Math.ceil((before.length - now.length + 1) / WINDOWS_MAX));
    for (const [direction, sign] of [["up", 1], ["down", -1]] as const) {
      const deviation = (series: Float64Array): Float64Array => series.map((value) => (Number.isFinite(value) ? sign * (value - base.centre) : Number.NaN));
      const { height, fromRow } = scan(deviation(now));
      const ratio = height / usualLargest(windowScan.of(deviation(before)), base.spread);
      if (ratio > 1) moved.push({ metric, direction, ratio, sinceRow: fromRow, sinceMs: incident.timesMs?.[fromRow] });
    }
  }
  return moved.sort((a, b) => b.ratio - a.ratio);
}
