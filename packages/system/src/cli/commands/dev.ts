/**
 * `void dev`: a secured cluster of real processes on this machine, from nothing, until Ctrl-C.
 */
import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { type Need, acquire, ensure, onExit, race, spawn, uninterrupted } from "@void-system/effects/fibers";
import { Clock, EffectTimeoutError, timeout } from "@void-system/effects/world";
import { ClusterStore } from "../../clients/cluster-store.ts";
import { type ProvisionedCluster, type ProvisionedNode, writePrivate } from "../provision.ts";
import { AlreadyRunningError, NodeEndedError, UsageError } from "../../errors.ts";
import { type ClusterFile, DEV_FOLDER, readClusterFile } from "../cluster-file.ts";
import { command } from "../command.ts";
import { Console, type OutputOptions } from "../console.ts";
import { type Child, Machine } from "../machine.ts";
import { addressesOf, profileOf } from "../profile.ts";
import { Signals } from "../signals.ts";
import { nodeStatuses } from "./status.ts";

interface DevOptions extends OutputOptions {
  readonly dir: string;
  readonly nodes: string;
}

/** Effects that a cluster of child processes needs. */
export type DevNeeds = Need<"void.clock"> | Need<"void.console"> | Need<"void.http"> | Need<"void.machine"> | Need<"void.redis">;

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 100;
/** A node drains for less than this; then it is ended. */
const STOP_TIMEOUT_MS = 15_000;
const LOG_LINES_SHOWN = 5;

/** `void dev`. */
export function devCommand(): Command {
  return command<DevOptions>("dev", "start a secured cluster of real processes on this machine, until Ctrl-C", function* dev(_, options) {
    const nodes = Number(options.nodes);
    if (!Number.isSafeInteger(nodes) || nodes < 4 || nodes > 31 || (nodes - 1) % 3 !== 0) {
      throw new UsageError(`expected --nodes to be 3f+1 (4, 7, 10 … 31), got ${options.nodes}`);
    }
    yield* runDev(resolve(options.dir), nodes);
  })
    .option("--dir <folder>", "folder for keys, configurations, data and logs", DEV_FOLDER)
    .option("--nodes <count>", "how many replicas: 3f+1", "4");
}

/** A cluster, until Ctrl-C. */
export function* runDev(folder: string, nodes: number): Generator<DevNeeds | Need<"void.signals">, void> {
  const cluster = yield* startCluster(folder, nodes);
  yield* Console.print(cluster, lines(cluster));
  yield* Signals.interrupted();
  yield* Console.tell("void: stopping");
}

/** A node, and its process. */
interface Running {
  readonly node: ProvisionedNode;
  readonly child: Child;
}

/**
 * Makes what is missing in `folder`, starts every node, and waits until they agree. They end with the fiber that performs
 * this: each gets the signal, then each is waited for, the last one first.
 *
 * @throws {@link AlreadyRunningError} when a cluster runs in that folder.
 * @throws {@link NodeEndedError} when a node does not come up.
 */
export function* startCluster(folder: string, count: number): Generator<DevNeeds, ClusterFile> {
  // Until its end: what stands in the folder is this cluster's alone.
  yield* acquire(() => Machine.hold(folder), (release) => release());
  yield* refuseSecond(folder);
  yield* Console.tell("void: making keys and configurations");
  // Whole, so that nothing is written into a folder that its owner is about to remove.
  const provisioned = yield* uninterrupted(() => Machine.provision({ folder, nodes: count }));
  const file = join(folder, "cluster.json");
  yield* onExit(() => rmSync(file, { force: true }));
  const running: Running[] = [];
  for (const node of provisioned.nodes) running.push({ node, child: yield* acquire(() => Machine.start(node), ended) });
  yield* onExit(() => {
    for (const { child } of running.toReversed()) child.kill("SIGTERM");
  });
  const cluster = describe(provisioned, running);
  writePrivate(file, `${JSON.stringify(cluster, null, 2)}\n`);
  yield* Console.tell(`void: starting ${count} nodes, waiting until they agree`);
  yield* race([() => agreed(cluster, provisioned.nodes), ...running.map((one) => () => refuseEnd(one))]);
  for (const one of running) yield* spawn(() => tellEnd(one));
  return cluster;
}

