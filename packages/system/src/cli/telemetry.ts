/**
 * `void import`, `void why`, `void place`: telemetry into the cluster, and what follows from it.
 */
import type { Command } from "commander";
import { SingleBar } from "cli-progress";
import type { ClusterClient } from "../cluster-client.ts";
import { PlacementError } from "../errors.ts";
import { PLACEMENT_KEY, placeWorkload } from "../placement.ts";
import { type Dataset, readDataset } from "../telemetry/dataset.ts";
import { CONCURRENCY, workloadOf } from "../telemetry/demand.ts";
import { importDataset } from "../telemetry/import.ts";
import { readBack } from "../telemetry/read-back.ts";
import { rootCausesOf } from "../telemetry/root-causes.ts";
import type { ClusterFile } from "./cluster-file.ts";
import { columns } from "./columns.ts";
import { type ClusterOptions, clusterCommand } from "./command.ts";
import { interruption } from "./interruption.ts";
import { EXIT, type OutputOptions, print, tell } from "./output.ts";
import { nodeStatuses } from "./status.ts";

interface DatasetOptions extends ClusterOptions {
  readonly dataset: string;
  readonly metric?: string;
  readonly top: string;
}

const DEFAULT_DATASET = "petshop";
const CAUSES_SHOWN = "5";

/** `void import FOLDER`. */
export function importCommand(): Command {
  return clusterCommand("import", "send every measurement of a dataset through consensus; resumable", async (_, client, [folder = ""], options) => {
    await runImport(client, folder, options, interruption());
  }).argument("<folder>", "graph.csv, noissue/metrics.csv, incident/metrics.csv, incident/target.json");
}

/** Imports a folder with a progress bar; Ctrl-C stops after the batches on their way. */
export async function runImport(client: ClusterClient, folder: string, options: OutputOptions, interrupted: AbortSignal): Promise<void> {
  const dataset = await readDataset(folder);
  const { report, seconds } = await withProgress("import", async (onProgress) => {
    const began = performance.now();
    return { report: await importDataset(client, dataset, onProgress, interrupted), seconds: (performance.now() - began) / 1_000 };
  });
  const { written, measurements, emptyCells } = report;
  print(options, { ...report, seconds }, [
    `${report.dataset}: ${measurements} measurements through consensus (${written} written now in ${seconds.toFixed(1)} s, ${measurements - written} there before), ${emptyCells} empty cells skipped`,
    ...(report.stopped ? ["stopped; run the same command again to go on"] : []),
  ]);
  if (report.stopped) process.exitCode = EXIT.interrupted;
}

/** `void why SERVICE`. */
export function whyCommand(): Command {
  return clusterCommand<DatasetOptions>("why", "rank the root causes of what a service suffers from", async (_, client, [service = ""], options) => {
    await runWhy(client, service, options);
  })
    .argument("<service>", "the service that suffers")
    .option("--dataset <name>", "dataset that was imported", DEFAULT_DATASET)
    .option("--metric <name>", "metric that shows it (default: the incident's)")
    .option("--top <count>", "how many causes to print", CAUSES_SHOWN);
}

/** Reads the telemetry back and prints the ranking, with the true cause beside it where the dataset names one. */
export async function runWhy(client: ClusterClient, service: string, options: OutputOptions & Pick<DatasetOptions, "dataset" | "metric" | "top">): Promise<void> {
  const dataset = await withProgress("read", (onProgress) => readBack(client, options.dataset, onProgress));
  const { symptom } = dataset;
  const metric = options.metric ?? symptom.metric;
  const causes = rootCausesOf(dataset, { service, metric });
  const shown = causes.slice(0, Number(options.top)).map(({ node, score, correlation, path }, index) => ({
    rank: index + 1,
    service: node,
    score,
    correlation,
    path,
  }));
  const trueRank = causes.findIndex(({ node }) => node === symptom.trueCause) + 1;
  const known = symptom.trueCause !== undefined && symptom.service === service && symptom.metric === metric;
  print(
    options,
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
  return clusterCommand<DatasetOptions>("place", "place the services on the nodes and commit the placement", async (cluster, client, _, options) => {
    await runPlace(cluster, client, options);
  }).option("--dataset <name>", "dataset that was imported", DEFAULT_DATASET);
}

/** Computes a placement and commits it as one write, so that every node shows the same. */
export async function runPlace(cluster: ClusterFile, client: ClusterClient, options: OutputOptions & Pick<DatasetOptions, "dataset">): Promise<void> {
  const dataset: Dataset = await withProgress("read", (onProgress) => readBack(client, options.dataset, onProgress));
  const nodes = (await nodeStatuses(cluster)).flatMap((status) => (status?.capacity ? [{ id: status.nodeId, capacity: status.capacity }] : []));
  if (nodes.length === 0) throw new PlacementError("expected at least one node that answers with its capacity; see void status");
  const before = await client.call("GET", PLACEMENT_KEY);
  const workload = workloadOf(dataset);
  const { placement, energy } = placeWorkload(workload, nodes, before === null ? undefined : String(before));
  await client.call("SET", PLACEMENT_KEY, JSON.stringify(placement));
  const rows = nodes.map(({ id, capacity }) => {
    const tasks = workload.tasks.filter((task) => placement[task.id] === id);
    const load = tasks.reduce((sum, task) => sum + (task.demand[CONCURRENCY] ?? 0), 0);
    return [`  ${id}`, `${load.toFixed(3)} of ${capacity[CONCURRENCY] ?? 0}`, `${tasks.length}`];
  });
  print(options, { placement, energy }, [
    `placed ${workload.tasks.length} services on ${nodes.length} nodes (energy ${energy.total.toFixed(4)}), committed as ${PLACEMENT_KEY}`,
    ...columns([["  node", CONCURRENCY, "services"], ...rows]),
  ]);
}

/** A progress bar on standard error while `work` goes on; only where somebody watches. */
async function withProgress<T>(what: string, work: (onProgress: (done: number, total: number) => void) => Promise<T>): Promise<T> {
  if (!process.stderr.isTTY) {
    tell(`${what} …`);
    return work(() => undefined);
  }
  const bar = new SingleBar({ format: `${what} [{bar}] {percentage}% {value}/{total}`, stream: process.stderr, hideCursor: true });
  let began = false;
  try {
    return await work((done, total) => {
      if (!began) bar.start(total, done);
      began = true;
      bar.update(done);
    });
  } finally {
    bar.stop();
  }
}
