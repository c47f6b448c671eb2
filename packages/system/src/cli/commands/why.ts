/**
 * `void why`: the root causes of what a service suffers from.
 */
import type { Command } from "commander";
import type { Need } from "@void-system/effects/fibers";
import { UsageError } from "../../errors.ts";
import { readBack } from "../../telemetry/read-back.ts";
import { rootCausesOf } from "../../telemetry/root-causes.ts";
import { columns } from "../columns.ts";
import { type ClusterOptions, DATASET_OPTION, clusterCommand } from "../command.ts";
import { Console, withProgress } from "../console.ts";

interface WhyOptions extends ClusterOptions {
  readonly dataset: string;
  readonly metric?: string;
  readonly top: string;
}

const CAUSES_SHOWN = "5";

/** `void why SERVICE`. */
export function whyCommand(): Command {
  return clusterCommand<WhyOptions>("why", "rank the root causes of what a service suffers from", (_, [service = ""], options) => runWhy(service, options))
    .argument("<service>", "the service that suffers")
    .option(...DATASET_OPTION)
    .option("--metric <name>", "metric that shows it (default: the incident's)")
    .option("--top <count>", "how many causes to print", CAUSES_SHOWN);
}

/** Reads the telemetry back and prints the ranking, with the true cause beside it where the dataset names one. */
export function* runWhy(service: string, options: Pick<WhyOptions, "dataset" | "metric" | "top">): Generator<Need<"void.store"> | Need<"void.console">, void> {
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
