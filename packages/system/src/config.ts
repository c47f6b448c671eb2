/**
 * What a node is told. Read by refined types, so that every mistake is named with its path before anything starts.
 */
import { isAbsolute, join } from "node:path";
import { ArrayOf, Bool, IntRange, Length, OneOf, Optional, Pattern, Range, Refined, RefinementError, Struct, Text } from "@void-system/linear";
import { ConfigError, type ConfigMistake } from "./errors.ts";
import type { ListenAddress } from "./listen.ts";

/** Another node: its key is pinned, its address is where it is dialled. */
export interface PeerConfig {
  /** Its name, as it stands in `replicaIds` when it is a replica. */
  readonly id: string;
  /** Its Ed25519 public key, base64url. */
  readonly publicKey: string;
  /** Left out for nodes that dial only: observers and clients. */
  readonly host?: string;
  /** The port of its link. */
  readonly port?: number;
}

/** What {@link VoidSystem} is told. Only `nodeId` and `replicaIds` must be there; the rest has defaults that work in one process. */
export interface SystemConfig {
  /** This node's name. Outside of `replicaIds` it is a gateway and observer: it takes clients, it never votes. */
  readonly nodeId: string;
  /** The replicas, in the order that decides who is primary; 3f+1 of them. */
  readonly replicaIds: readonly string[];
  /** How many replicas may lie. @defaultValue as many as fit */
  readonly pbftF?: number;
  /** Whether to broadcast health to the others, and take theirs. @defaultValue true */
  readonly enableGossip?: boolean;
  /** Whether writes are agreed on. Without, this node is alone: writes are durable here and nowhere else. @defaultValue true */
  readonly enablePbft?: boolean;
  /** Name of the cluster; nodes of different clusters never talk. @defaultValue "void" */
  readonly cluster?: string;
  /** Folder of the durable log. Without, the log is gone with the process: a replica with links to other processes needs {@link SystemConfig.volatile} then. */
  readonly dataDirectory?: string;
  /** Consents to a replica without a `dataDirectory`: a cluster of such replicas forgets everything when they restart together. @defaultValue false */
  readonly volatile?: boolean;
  /** The operator's word that an empty `dataDirectory` is to be taken although this replica has voted; `void node --empty-disk`. @defaultValue false */
  readonly emptyDisk?: boolean;
  /** This node's Ed25519 key and its certificate. Without, a key for this process only. */
  readonly keyFile?: string;
  /** PEM, made of the key in `keyFile`. */
  readonly certificateFile?: string;
  /** The key that capabilities are minted and checked with. Without, a key for this process only. */
  readonly rootKeyFile?: string;
  /** Where links from other nodes arrive. Without, links are those of this process: a hub in memory. */
  readonly link?: ListenAddress;
  /** Where Redis clients connect. Without, no such face. */
  readonly resp?: ListenAddress;
  /** Where `/health`, `/status`, `/metrics` answer: loopback only. Without, no such face. */
  readonly http?: ListenAddress;
  /** The other nodes. This one may stand among them, so that the list can be the same on all; it is left out when it is read. */
  readonly peers?: readonly PeerConfig[];
  /** What this node offers to placements: requests that it can work on at a time. */
  readonly capacity?: { readonly concurrency: number };
  /** How long a write may wait for its quorum, and how long the node then asks what came of it. @defaultValue 10_000 */
  readonly timeoutMs?: number;
  /** What is logged, as JSON lines on standard output. @defaultValue "info" */
  readonly logLevel?: "debug" | "info" | "warn" | "error" | "silent";
}

/** A configuration after it was read: complete, and consistent in itself. */
export interface ParsedConfig extends SystemConfig {
  readonly volatile: boolean;
  readonly emptyDisk: boolean;
  readonly pbftF: number;
  readonly enableGossip: boolean;
  readonly enablePbft: boolean;
  readonly cluster: string;
  readonly peers: readonly PeerConfig[];
  readonly capacity: { readonly concurrency: number };
  readonly timeoutMs: number;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
}

const REPLICAS_MAX = 31;
const NODE_NAME = Pattern(/^[A-Za-z0-9][A-Za-z0-9._:@-]{0,63}$/, "node name: 1 to 64 of A-Z a-z 0-9 . _ : @ -");
const PUBLIC_KEY = Pattern(/^[A-Za-z0-9_-]{43}$/, "Ed25519 public key: 32 bytes in base64url");
const PATH = Length(1, 4_096);
const PORT = IntRange(0, 65_535);
const ADDRESS = Struct({ host: Optional(Length(1, 255), "127.0.0.1"), port: PORT });
const LOOPBACK = Refined(Text, (host) => /^(127(\.\d{1,3}){3}|::1|localhost)$/.test(host), "loopback address (this face has no authentication)");

