/**
 * `cluster.json`: what `void dev` started, for the other commands and for scripts.
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { ClusterFileError } from "../errors.ts";
import type { ListenAddress } from "../listen.ts";

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

/** Where `void dev` keeps a cluster unless told otherwise. */
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
  if (!isClusterFile(value)) throw new ClusterFileError(file, new Error("it does not have the form that void dev writes"));
  return value;
}

/** Where the nodes' RESP faces listen. */
export function addressesOf({ host, nodes }: ClusterFile): readonly ListenAddress[] {
  return nodes.map(({ resp }) => ({ host, port: resp }));
}

/** The token in a file, or in the environment, or of the cluster's administrator. */
export function readToken(cluster: ClusterFile, tokenFile?: string): string {
  const file = tokenFile ?? cluster.adminToken;
  try {
    return (tokenFile === undefined && process.env["VOID_TOKEN"]) || readFileSync(file, "utf8").trim();
  } catch (cause) {
    throw new ClusterFileError(file, cause);
  }
}

function isClusterFile(value: unknown): value is ClusterFile {
  if (typeof value !== "object" || value === null) return false;
  const { version, host, adminToken, nodes } = value as Partial<Record<keyof ClusterFile, unknown>>;
  return version === 1 && typeof host === "string" && typeof adminToken === "string" && Array.isArray(nodes) && nodes.every(isClusterNode);
}

function isClusterNode(value: unknown): value is ClusterNode {
  if (typeof value !== "object" || value === null) return false;
  const { id, pid, resp, http, config } = value as Partial<Record<keyof ClusterNode, unknown>>;
  return typeof id === "string" && typeof config === "string" && [pid, resp, http].every((number) => Number.isSafeInteger(number));
}
