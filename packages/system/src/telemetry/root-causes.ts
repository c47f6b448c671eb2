/**
 * The question of `void why`: which service is behind what one of them suffers from, if any?
 */
import { CallGraph, type Diagnosis, type MetricTable, diagnose } from "@void-system/causal";
import { tableOfSeries } from "@void-system/causal/import";
import { DatasetError } from "../errors.ts";
import type { Dataset, Period, Symptom } from "./dataset.ts";

/** The metric that tells how busy a service is. */
const LOAD = "requests";
/** The bad side of the metrics that have one. */
const WORSE: Readonly<Record<string, "higher" | "lower">> = { latency: "higher", availability: "lower" };
/** False-alarm rate of the verdict; a short normal period has only a higher one. */
const FALSE_ALARM_RATE = 0.01;

/**
 * The diagnosis of a symptom: a verdict, and the suspects, most likely first.
 *
 * @throws {@link DatasetError} when the dataset knows nothing of the service, or its normal period is no longer than the incident.
 */
export function diagnosisOf(dataset: Dataset, symptom: Pick<Symptom, "service" | "metric"> = dataset.symptom): Diagnosis {
  const graph = new CallGraph(dataset.calls);
  if (!graph.has(symptom.service)) throw new DatasetError(dataset.name, `a service of its call graph, got ${JSON.stringify(symptom.service)}`);
  const [normal, incident] = [tableOf(dataset.periods.normal), tableOf(dataset.periods.incident)];
  const windows = normal.rows - incident.rows + 1;
  if (windows < 2) throw new DatasetError(dataset.name, "a normal period longer than the incident");
  const worse = WORSE[symptom.metric];
  return diagnose({
    graph,
    normal,
    incident,
    target: { node: symptom.service, metric: symptom.metric, ...(worse ? { worse } : {}) },
    load: LOAD,
    falseAlarmRate: Math.max(FALSE_ALARM_RATE, 1 / windows),
  });
}

function tableOf({ series, timesSeconds, rows }: Period): MetricTable {
  return tableOfSeries({ series, timesMs: timesSeconds.map((time) => time * 1_000), rows });
}