const CONFIG = Struct(
  {
    nodeId: NODE_NAME,
    replicaIds: ArrayOf(NODE_NAME),
    pbftF: Optional(IntRange(0, 10)),
    enableGossip: Optional(Bool, true),
    enablePbft: Optional(Bool, true),
    cluster: Optional(Length(1, 128), "void"),
    dataDirectory: Optional(PATH),
    volatile: Optional(Bool, false),
    emptyDisk: Optional(Bool, false),
    keyFile: Optional(PATH),
    certificateFile: Optional(PATH),
    rootKeyFile: Optional(PATH),
    link: Optional(ADDRESS),
    resp: Optional(ADDRESS),
    http: Optional(Struct({ host: Optional(LOOPBACK, "127.0.0.1"), port: PORT })),
    peers: Optional(
      ArrayOf(Struct({ id: NODE_NAME, publicKey: PUBLIC_KEY, host: Optional(Length(1, 255)), port: Optional(IntRange(1, 65_535)) })),
      [],
    ),
    capacity: Optional(Struct({ concurrency: Range(0, 1_000_000) }), { concurrency: 1 }),
    timeoutMs: Optional(IntRange(1, 600_000), 10_000),
    logLevel: Optional(OneOf("debug", "info", "warn", "error", "silent"), "info"),
  },
  "SystemConfig",
);

/**
 * Reads a configuration.
 *
 * @throws {@link ConfigError} that names every mistake with its path.
 * @example
 * ```ts
 * import { ConfigError, parseConfig } from "@void-system/system";
 * parseConfig({ nodeId: "a", replicaIds: ["a"] }).pbftF; // => 0
 * let refused: unknown;
 * try {
 *   parseConfig({ nodeId: "", replicaIds: ["a"], timeoutMs: 0 });
 * } catch (error) {
 *   refused = error;
 * }
 * refused instanceof ConfigError && refused.mistakes.map(({ path }) => path); // => ["nodeId", "timeoutMs"]
 * ```
 */
export function parseConfig(value: unknown): ParsedConfig {
  try {
    const config = CONFIG.parse(value);
    const parsed: ParsedConfig = { ...config, pbftF: config.pbftF ?? Math.floor((config.replicaIds.length - 1) / 3) };
    const mistakes = inconsistencies(parsed);
    if (mistakes.length > 0) throw new ConfigError(mistakes);
    return { ...parsed, peers: parsed.peers.filter(({ id }) => id !== parsed.nodeId) };
  } catch (error) {
    if (!(error instanceof RefinementError)) throw error;
    throw new ConfigError(error.issues.map(({ path, reason }) => ({ path: path.map(String).join("."), reason })));
  }
}

/** The same configuration with its paths seen from `folder`. */
export function resolvePaths(config: SystemConfig, folder: string): SystemConfig {
  const seen = (path: string | undefined): string | undefined => (path === undefined || isAbsolute(path) ? path : join(folder, path));
  const names = ["dataDirectory", "keyFile", "certificateFile", "rootKeyFile"] as const;
  return { ...config, ...Object.fromEntries(names.flatMap((name) => (config[name] === undefined ? [] : [[name, seen(config[name])]]))) };
}

/** What no single field can know. */
function inconsistencies(config: ParsedConfig): readonly ConfigMistake[] {
  const { replicaIds, pbftF, peers } = config;
  const found: ConfigMistake[] = [];
  const say = (path: string, reason: string): unknown => found.push({ path, reason });
  if (replicaIds.length > REPLICAS_MAX) say("replicaIds", `expected at most ${REPLICAS_MAX} replicas, got ${replicaIds.length}`);
  if (new Set(replicaIds).size < replicaIds.length) say("replicaIds", "expected distinct names");
  if (config.enablePbft && replicaIds.length < 3 * pbftF + 1) {
    say("pbftF", `expected at least 3f+1 = ${3 * pbftF + 1} replicas, got ${replicaIds.length}; add replicas or lower pbftF`);
  }
  const ids = peers.map(({ id }) => id);
  if (new Set(ids).size < ids.length) say("peers", "expected each node once");
  if (config.link) {
    const missing = replicaIds.filter((id) => id !== config.nodeId && !ids.includes(id));
    if (missing.length > 0 && config.enablePbft) say("peers", `expected an entry for every other replica, ${missing.join(", ")} missing`);
    if (!config.keyFile) say("keyFile", "expected a key file, since other nodes link to this one by its key; make one with void keygen");
    if (config.resp && !config.rootKeyFile) say("rootKeyFile", "expected the key of capabilities, the same on all nodes, since clients show tokens here; make one with void keygen --root");
    if (!config.certificateFile) say("certificateFile", "expected a certificate of the key; void keygen makes both");
  }
  const isReplica = config.enablePbft && replicaIds.includes(config.nodeId);
  if (config.volatile && config.dataDirectory !== undefined) say("volatile", "expected dataDirectory or volatile: true, got both");
  if (config.link && isReplica && config.dataDirectory === undefined && !config.volatile) {
    say("dataDirectory", "expected a folder for the log, since a cluster without one forgets everything at a restart; say volatile: true if that is meant");
  }
  if (config.emptyDisk && (config.dataDirectory === undefined || !isReplica)) say("emptyDisk", "expected a dataDirectory of a replica beside it");
  peers.forEach(({ host, port }, index) => {
    if ((host === undefined) !== (port === undefined)) say(`peers.${index}`, "expected host and port together, or neither");
  });
  return found;
}
