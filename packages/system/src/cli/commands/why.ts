/**
 * `void why`: the root causes of what a service suffers from.
 */
import type { Command } from "commander";
import type { Share } from "@void-system/causal";
import type { Need } from "@void-system/effects/fibers";
import { UsageError } from "../../errors.ts";
import { readBack } from "../../telemetry/read-back.ts";
import { diagnosisOf } from "../../telemetry/root-causes.ts";
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
  return clusterCommand<WhyOptions>("why", "name the root cause of what a service suffers from, or say that none can be named", (_, [service = ""], options) => runWhy(service, options))
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
  const { verdict, sentence, candidates: causes } = diagnosisOf(dataset, { service, metric });
  const shown = causes.slice(0, top).map(({ node, score, share, sinceMs, path }, index) => ({
    rank: index + 1,
    service: node,
    score,
    share,
    since: sinceMs === undefined ? null : new Date(sinceMs).toISOString(),
    path,
  }));
  const trueRank = causes.findIndex(({ node }) => node === symptom.trueCause) + 1;
  const known = symptom.trueCause !== undefined && symptom.service === service && symptom.metric === metric;
  yield* Console.print(
    { service, metric, verdict, sentence, causes: shown, ...(known ? { trueCause: symptom.trueCause, trueCauseRank: trueRank || null } : {}) },
    [
      `why ${metric} of ${service}:`,
      `  ${sentence}`,
      ...columns([
        ["  rank", "score", "share", "service", "way"],
        ...shown.map(({ rank, score, share, service, path }) => [`  ${rank}`, score.toFixed(3), percentOf(share), service, path.join(" → ")]),
      ]),
      ...(known ? [`true cause: ${symptom.trueCause}, ranked ${trueRank || "nowhere"}`] : []),
    ],
  );
}

/** A share of the excess, with its interval. */
function percentOf({ value, low, high }: Share): string {
  const [middle, from, to] = [value, low, high].map((part) => Math.round(part * 100));
  return `${middle} % (${from} to ${to})`;
}
