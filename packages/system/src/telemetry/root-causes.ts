/**
 * The question of `void why`: which service is behind what one of them suffers from?
 */
import { CausalGraph, MetricTable, type RankedCause, rankRootCauses } from "@void-system/causal";
import { DatasetError } from "../errors.ts";
import type { Dataset, Period, Symptom } from "./dataset.ts";

/** The statistic of each metric that the ranking looks at. */
const STATISTICS: Readonly<Record<string, string>> = { latency: "Average", availability: "Average", requests: "Sum" };
/** The metric that tells how busy a service is. */
const LOAD = "requests";

/**
 * The likely causes of a symptom, most likely first.
 *
 * @throws {@link DatasetError} when the dataset knows nothing of the service.
 */
export function rootCausesOf(dataset: Dataset, symptom: Pick<Symptom, "service" | "metric"> = dataset.symptom): readonly RankedCause[] {
  const graph = CausalGraph.fromCalls(dataset.calls);
  const known = new Set(dataset.calls.flatMap(({ caller, callee }) => [caller, callee]));
  if (!known.has(symptom.service)) throw new DatasetError(dataset.name, `a service of its call graph, got ${JSON.stringify(symptom.service)}`);
  return rankRootCauses({
    graph,
    normal: tableOf(dataset.periods.normal),
    incident: tableOf(dataset.periods.incident),
    target: { node: symptom.service, metric: symptom.metric },
    load: LOAD,
  });
}

/** The columns of one period that the ranking looks at. */
function tableOf(period: Period): MetricTable {
  const table = new MetricTable(period.timesSeconds.length);
  for (const [column, { service, metric, statistic }] of period.series.entries()) {
    if (STATISTICS[metric] !== statistic) continue;
    table.set(service, metric, period.rows.map((row) => row[column] ?? Number.NaN));
  }
  return table;
}
