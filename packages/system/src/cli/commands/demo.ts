/**
 * `void demo`: the main job, unattended, on a fresh cluster: telemetry through consensus, its root cause, a placement
 * that every node shows alike.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Command } from "commander";
import { type Need, onExit } from "@void-system/effects/fibers";
import { Clock, EffectTimeoutError, timeout } from "@void-system/effects/world";
import { ClusterStore } from "../../clients/cluster-store.ts";
import { DemoError } from "../../errors.ts";
import { Store } from "../../store/store.ts";
import type { ShownStatus } from "../../status.ts";
import { readDataset } from "../../telemetry/dataset.ts";
import { command } from "../command.ts";
import { Console, type OutputOptions } from "../console.ts";
import { type DevNeeds, startCluster } from "./dev.ts";
import { runImport } from "./import.ts";
import { runPlace } from "./place.ts";
import { type Profile, addressesOf, profileOf } from "../profile.ts";
import { nodeStatuses } from "./status.ts";
import { runWhy } from "./why.ts";

const NODES = 4;
const LEVEL_TIMEOUT_MS = 10_000;
const LEVEL_POLL_MS = 100;

interface DemoOptions extends OutputOptions {
  readonly dataset: string;
}

/** `void demo`. */
export function demoCommand(): Command {
  return command<DemoOptions>("demo", "import, why, place on a fresh cluster, then stop it; exit code 0 when all of it worked", (_, { dataset }) =>
    runDemo(dataset),
  ).option("--dataset <folder>", "telemetry to import", join("examples", "petshop"));
}

/** The demonstration. */
export function* runDemo(from: string): Generator<DevNeeds, void> {
  const dataset = readDataset(from);
  const { name, symptom } = dataset;
  const folder = mkdtempSync(join(tmpdir(), "void-demo-"));
  yield* onExit(() => rmSync(folder, { recursive: true, force: true }));
  const file = yield* startCluster(folder, NODES);
  const cluster = profileOf(file, file.adminToken);
  const store = new ClusterStore(addressesOf(cluster), cluster.token());
  yield* Store.handle(store, function* show() {
    yield* Console.tell(`\nvoid import ${from}`);
    yield* runImport(dataset);
    yield* Console.tell(`\nvoid why ${symptom.service}`);
    yield* runWhy(symptom.service, { dataset: name, top: "5" });
    yield* Console.tell("\nvoid place");
    yield* runPlace(cluster, name);
  });
  const level = yield* untilLevel(cluster);
  yield* Console.print(level.map(({ nodeId, executed, stateDigest, placement }) => ({ nodeId, executed, stateDigest, placement })), [
    `all ${level.length} nodes show the same placement and state: digest ${level[0]?.stateDigest?.slice(0, 16)} at sequence ${level[0]?.executed}`,
  ]);
}

/** Waits until every node has executed the same and shows the same. */
function* untilLevel(cluster: Profile): Generator<Need<"void.clock"> | Need<"void.http"> | Need<"void.redis">, readonly ShownStatus[]> {
  let seen = "none";
  try {
    return yield* timeout(LEVEL_TIMEOUT_MS, function* level() {
      for (;;) {
        const statuses = (yield* nodeStatuses(cluster)).filter((status) => status !== undefined);
        const shown = new Set(statuses.map(({ executed, stateDigest, placement }) => JSON.stringify([executed, stateDigest, placement])));
        if (statuses.length === NODES && shown.size === 1) return statuses;
        seen = `${shown.size} states on ${statuses.length}`;
        yield* Clock.sleep(LEVEL_POLL_MS);
      }
    });
  } catch (error) {
    if (!(error instanceof EffectTimeoutError)) throw error;
    throw new DemoError(`expected ${NODES} nodes with the same state within ${LEVEL_TIMEOUT_MS} ms, got ${seen}`);
  }
}