/** Returns the contents of `cluster.json`. */
function describe({ adminTokenFile }: ProvisionedCluster, running: readonly Running[]): ClusterFile {
  const nodes = running.map(({ node: { id, config, configFile }, child }) => ({
    id,
    pid: child.pid,
    resp: config.resp.port,
    http: config.http.port,
    config: configFile,
  }));
  return { version: 1, host: "127.0.0.1", adminToken: adminTokenFile, nodes };
}

/** Ends a node, cleanly if it can. */
function* ended(child: Child): Generator<Need<"void.clock">, void> {
  child.kill("SIGTERM");
  const how = yield* race([() => child.ended(), () => Clock.sleep(STOP_TIMEOUT_MS)]);
  if (how !== undefined) return;
  child.kill("SIGKILL");
  yield* child.ended();
}

/** Every node is ready, and a command from each gateway has come back through consensus. */
function* agreed(file: ClusterFile, nodes: readonly ProvisionedNode[]): Generator<DevNeeds, void> {
  const cluster = profileOf(file, file.adminToken);
  try {
    yield* timeout(READY_TIMEOUT_MS, function* ready() {
      while (!(yield* nodeStatuses(cluster)).every((status) => status?.ready)) yield* Clock.sleep(READY_POLL_MS);
    });
  } catch (error) {
    if (!(error instanceof EffectTimeoutError)) throw error;
    throw new NodeEndedError("the cluster", `not ready within ${READY_TIMEOUT_MS} ms`, nodes.flatMap(lastLines));
  }
  const token = cluster.token();
  for (const address of addressesOf(cluster)) {
    const store = new ClusterStore([address], token);
    yield* ensure(() => store.get("void/ready"), () => store.leave());
  }
}

function* refuseEnd({ node, child }: Running): Generator<never, never> {
  const how = yield* child.ended();
  throw new NodeEndedError(node.id, how, lastLines(node));
}

function* tellEnd({ node: { id, configFile }, child }: Running): Generator<Need<"void.console">, void> {
  const how = yield* child.ended();
  yield* Console.tell(`void: ${id} ended (${how}); start it again with: void node --config ${configFile}`);
}

function lastLines({ id, folder }: ProvisionedNode): readonly string[] {
  const log = readFileSync(join(folder, "node.log"), "utf8").trim().split("\n");
  return log.slice(-LOG_LINES_SHOWN).map((line) => `${id}: ${line}`);
}

/** A cluster that was ended hard leaves its file behind, and others may have its process ids by now: so the nodes are asked. */
function* refuseSecond(folder: string): Generator<DevNeeds, void> {
  let file: ClusterFile;
  try {
    file = readClusterFile(folder);
  } catch {
    return;
  }
  const statuses = yield* nodeStatuses(profileOf(file));
  const running = file.nodes.filter(({ pid }, index) => statuses[index]?.pid === pid).map(({ pid }) => pid);
  if (running.length > 0) throw new AlreadyRunningError(folder, running);
}

function lines(file: ClusterFile): readonly string[] {
  const [first] = file.nodes;
  const shown = file.adminToken.startsWith(`${process.cwd()}/`) ? file.adminToken.slice(process.cwd().length + 1) : file.adminToken;
  return [
    ...file.nodes.map(({ id, resp, http }) => `${id}  redis ${file.host}:${resp}  http http://${file.host}:${http}/`),
    `try it:  REDISCLI_AUTH="$(cat ${shown})" redis-cli -p ${first?.resp} set hello world`,
    `page:    http://${file.host}:${first?.http}/`,
    "ready",
  ];
}
