/**
 * `void import`, `void why`, `void place`: telemetry into the cluster, and what follows from it.
 */
import type { Command } from "commander";
import { type Need, ensure } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { PlacementError, UsageError } from "../../errors.ts";
import { PLACEMENT_KEY, place } from "../../telemetry/place-workload.ts";
import { type Dataset, readDataset } from "../../telemetry/dataset.ts";
import { CONCURRENCY, workloadOf } from "../../telemetry/demand.ts";
import { DatasetImport } from "../../telemetry/import.ts";
import { readBack } from "../../telemetry/read-back.ts";
import { rootCausesOf } from "../../telemetry/root-causes.ts";
import type { ClusterFile } from "../cluster-file.ts";
import { columns } from "../columns.ts";
import { type ClusterOptions, clusterCommand } from "../command.ts";
import { Console, withProgress } from "../console.ts";
import { nodeStatuses } from "./status.ts";

interface DatasetOptions extends ClusterOptions {
  readonly dataset: string;
  readonly metric?: string;
  readonly top: string;
}

type Needs = Need<"void.store"> | Need<"void.console">;

const DEFAULT_DATASET = "petshop";
const CAUSES_SHOWN = "5";

/** `void import FOLDER`. */
export function importCommand(): Command {
  return clusterCommand("import", "send every measurement of a dataset through consensus; resumable", (_, [folder = ""]) => runImport(readDataset(folder))).argument(
    "<folder>",
    "graph.csv, noissue/metrics.csv, incident/metrics.csv, incident/target.json",
  );
}

/** Imports a dataset with a progress bar; also when it is cancelled, or fails, it says how far it came. */
export function* runImport(dataset: Dataset): Generator<Needs | Need<"void.clock">, void> {
  const importing = new DatasetImport(dataset);
  const began = yield* Clock.monotonic();
  yield* ensure(
    () => withProgress("import", (onProgress) => importing.write(onProgress)),
    function* report() {
      const seconds = ((yield* Clock.monotonic()) - began) / 1_000;
      const { report } = importing;
      const { written, before, measurements, emptyCells } = report;
      yield* Console.print({ ...report, seconds }, [
        `${report.dataset}: ${measurements} measurements through consensus (${written} written now in ${seconds.toFixed(1)} s, ${before} there before), ${emptyCells} empty cells skipped`,
        ...(report.stopped ? [`stopped, ${measurements - written - before} to go; run the same command again to go on`] : []),
      ]);
    },
  );
}

/** `void why SERVICE`. */
export function whyCommand(): Command {
  return clusterCommand<DatasetOptions>("why", "rank the root causes of what a service suffers from", (_, [service = ""], options) => runWhy(service, options))
    .argument("<service>", "the service that suffers")
    .option("--dataset <name>", "dataset that was imported", DEFAULT_DATASET)
    .option("--metric <name>", "metric that shows it (default: the incident's)")
    .option("--top <count>", "how many causes to print", CAUSES_SHOWN);
}

/** Reads the telemetry back and prints the ranking, with the true cause beside it where the dataset names one. */
export function* runWhy(service: string, options: Pick<DatasetOptions, "dataset" | "metric" | "top">): Generator<Needs, void> {
  const top = Number(options.top);
  if (!Number.isSafeInteger(top) || top < 1) throw new UsageError(`expected --top to be a count of causes such as 5, got ${options.top}`);
  const dataset = yield* withProgress("read", (onProgress) => readBack(options.dataset, onProgress));
  const { symptom } = dataset;
  const metric = options.metric ?? symptom.metric;
  const causes = rootCausesOf(dataset, { service, metric });
  const shown = causes.slice(0, top).map(({ node, score, correlation, path }, index) => ({
    rank: index + 1,
    service: node,
    score,
    correlation,
    path,
  }));
  const trueRank = causes.findIndex(({ node }) => node === symptom.trueCause) + 1;
  const known = symptom.trueCause !== undefined && symptom.service === service && symptom.metric === metric;
  yield* Console.print(
    { service, metric, causes: shown, ...(known ? { trueCause: symptom.trueCause, trueCauseRank: trueRank || null } : {}) },
    [
      `why ${metric} of ${service}:`,
      ...columns([
        ["  rank", "score", "service", "way"],
        ...shown.map((cause) => [`  ${cause.rank}`, cause.score.toFixed(3), cause.service, cause.path.join(" → ")]),
      ]),
      ...(known ? [`true cause: ${symptom.trueCause}, ranked ${trueRank || "nowhere"}`] : []),
    ],
  );
}

/** `void place`. */
export function placeCommand(): Command {
  return clusterCommand<DatasetOptions>("place", "place the services on the nodes and commit the placement", (cluster, _, { dataset }) =>
    runPlace(cluster, dataset),
  ).option("--dataset <name>", "dataset that was imported", DEFAULT_DATASET);
}

/** Places the services of a dataset on the nodes that answer. */
export function* runPlace(cluster: ClusterFile, dataset: string): Generator<Needs | Need<"void.clock"> | Need<"void.http">, void> {
  const workload = workloadOf(yield* withProgress("read", (onProgress) => readBack(dataset, onProgress)));
  const nodes = (yield* nodeStatuses(cluster)).flatMap((status) => (status?.capacity ? [{ id: status.nodeId, capacity: status.capacity }] : []));
  if (nodes.length === 0) throw new PlacementError("expected at least one node that answers with its capacity; see void status");
  const { placement, energy } = yield* place(workload, nodes);
  const rows = nodes.map(({ id, capacity }) => {
    const tasks = workload.tasks.filter((task) => placement[task.id] === id);
    const load = tasks.reduce((sum, task) => sum + (task.demand[CONCURRENCY] ?? 0), 0);
    return [`  ${id}`, `${load.toFixed(3)} of ${capacity[CONCURRENCY] ?? 0}`, `${tasks.length}`];
  });
  yield* Console.print({ placement, energy }, [
    `placed ${workload.tasks.length} services on ${nodes.length} nodes (energy ${energy.total.toFixed(4)}), committed as ${PLACEMENT_KEY}`,
    ...columns([["  node", CONCURRENCY, "services"], ...rows]),
  ]);
}
