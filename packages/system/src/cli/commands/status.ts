/**
 * `void status`: what each node of a cluster says of itself.
 */
import type { Command } from "commander";
import { type Eff, type Need, all } from "@void-system/effects/fibers";
import { timeout } from "@void-system/effects/world";
import { Http } from "../../clients/http-client.ts";
import type { ShownStatus } from "../../status.ts";
import { type ClusterFile, DEV_FOLDER, readClusterFile } from "../cluster-file.ts";
import { columns } from "../columns.ts";
import { command, type ClusterOptions } from "../command.ts";
import { Console, EXIT } from "../console.ts";

const ANSWER_TIMEOUT_MS = 2_000;

/** Every node's status; `undefined` for one that does not answer. */
export function nodeStatuses({ host, nodes }: ClusterFile): Eff<Need<"void.clock"> | Need<"void.http">, readonly (ShownStatus | undefined)[]> {
  return all(nodes.map(({ http }) => () => statusAt(`http://${host}:${http}/status`)));
}

function* statusAt(url: string): Generator<Need<"void.clock"> | Need<"void.http">, ShownStatus | undefined> {
  try {
    const answer = yield* timeout(ANSWER_TIMEOUT_MS, () => Http.json(url));
    // Else somebody else listens there by now.
    return isShownStatus(answer) ? answer : undefined;
  } catch {
    return undefined;
  }
}

function isShownStatus(value: unknown): value is ShownStatus {
  if (typeof value !== "object" || value === null) return false;
  const { nodeId, ready, pid, view = 0, executed = 0, stateDigest = "", keys = 0, capacity = {}, placement = {} } = value as Partial<
    Record<keyof ShownStatus, unknown>
  >;
  const isObject = (part: unknown): boolean => typeof part === "object" && part !== null;
  return (
    typeof nodeId === "string" &&
    typeof ready === "boolean" &&
    typeof stateDigest === "string" &&
    [pid, view, executed, keys].every((number) => typeof number === "number") &&
    [capacity, placement].every(isObject)
  );
}

/** `void status`: exit code 1 unless every node is ready. */
export function statusCommand(): Command {
  return command<ClusterOptions>("status", "what each node says of itself; exit code 1 unless all are ready", (_, { dir }) =>
    runStatus(readClusterFile(dir)),
  ).option("--dir <folder>", "folder of the cluster", DEV_FOLDER);
}

/** Asks every node, and shows what they say. */
export function* runStatus(cluster: ClusterFile): Generator<Need<"void.clock"> | Need<"void.http"> | Need<"void.console">, number> {
  const statuses = yield* nodeStatuses(cluster);
  const rows = cluster.nodes.map(({ id }, index) => {
    const status = statuses[index];
    if (!status) return [id, "does not answer", "", "", "", "", ""];
    const { ready, view = "-", executed = "-", keys = "-", stateDigest = "-", pid } = status;
    return [id, ready ? "ready" : "not ready", String(view), String(executed), String(keys), stateDigest.slice(0, 16), String(pid)];
  });
  yield* Console.print(statuses, columns([["node", "state", "view", "executed", "keys", "digest", "pid"], ...rows]));
  return statuses.every((status) => status?.ready) ? 0 : EXIT.failure;
}
