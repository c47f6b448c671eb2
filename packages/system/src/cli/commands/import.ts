/**
 * `void import`: the measurements of a dataset, through consensus.
 */
import type { Command } from "commander";
import { type Need, ensure } from "@void-system/effects/fibers";
import { Clock } from "@void-system/effects/world";
import { type Dataset, readDataset } from "../../telemetry/dataset.ts";
import { DatasetImport } from "../../telemetry/import.ts";
import { clusterCommand } from "../command.ts";
import { Console, withProgress } from "../console.ts";

/** `void import FOLDER`. */
export function importCommand(): Command {
  return clusterCommand("import", "send every measurement of a dataset through consensus; resumable", (_, [folder = ""]) => runImport(readDataset(folder))).argument(
    "<folder>",
    "graph.csv, noissue/metrics.csv, incident/metrics.csv, incident/target.json",
  );
}

/** Imports a dataset with a progress bar; also when it is cancelled, or fails, it says how far it came. */
export function* runImport(dataset: Dataset): Generator<Need<"void.store"> | Need<"void.console"> | Need<"void.clock">, void> {
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
