/**
 * `void demo`: the main job, unattended, on a fresh cluster: telemetry through consensus, its root cause, a placement
 * that every node shows alike.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { DemoError, InterruptedError } from "../errors.ts";
import { readDataset } from "../telemetry/dataset.ts";
import { command } from "./command.ts";
import { DevCluster } from "./dev.ts";
import { interruption } from "./interruption.ts";
import { type OutputOptions, print, tell } from "./output.ts";
import { type NodeStatus, nodeStatuses } from "./status.ts";
import { runImport, runPlace, runWhy } from "./telemetry.ts";

const NODES = 4;
const LEVEL_TIMEOUT_MS = 10_000;
const LEVEL_POLL_MS = 100;

interface DemoOptions extends OutputOptions {
  readonly dataset: string;
}

/** `void demo`. */
export function demoCommand(): Command {
  return command<DemoOptions>("demo", "import, why, place on a fresh cluster, then stop it; exit code 0 when all of it worked", async (_, options) => {
    const folder = mkdtempSync(join(tmpdir(), "void-demo-"));
    const interrupted = interruption();
    const cluster = await DevCluster.start(folder, NODES, interrupted);
    const client = cluster.client();
    try {
      const { name, symptom } = await readDataset(options.dataset);
      tell(`\nvoid import ${options.dataset}`);
      await runImport(client, options.dataset, options, interrupted);
      tell(`\nvoid why ${symptom.service}`);
      await runWhy(client, symptom.service, { ...options, dataset: name, top: "5" });
      tell("\nvoid place");
      await runPlace(cluster.describe(), client, { ...options, dataset: name });
      const level = await untilLevel(cluster);
      print(options, level.map(({ nodeId, executed, stateDigest, placement }) => ({ nodeId, executed, stateDigest, placement })), [
        `all ${level.length} nodes show the same placement and state: digest ${level[0]?.stateDigest?.slice(0, 16)} at sequence ${level[0]?.executed}`,
      ]);
    } catch (error) {
      throw interrupted.aborted ? new InterruptedError("while the demonstration ran") : error;
    } finally {
      client.close();
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  }).option("--dataset <folder>", "telemetry to import", join("examples", "petshop"));
}

/** Waits until every node has executed the same and shows the same. */
async function untilLevel(cluster: DevCluster): Promise<readonly NodeStatus[]> {
  const deadline = performance.now() + LEVEL_TIMEOUT_MS;
  for (;;) {
    const statuses = (await nodeStatuses(cluster.describe())).filter((status) => status !== undefined);
    const shown = new Set(statuses.map(({ executed, stateDigest, placement }) => JSON.stringify([executed, stateDigest, placement])));
    if (statuses.length === NODES && shown.size === 1) return statuses;
    if (performance.now() > deadline) throw new DemoError(`expected ${NODES} nodes with the same state within ${LEVEL_TIMEOUT_MS} ms, got ${shown.size} states on ${statuses.length}`);
    await new Promise((resolve) => setTimeout(resolve, LEVEL_POLL_MS));
  }
}
