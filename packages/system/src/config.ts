/**
 * Configuration of a node. Refined types read it, so that every mistake is named with its path before anything starts.
 */
import { isAbsolute, join } from "node:path";
import { ArrayOf, Bool, IntRange, Length, OneOf, Optional, Pattern, Range, Refined, RefinementError, Struct, Text } from "@void-system/linear";
import { timeoutMsMin } from "@void-system/pbft";
import { ConfigError, type ConfigMistake } from "./errors.ts";
import type { ListenAddress } from "./listen.ts";
import { MAX_STATE_BYTES } from "./store/key-value-machine.ts";

/** Another node: its pinned key, and the address at which it is dialled. */
export interface PeerConfig {
  /** Its name, as it stands in `replicaIds` when it is a replica. */
  readonly id: string;
  /** Its Ed25519 public key, base64url. */
  readonly publicKey: string;
  /** Host of its link. Absent for a node that only dials, such as an observer or client. */
  readonly host?: string;
  /** Port of its link. */
  readonly port?: number;
}

/** Configuration of a {@link VoidSystem}. `nodeId` and `replicaIds` are required. The rest has defaults that work in one process. */
export interface SystemConfig {
  /** Name of this node. A node outside of `replicaIds` is a gateway and observer: it serves clients and never votes. */
  readonly nodeId: string;
  /** The replicas, in the order that decides who is primary; 3f+1 of them. */
  readonly replicaIds: readonly string[];
  /** Number of replicas that may lie. @defaultValue as many as fit */
  readonly pbftF?: number;
  /** Broadcasts health to the other nodes, and receives theirs. @defaultValue true */
  readonly enableGossip?: boolean;
  /** Orders writes by agreement. If false, the node is alone, and its writes are durable on it only. @defaultValue true */
  readonly enablePbft?: boolean;
  /** Name of the cluster; nodes of different clusters never talk. @defaultValue "void" */
  readonly cluster?: string;
  /** Folder of the durable log. Without a folder the log ends with the process, and a replica with links to other processes needs {@link SystemConfig.volatile}. */
  readonly dataDirectory?: string;
  /** Consents to a replica without a `dataDirectory`: a cluster of such replicas forgets everything when they restart together. @defaultValue false */
  readonly volatile?: boolean;
  /** Accepts an empty `dataDirectory` of a replica that has voted, as `void node --empty-disk` does. @defaultValue false */
  readonly emptyDisk?: boolean;
  /** File of this node's Ed25519 key. Without it, the node makes a key for this process only. */
  readonly keyFile?: string;
  /** The node's public key, base64url, as the other nodes have it: one that is not of `keyFile` is refused. @defaultValue that in `peers`, if any */
  readonly publicKey?: string;
  /** File of the certificate (PEM) of the key in `keyFile`. */
  readonly certificateFile?: string;
  /** File of the key that mints and verifies capabilities. Without it, the node makes a key for this process only. */
  readonly rootKeyFile?: string;
  /** Address of the listener for links from other nodes. Without it, links stay in this process, over a hub in memory. */
  readonly link?: ListenAddress;
  /** Address of the listener for Redis clients. Without it, the node has none. */
  readonly resp?: ListenAddress;
  /** Loopback address of `/health`, `/status` and `/metrics`. Without it, the node has none. */
  readonly http?: ListenAddress;
  /** The other nodes. The list may contain this node, so that it can be the same on all nodes; its key is then compared with `keyFile`. */
  readonly peers?: readonly PeerConfig[];
  /** Capacity that this node offers to placements, in requests at a time. */
  readonly capacity?: { readonly concurrency: number };
  /**
   * Timeout of a write that waits for its quorum. The node then asks for as long whether the write was executed. It is long enough
   * for a primary that ignores this node to be replaced: see `timeoutMsMin` of `@void-system/pbft`. @defaultValue 10_000
   */
  readonly timeoutMs?: number;
  /** Time for which a replica waits for the primary before it asks for the next, the same on all nodes. @defaultValue 2_000 */
  readonly viewTimeoutMs?: number;
  /**
   * Most bytes of the state: keys, values and some 80 bytes for each key. A write beyond it fails with `OOM`, and deletes go on. It is the
   * same on all nodes from the cluster's birth on, and no more than 4 GiB. @defaultValue 1_073_741_824
   */
  readonly maxStateBytes?: number;
  /** Level of the log, JSON lines on standard output. @defaultValue "info" */
  readonly logLevel?: "debug" | "info" | "warn" | "error" | "silent";
}

/** Configuration as read: complete and consistent. */
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
  readonly viewTimeoutMs: number;
  readonly maxStateBytes: number;
  readonly logLevel: "debug" | "info" | "warn" | "error" | "silent";
}

const REPLICAS_MAX = 31;
/** Less would not hold a few of the longest values. */
const MAX_STATE_BYTES_LEAST = 16_777_216;
/** More could need more chunks than a checkpoint of the log has. */
const MAX_STATE_BYTES_MOST = 4_294_967_296;
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
    publicKey: Optional(PUBLIC_KEY),
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
    viewTimeoutMs: Optional(IntRange(1, 120_000), 2_000),
    maxStateBytes: Optional(IntRange(MAX_STATE_BYTES_LEAST, MAX_STATE_BYTES_MOST), MAX_STATE_BYTES),
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
    const own = parsed.peers.find(({ id }) => id === parsed.nodeId);
    return { ...parsed, peers: parsed.peers.filter((peer) => peer !== own), ...(own && { publicKey: own.publicKey }) };
  } catch (error) {
    if (!(error instanceof RefinementError)) throw error;
    throw new ConfigError(error.issues.map(({ path, reason }) => ({ path: path.map(String).join("."), reason })));
  }
}

/** Resolves the paths of a configuration against `folder`. */
export function resolvePaths(config: SystemConfig, folder: string): SystemConfig {
  const seen = (path: string | undefined): string | undefined => (path === undefined || isAbsolute(path) ? path : join(folder, path));
  const names = ["dataDirectory", "keyFile", "certificateFile", "rootKeyFile"] as const;
  return { ...config, ...Object.fromEntries(names.flatMap((name) => (config[name] === undefined ? [] : [[name, seen(config[name])]]))) };
}

/** Checks the rules that span several fields. */
function inconsistencies(config: ParsedConfig): readonly ConfigMistake[] {
  const { replicaIds, pbftF, peers } = config;
  const found: ConfigMistake[] = [];
  const say = (path: string, reason: string): unknown => found.push({ path, reason });
  if (replicaIds.length > REPLICAS_MAX) say("replicaIds", `expected at most ${REPLICAS_MAX} replicas, got ${replicaIds.length}`);
  if (new Set(replicaIds).size < replicaIds.length) say("replicaIds", "expected distinct names");
  if (config.enablePbft && replicaIds.length < 3 * pbftF + 1) {
    say("pbftF", `expected at least 3f+1 = ${3 * pbftF + 1} replicas, got ${replicaIds.length}; add replicas or lower pbftF`);
  }
  const leastMs = timeoutMsMin(config);
  if (config.enablePbft && config.timeoutMs < leastMs)
    say("timeoutMs", `expected at least ${leastMs} with a viewTimeoutMs of ${config.viewTimeoutMs}, got ${config.timeoutMs}, since a primary that ignores this node is replaced after that; raise timeoutMs, or lower viewTimeoutMs on all nodes`);
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
