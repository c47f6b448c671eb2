/**
 * `void status`: what each node of a cluster says of itself.
 */
import { Command } from "commander";
import { type ClusterFile, DEV_FOLDER, readClusterFile } from "./cluster-file.ts";
import { columns } from "./columns.ts";
import { command, type ClusterOptions } from "./command.ts";
import { EXIT, print } from "./output.ts";

const ANSWER_TIMEOUT_MS = 2_000;

/** What a node answers at `/status`, as far as commands look at it. */
export interface NodeStatus {
  readonly nodeId: string;
  readonly ready: boolean;
  readonly pid: number;
  readonly view?: number;
  readonly executed?: number;
  readonly stateDigest?: string;
  readonly keys?: number;
  readonly capacity?: Readonly<Record<string, number>>;
  readonly placement?: Readonly<Record<string, string>>;
}

/** Every node's status; `undefined` for one that does not answer. */
export async function nodeStatuses(cluster: ClusterFile): Promise<readonly (NodeStatus | undefined)[]> {
  return Promise.all(
    cluster.nodes.map(async ({ http }) => {
      try {
        const response = await fetch(`http://${cluster.host}:${http}/status`, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) });
        // Our own HTTP face writes this form.
        return (await response.json()) as NodeStatus;
      } catch {
        return undefined;
      }
    }),
  );
}

/** `void status`: exit code 1 unless every node is ready. */
export function statusCommand(): Command {
  return command<ClusterOptions>("status", "what each node says of itself; exit code 1 unless all are ready", async (_, options) => {
    const cluster = readClusterFile(options.dir);
    const statuses = await nodeStatuses(cluster);
    const rows = cluster.nodes.map(({ id }, index) => {
      const status = statuses[index];
      if (!status) return [id, "does not answer", "", "", "", "", ""];
      const { ready, view = "-", executed = "-", keys = "-", stateDigest = "-", pid } = status;
      return [id, ready ? "ready" : "not ready", String(view), String(executed), String(keys), stateDigest.slice(0, 16), String(pid)];
    });
    print(options, statuses, columns([["node", "state", "view", "executed", "keys", "digest", "pid"], ...rows]));
    if (statuses.some((status) => !status?.ready)) process.exitCode = EXIT.failure;
  }).option("--dir <folder>", "folder of the cluster", DEV_FOLDER);
}
