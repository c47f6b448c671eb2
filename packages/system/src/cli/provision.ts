/**
 * Keys, certificates and configurations of a cluster on one machine.
 */
import { randomUUID } from "node:crypto";
import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { generateKey } from "@void-system/crypto";
import { ed25519, readKeyFile, writeKeyFile } from "@void-system/crypto/node";
import { mintToken } from "../node/capability.ts";
import type { SystemConfig } from "../config.ts";
import { FolderError } from "../errors.ts";
import { freePorts } from "./free-ports.ts";

/** Parameters of a cluster on one machine. */
export interface ProvisionOptions {
  /** Folder of the cluster, with a folder for each node. */
  readonly folder: string;
  /** Number of replicas, 3f+1. */
  readonly nodes: number;
}

/** One node that can be started. */
export interface ProvisionedNode {
  readonly id: string;
  readonly folder: string;
  readonly configFile: string;
  readonly config: SystemConfig & Required<Pick<SystemConfig, "link" | "resp" | "http">>;
}

/** A cluster that can be started. */
export interface ProvisionedCluster {
  readonly adminTokenFile: string;
  readonly nodes: readonly ProvisionedNode[];
}

const HOST = "127.0.0.1";
const PORTS_A_NODE = 3;
const DEFAULT_CAPACITY = { concurrency: 1 };

/**
 * Makes what is missing and keeps what is there: keys and data survive, ports too where they are still free.
 *
 * @throws {@link FolderError} when the folder cannot be written.
 */
export async function provision({ folder, nodes: count }: ProvisionOptions): Promise<ProvisionedCluster> {
  const ids = Array.from({ length: count }, (_, index) => `node${index}`);
  makeFolder(folder);
  const cluster = readOr(join(folder, "cluster.id"), () => `void-dev-${randomUUID()}`);
  const rootKeyFile = join(folder, "root.key");
  if (!existsSync(rootKeyFile)) writeKeyFile(rootKeyFile, generateKey("hmac-sha256"));
  const adminTokenFile = join(folder, "admin.token");
  if (!existsSync(adminTokenFile)) writePrivate(adminTokenFile, `${mintToken(readKeyFile(rootKeyFile, "hmac-sha256"), { resource: "/", operations: ["admin"] })}\n`);

  const keys = await Promise.all(ids.map((id) => keyOf(join(folder, id), id)));
  const ports = await freePorts(count * PORTS_A_NODE, ids.flatMap((id) => portsBefore(join(folder, id, "config.json"))));
  const port = (index: number, which: number): number => ports[index * PORTS_A_NODE + which] ?? 0;
  const nodes = ids.map((id, index): ProvisionedNode => {
    const config = {
      nodeId: id,
      replicaIds: ids,
      pbftF: Math.floor((count - 1) / 3),
      cluster,
      dataDirectory: "data",
      keyFile: "node.key",
      certificateFile: "node.cert.pem",
      rootKeyFile: join("..", "root.key"),
      link: { host: HOST, port: port(index, 0) },
      resp: { host: HOST, port: port(index, 1) },
      http: { host: HOST, port: port(index, 2) },
      peers: ids.flatMap((peer, at) => (peer === id ? [] : [{ id: peer, publicKey: keys[at] ?? "", host: HOST, port: port(at, 0) }])),
      capacity: DEFAULT_CAPACITY,
    };
    const configFile = join(folder, id, "config.json");
    writePrivate(configFile, `${JSON.stringify(config, null, 2)}\n`);
    return { id, folder: join(folder, id), configFile, config };
  });
  return { adminTokenFile, nodes };
}

/** A node's public key; makes its key and certificate when they are not there. */
export async function keyOf(folder: string, name: string): Promise<string> {
  makeFolder(folder);
  const keyFile = join(folder, "node.key");
  if (!existsSync(keyFile)) writeKeyFile(keyFile, generateKey("ed25519"));
  const key = readKeyFile(keyFile, "ed25519");
  const certificateFile = join(folder, "node.cert.pem");
  if (!existsSync(certificateFile)) {
    // Loaded when a certificate is made: a third of a second that no other command, and no node, has to wait for.
    const { createCertificate } = await import("@void-system/transport/certificate");
    writePrivate(certificateFile, await createCertificate(key, { name }));
  }
  const publicKey = Buffer.from(ed25519.signer(key).publicKey).toString("base64url");
  key.destroy();
  return publicKey;
}

/** Writes a file that only its owner reads, whole or not at all. */
export function writePrivate(file: string, text: string): void {
  try {
    const temporary = `${file}.new`;
    // Flushed before it gets its name: after a power cut there is the old file or the new one, never an empty one.
    writeFileSync(temporary, text, { mode: 0o600, flush: true });
    chmodSync(temporary, 0o600);
    renameSync(temporary, file);
  } catch (cause) {
    throw new FolderError(file, cause);
  }
}

/** Makes a folder that only its owner reads, if it is not there. @throws {@link FolderError} */
export function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new FolderError(folder, cause);
  }
}

function readOr(file: string, make: () => string): string {
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const text = make();
  writePrivate(file, `${text}\n`);
  return text;
}

/** Returns the ports of an earlier run, so that addresses that people have noted stay valid. */
function portsBefore(configFile: string): readonly number[] {
  try {
    const config: unknown = JSON.parse(readFileSync(configFile, "utf8"));
    if (typeof config !== "object" || config === null) return [];
    const { link, resp, http } = config as Partial<Record<"link" | "resp" | "http", { readonly port?: unknown }>>;
    const ports = [link, resp, http].map((address) => address?.port);
    return ports.filter((port): port is number => typeof port === "number");
  } catch {
    return [];
  }
}
