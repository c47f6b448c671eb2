/**
 * `cluster.json`: the cluster that `void dev` has started, for the other commands and for scripts.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ClusterFileError } from "../errors.ts";

/** One node of a running cluster. */
export interface ClusterNode {
  readonly id: string;
  readonly pid: number;
  /** Port of the RESP face. */
  readonly resp: number;
  /** Port of the HTTP face. */
  readonly http: number;
  /** Its configuration file: `void node --config FILE` starts it again. */
  readonly config: string;
}

/** A running cluster on this machine. */
export interface ClusterFile {
  readonly version: 1;
  readonly host: string;
  /** File with the token that permits everything. */
  readonly adminToken: string;
  readonly nodes: readonly ClusterNode[];
}

/** Default folder of a cluster of `void dev`. */
export const DEV_FOLDER: string = join(".void", "dev");

/**
 * The cluster that a folder describes.
 *
 * @throws {@link ClusterFileError} when there is none, or it cannot be read.
 */
export function readClusterFile(folder: string): ClusterFile {
  const file = resolve(folder, "cluster.json");
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ClusterFileError(file, cause);
  }
  if (!isClusterFile(value)) throw new ClusterFileError(file, new Error("it does not have the form that void dev writes; for any other cluster use --profile or --endpoints"));
  return value;
}

function isClusterFile(value: unknown): value is ClusterFile {
  if (typeof value !== "object" || value === null) return false;
  const { version, host, adminToken, nodes } = value as Partial<Record<keyof ClusterFile, unknown>>;
  return version === 1 && typeof host === "string" && typeof adminToken === "string" && Array.isArray(nodes) && nodes.every(isClusterNode);
}

function isClusterNode(value: unknown): value is ClusterNode {
  if (typeof value !== "object" || value === null) return false;
  const { id, pid, resp, http, config, ...unknown } = value as Partial<Record<keyof ClusterNode, unknown>>;
  if (Object.keys(unknown).length > 0) return false;
  return typeof id === "string" && typeof config === "string" && [pid, resp, http].every((number) => Number.isSafeInteger(number));
}
