/**
 * What services ask of the nodes they would run on, by their own telemetry.
 */
import type { Link, Task } from "@void-system/ising-scheduler";
import type { Series } from "@void-system/causal/import";
import type { Dataset } from "./dataset.ts";

/** The resource that a service needs and a node has: requests being worked on at the same time. */
export const CONCURRENCY = "concurrency";

/** Services as tasks, and calls between them as links. */
export interface Workload {
  /** Each service, with its demand. */
  readonly tasks: readonly Task[];
  /** Calls between services, each weighing its requests per second. */
  readonly links: readonly Link[];
}

/**
 * A service's demand is its requests per second times their latency in seconds: by Little's law (L = λW, 1961) the
 * number of requests that it works on at a time. A call weighs as much as the callee has requests per second, shared
 * among its callers, so that talkative services are placed together.
 */
export function workloadOf(dataset: Dataset): Workload {
  const { normal } = dataset.periods;
  const intervalSeconds = medianGap(normal.timesSeconds);
  const mean = (service: string, metric: string, statistic: string): number => {
    const column = normal.series.findIndex((one: Series) => one.service === service && one.metric === metric && one.statistic === statistic);
    const values = normal.rows.flatMap((row) => row[column] ?? []);
    return values.length === 0 ? 0 : values.reduce((sum, value) => sum + value, 0) / values.length;
  };
  const services = [...new Set(normal.series.map(({ service }) => service))];
  const rate = new Map(services.map((service) => [service, mean(service, "requests", "Sum") / intervalSeconds]));
  const callers = new Map<string, number>();
  for (const { callee } of dataset.calls) callers.set(callee, (callers.get(callee) ?? 0) + 1);
  const demand = (service: string): number => (rate.get(service) ?? 0) * mean(service, "latency", "Average");
  return {
    tasks: services.map((id) => ({ id, demand: { [CONCURRENCY]: demand(id) } })),
    links: dataset.calls
      .filter(({ caller, callee }) => rate.has(caller) && rate.has(callee) && caller !== callee)
      .map(({ caller, callee }) => ({ a: caller, b: callee, weight: (rate.get(callee) ?? 0) / (callers.get(callee) ?? 1) })),
  };
}

/** Seconds between two rows; one row alone stands for five minutes. */
function medianGap(times: readonly number[]): number {
  const gaps = times.slice(1).map((time, index) => time - (times[index] ?? time));
  return gaps.sort((a, b) => a - b)[Math.floor(gaps.length / 2)] ?? 300;
}
