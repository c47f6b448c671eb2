/**
 * `void dev`: a secured cluster of real processes on this machine, from nothing, until Ctrl-C.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";
import { ClusterClient } from "../cluster-client.ts";
import { type ProvisionedCluster, type ProvisionedNode, provision, writePrivate } from "../dev/provision.ts";
import { AlreadyRunningError, InterruptedError, NodeEndedError, UsageError } from "../errors.ts";
import { type ClusterFile, DEV_FOLDER, readClusterFile } from "./cluster-file.ts";
import { command } from "./command.ts";
import { interruption } from "./interruption.ts";
import { type OutputOptions, print, tell } from "./output.ts";
import { nodeStatuses } from "./status.ts";

interface DevOptions extends OutputOptions {
  readonly dir: string;
  readonly nodes: string;
}

const READY_TIMEOUT_MS = 60_000;
const READY_POLL_MS = 100;
/** A node drains for less than this; then it is ended. */
const STOP_TIMEOUT_MS = 15_000;
const LOG_LINES_SHOWN = 5;

/** `void dev`. */
export function devCommand(): Command {
  return command<DevOptions>("dev", "start a secured cluster of real processes on this machine, until Ctrl-C", async (_, options) => {
    const nodes = Number(options.nodes);
    if (!Number.isSafeInteger(nodes) || nodes < 4 || nodes > 31 || (nodes - 1) % 3 !== 0) {
      throw new UsageError(`expected --nodes to be 3f+1 (4, 7, 10 … 31), got ${options.nodes}`);
    }
    const interrupted = interruption();
    const cluster = await DevCluster.start(resolve(options.dir), nodes, interrupted);
    const file = cluster.describe();
    print(options, file, lines(file));
    if (!interrupted.aborted) await new Promise((resolve) => interrupted.addEventListener("abort", resolve));
    tell("void: stopping");
    await cluster.stop();
  })
    .option("--dir <folder>", "folder for keys, configurations, data and logs", DEV_FOLDER)
    .option("--nodes <count>", "how many replicas: 3f+1", "4");
}

/** A cluster of child processes. */
export class DevCluster {
  readonly #folder: string;
  readonly #provisioned: ProvisionedCluster;
  readonly #children = new Map<string, ChildProcess>();
  #stopping: Promise<void> | undefined;

  private constructor(folder: string, provisioned: ProvisionedCluster) {
    this.#folder = folder;
    this.#provisioned = provisioned;
  }

  /**
   * Makes what is missing in `folder`, starts every node, and waits until they agree.
   *
   * @throws {@link AlreadyRunningError} when a cluster runs in that folder.
   * @throws {@link NodeEndedError} when a node does not come up; the others are ended.
   */
  static async start(folder: string, nodes: number, interrupted: AbortSignal): Promise<DevCluster> {
    await refuseSecond(folder);
    tell("void: making keys and configurations");
    const cluster = new DevCluster(folder, await provision({ folder, nodes }));
    interrupted.addEventListener("abort", () => void cluster.stop());
    try {
      for (const node of cluster.#provisioned.nodes) cluster.#spawn(node);
      writePrivate(join(folder, "cluster.json"), `${JSON.stringify(cluster.describe(), null, 2)}\n`);
      tell(`void: starting ${nodes} nodes, waiting until they agree`);
      await cluster.#agreed();
    } catch (error) {
      await cluster.stop();
      throw error;
    }
    return cluster;
  }

  /** What stands in `cluster.json`. */
  describe(): ClusterFile {
    return {
      version: 1,
      host: "127.0.0.1",
      adminToken: this.#provisioned.adminTokenFile,
      nodes: this.#provisioned.nodes.map(({ id, config, configFile }) => ({
        id,
        pid: this.#children.get(id)?.pid ?? 0,
        resp: config.resp.port,
        http: config.http.port,
        config: configFile,
      })),
    };
  }

  /** A client of all nodes, with every right. */
  client(): ClusterClient {
    const addresses = this.#provisioned.nodes.map(({ config }) => config.resp);
    return new ClusterClient(addresses, readFileSync(this.#provisioned.adminTokenFile, "utf8").trim());
  }

  /** Ends every node, cleanly if it can. A second call waits for the first. */
  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await Promise.all(
      [...this.#children.values()].map(async (child) => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        const ended = new Promise<void>((done) => child.once("exit", () => done()));
        child.kill("SIGTERM");
        const timer = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
        await ended;
        clearTimeout(timer);
      }),
    );
    rmSync(join(this.#folder, "cluster.json"), { force: true });
  }

  #spawn({ id, folder, configFile }: ProvisionedNode): void {
    const log = openSync(join(folder, "node.log"), "a", 0o600);
    // The pipe is how a node learns that this process is gone, however it went.
    const child = spawn(process.execPath, [process.argv[1] ?? "", "node", "--config", configFile, "--until-stdin-ends"], {
      stdio: ["pipe", log, log],
    });
    closeSync(log);
    child.stdin?.on("error", () => undefined);
    child.on("exit", (code, signal) => {
      if (!this.#stopping) tell(`void: ${id} ended (${signal ?? `exit code ${code}`}); start it again with: void node --config ${configFile}`);
    });
    this.#children.set(id, child);
  }

  /** Every node is ready, and a command from each gateway has come back through consensus. */
  async #agreed(): Promise<void> {
    const deadline = performance.now() + READY_TIMEOUT_MS;
    for (;;) {
      this.#refuseEnded();
      const statuses = await nodeStatuses(this.describe());
      if (statuses.every((status) => status?.ready)) break;
      if (performance.now() > deadline) throw new NodeEndedError("the cluster", `not ready within ${READY_TIMEOUT_MS} ms`, this.#lastLines());
      await new Promise((done) => setTimeout(done, READY_POLL_MS));
    }
    for (const { config } of this.#provisioned.nodes) {
      const client = new ClusterClient([config.resp], readFileSync(this.#provisioned.adminTokenFile, "utf8").trim());
      await client.call("EXISTS", "void/ready").finally(() => client.close());
    }
  }

  #refuseEnded(): void {
    if (this.#stopping) throw new InterruptedError("while the cluster started");
    for (const [id, child] of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) {
        throw new NodeEndedError(id, child.signalCode ?? `exit code ${child.exitCode}`, this.#lastLines(id));
      }
    }
  }

  #lastLines(only?: string): readonly string[] {
    return this.#provisioned.nodes
      .filter(({ id }) => only === undefined || id === only)
      .flatMap(({ id, folder }) => {
        const log = readFileSync(join(folder, "node.log"), "utf8").trim().split("\n");
        return log.slice(-LOG_LINES_SHOWN).map((line) => `${id}: ${line}`);
      });
  }
}

/** A cluster that was ended hard leaves its file behind, and others may have its process ids by now: so the nodes are asked. */
async function refuseSecond(folder: string): Promise<void> {
  let file: ClusterFile;
  try {
    file = readClusterFile(folder);
  } catch {
    return;
  }
  const statuses = await nodeStatuses(file);
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
