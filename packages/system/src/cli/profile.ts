/**
 * The nodes that a command talks to: of a running `void dev`, of a profile file, or of a list of endpoints.
 */
import { readFileSync } from "node:fs";
import { dirname, resolve } from "node:path";
import { ArrayOf, IntRange, Length, Optional, RefinementError, Struct } from "@void-system/linear";
import { ConfigError, FolderError, UsageError } from "../errors.ts";
import type { ListenAddress } from "../listen.ts";
import { type ClusterFile, DEV_FOLDER, readClusterFile } from "./cluster-file.ts";

/** A node, as a client reaches it. */
export interface Endpoint {
  /** Its name, if the profile says it. */
  readonly id?: string;
  readonly host: string;
  /** Port for Redis clients. */
  readonly resp: number;
  /** Port of `/status`. Without, the node is asked by `INFO`, which takes a token. */
  readonly http?: number;
}

/** Nodes of a cluster, and the client's token there. */
export interface Profile {
  readonly nodes: readonly Endpoint[];
  /** Returns the token. It is read when it is asked for. @throws {@link FolderError} or {@link UsageError} when there is none. */
  readonly token: () => string;
}

/** Options by which a command finds its cluster. */
export interface ProfileOptions {
  readonly dir?: string;
  readonly endpoints?: string;
  readonly profile?: string;
  readonly tokenFile?: string;
}

const PORT = IntRange(1, 65_535);
const FILE = Struct(
  {
    nodes: ArrayOf(Struct({ id: Optional(Length(1, 64)), host: Length(1, 255), resp: PORT, http: Optional(PORT) })),
    tokenFile: Optional(Length(1, 4_096)),
  },
  "profile",
);

/** Returns the cluster that the options name. @throws {@link UsageError}, {@link ConfigError} or {@link ClusterFileError} */
export function readProfile(options: ProfileOptions): Profile {
  const { dir, endpoints, profile, tokenFile } = options;
  if (endpoints !== undefined && profile !== undefined) throw new UsageError("expected --endpoints or --profile, got both");
  if (endpoints !== undefined) return { nodes: endpoints.split(",").map(endpointOf), token: () => readToken(tokenFile) };
  if (profile !== undefined) return readFile(profile, tokenFile);
  return profileOf(readClusterFile(dir ?? DEV_FOLDER), tokenFile);
}

/** The profile of a cluster that `void dev` has started. */
export function profileOf({ host, nodes, adminToken }: ClusterFile, tokenFile?: string): Profile {
  return { nodes: nodes.map(({ id, resp, http }) => ({ id, host, resp, http })), token: () => readToken(tokenFile, () => adminToken) };
}

/** Addresses on which the nodes listen for Redis clients. */
export function addressesOf({ nodes }: Pick<Profile, "nodes">): readonly ListenAddress[] {
  return nodes.map(({ host, resp }) => ({ host, port: resp }));
}

/** Returns the token in `file`, else in the environment, else in `otherwise`. @throws {@link FolderError} when a file cannot be read, {@link UsageError} when none is named. */
export function readToken(file: string | undefined, otherwise: () => string | undefined = () => undefined): string {
  const given = file === undefined ? process.env["VOID_TOKEN"]?.trim() : undefined;
  if (given) return given;
  const source = file ?? otherwise();
  if (source === undefined) throw new UsageError("expected a token, got none: name a file with --token-file, or set VOID_TOKEN");
  try {
    return readFileSync(source, "utf8").trim();
  } catch (cause) {
    throw new FolderError(source, cause);
  }
}

function readFile(file: string, tokenFile: string | undefined): Profile {
  try {
    const read = FILE.parse(JSON.parse(readFileSync(file, "utf8")));
    if (read.nodes.length === 0) throw new ConfigError([{ path: "nodes", reason: "expected at least one node" }], file);
    const own = read.tokenFile === undefined ? undefined : resolve(dirname(file), read.tokenFile);
    return { nodes: read.nodes, token: () => readToken(tokenFile, () => own) };
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const mistakes = cause instanceof RefinementError ? cause.issues.map(({ path, reason }) => ({ path: path.map(String).join("."), reason })) : undefined;
    throw new ConfigError(mistakes ?? [{ path: "", reason: cause instanceof Error ? cause.message : String(cause) }], file);
  }
}

/** `host:port`, and `[::1]:port` for IPv6. */
function endpointOf(text: string): Endpoint {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^\s:[\]]+)):(\d{1,5})$/.exec(text.trim());
  const port = Number(match?.[3]);
  const host = match?.[1] ?? match?.[2];
  if (host === undefined || port < 1 || port > 65_535) throw new UsageError(`expected --endpoints to be addresses for Redis clients such as 10.0.0.1:6379,10.0.0.2:6379, got ${JSON.stringify(text)}`);
  return { host, resp: port };
}
